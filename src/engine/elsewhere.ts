/**
 * Workflows that were set up from elsewhere: what they have is read before something is written or taken away that
 * could be theirs. Whoever asks while a look is under way shares the next one, since that one may have begun too early.
 */
import type { Key } from "../core/resource.ts";
import type { Problem } from "../workflow/problem.ts";
import type { Catalog, Head } from "./ports.ts";

export interface Elsewhere {
  /** Answers another text when what they ask of the foundation has changed. @param inForce names of this folder's */
  look(inForce: ReadonlyMap<string, Head>): Promise<string>;
  /** What of this workflow belongs to one of them already. @param beside the workflows of this folder that are to stand */
  claims(
    workflow: Head,
    inForce: ReadonlyMap<string, Head>,
    beside: () => readonly Head[],
  ): Promise<readonly Problem[]>;
  /** What they use, each with the name of one that does. @param going names of those that are being taken away */
  uses(inForce: ReadonlyMap<string, Head>, going: ReadonlySet<string>): Promise<ReadonlyMap<Key, string>>;
}

/** @param seenHere names of workflows that were in force in this folder: what those have left is no stranger's */
export function createElsewhere(deps: { catalog: Catalog; seenHere(): Promise<ReadonlySet<string>> }): Elsewhere {
  const { catalog } = deps;
  let latest: ReadonlyMap<string, Head> = new Map();
  let running: Promise<string> | undefined;
  let next: Promise<string> | undefined;

  function look(inForce: ReadonlyMap<string, Head>): Promise<string> {
    latest = inForce;
    if (!running) return begin();
    next ??= running.then(begin, begin);
    return next;
  }

  function begin(): Promise<string> {
    next = undefined;
    const mine = catalog.lookElsewhere(new Set(latest.keys()));
    const ended = (): void => {
      if (running === mine) running = undefined;
    };
    running = mine;
    mine.then(ended, ended);
    return mine;
  }

  return {
    look,
    async claims(workflow, inForce, beside) {
      const [, seenHere] = await Promise.all([look(inForce), deps.seenHere()]);
      return catalog.checkElsewhere(workflow, beside(), seenHere);
    },
    async uses(inForce, going) {
      await look(inForce);
      return catalog.usedElsewhere(going);
    },
  };
}
