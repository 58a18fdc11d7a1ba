/**
 * Workflows that were set up from elsewhere: what they have is read before something is written or taken away that
 * could be theirs. Whoever asks while a look is under way shares the next one, since that one may have begun too early.
 */
import type { Clock } from "../core/ports.ts";
import type { Key, Pass } from "../core/resource.ts";
import type { Problem } from "../workflow/problem.ts";
import type { Catalog, Head } from "./ports.ts";

type For = Pick<Pass, "folder">;

export interface Elsewhere {
  /** Answers another text when what they ask of the foundation has changed. @param inForce names of this folder's */
  look(inForce: ReadonlyMap<string, Head>): Promise<string>;
  /** What of this workflow belongs to one of them already. @param beside the workflows of this folder that are to stand */
  claims(
    workflow: Head,
    inForce: ReadonlyMap<string, Head>,
    beside: () => readonly Head[],
  ): Promise<readonly Problem[]>;
  /** The id of another folder, for which this workflow was set up by the last look; undefined: none, or nobody asks. */
  keeperOf(workflow: string, pass: For): Promise<string | undefined>;
  /**
   * What they use, each with the name of one that does.
   * @param going names of those that are being taken away
   * @param pass for whom: what another folder keeps is not taken away with them. @default nobody asks whose they are
   */
  uses(inForce: ReadonlyMap<string, Head>, going: ReadonlySet<string>, pass?: For): Promise<ReadonlyMap<Key, string>>;
}

/**
 * A daemon that starts asks for each of its workflows within seconds, and each look lists what a whole account has: so many
 * of them begin within this time, milliseconds.
 */
const LOOKS = { most: 10, withinMs: 10_000 };

interface Look {
  readonly text: string;
  /** Names of workflows that were in force in this folder: what those have left is no stranger's. */
  readonly seenHere: ReadonlySet<string>;
}

export function createElsewhere(deps: {
  catalog: Catalog;
  clock: Clock;
  seenHere(): Promise<ReadonlySet<string>>;
  /** Aborts when the engine is to stop: no look waits for its time then. */
  asked: AbortSignal;
}): Elsewhere {
  const { catalog, clock } = deps;
  let latest: ReadonlyMap<string, Head> = new Map();
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Look> | undefined;
  /** Of the latest looks, oldest first. */
  const beganAt: number[] = [];

  function look(inForce: ReadonlyMap<string, Head>): Promise<Look> {
    latest = inForce;
    next ??= begin();
    return next;
  }

  async function begin(): Promise<Look> {
    await running;
    const waitMs = beganAt.length < LOOKS.most ? 0 : beganAt.shift()! + LOOKS.withinMs - clock.monotonic();
    if (waitMs > 0) await clock.sleep(waitMs, deps.asked).catch(() => {});
    // Who asks from here on may know of something that this look is too early for.
    next = undefined;
    beganAt.push(clock.monotonic());
    const now = Promise.all([catalog.lookElsewhere(new Set(latest.keys())), deps.seenHere()]);
    running = now.catch(() => {});
    const [text, seenHere] = await now;
    return { text, seenHere };
  }

  async function keeperOf(workflow: string, { folder }: For): Promise<string | undefined> {
    if (folder === undefined) return undefined;
    const keeper = await catalog.folderOf(workflow);
    return keeper === folder ? undefined : keeper;
  }

  return {
    look: async (inForce) => (await look(inForce)).text,
    async claims(workflow, inForce, beside) {
      const { seenHere } = await look(inForce);
      return catalog.checkElsewhere(workflow, beside(), seenHere);
    },
    keeperOf,
    async uses(inForce, going, pass = {}) {
      await look(inForce);
      const names = [...going];
      const keepers = await Promise.all(names.map((name) => keeperOf(name, pass)));
      return catalog.usedElsewhere(new Set(names.filter((_, at) => keepers[at] === undefined)));
    },
  };
}
