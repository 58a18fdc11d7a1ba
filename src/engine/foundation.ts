/**
 * The part that all workflows share, a target of its own. It is made of every workflow in force that is not refused, and
 * written only once one of them has passed all its checks and every other one has been judged: so nothing is made for a
 * workflow that turns out to be refused, and nothing is taken away from one that has merely not been looked at yet.
 */
import { same } from "../core/compare.ts";
import type { Change, Desired } from "../core/resource.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { Outcome, PassResult } from "./outcome.ts";
import type { Catalog, Head } from "./ports.ts";

/**
 * - `admitted`: passed every check and may be written.
 * - `silent`: part of the union, but no reason to write: suspended, report only, or refused though parts of it stand.
 * - `refused`: nothing of it stands, and nothing is made for it.
 * - `elsewhere`: another folder keeps one of this name, and what that one asks for counts.
 */
export type Verdict = "admitted" | "silent" | "refused" | "elsewhere";

export interface Foundation {
  judge(name: string, verdict: Verdict): void;
  isJudged(name: string): boolean;
  /** Names of workflows in force that another folder keeps. */
  readonly elsewhere: ReadonlySet<string>;
  /** The others: what stands under their names is this folder's. */
  readonly here: ReadonlyMap<string, Head>;
  /** Those of them that are not refused: what they ask for is to stand. */
  readonly union: readonly Head[];
  /** Workflows out of force are no members any more; changed ones are to be judged anew. */
  keepOnly(inForce: ReadonlyMap<string, Head>): void;
  /** Workflows that were set up from other folders share it too: what they ask for is read again. */
  lookElsewhere(): Promise<void>;
  /** Of all members; the same array as long as nothing changes it. */
  desired(): readonly Desired[];
  /** Since `lookElsewhere` began, a workflow has turned out to be another folder's: what that one asks for is not known yet. */
  readonly outdated: boolean;
  /** May it be written now? */
  readonly writable: boolean;
  /** Does it stand for all members? */
  readonly standing: boolean;
  /** The last pass over what is desired now went wrong: the next one comes in its own time. */
  readonly failing: boolean;
  passed(desired: readonly Desired[], result: PassResult): void;
  /** Only looked at. */
  looked(result: PassResult): void;
  readonly last: PassResult | undefined;
}

export interface FoundationDeps {
  readonly catalog: Catalog;
  readonly elsewhere: Elsewhere;
}

export function createFoundation({ catalog, elsewhere }: FoundationDeps): Foundation {
  const verdicts = new Map<string, { verdict: Verdict; hash: string }>();
  let members: ReadonlyMap<string, Head> = new Map();
  let hereNow: ReadonlyMap<string, Head> | undefined;
  let compiled: { of: string; desired: readonly Desired[] } | undefined;
  /** Passes ask often, and members change rarely. */
  let current = false;
  let askedElsewhere = "";
  let outdated = false;
  let stands: readonly Desired[] | undefined;
  let last: PassResult | undefined;
  let lastOf: readonly Desired[] | undefined;

  const verdictOf = (workflow: Head): Verdict | undefined => {
    const known = verdicts.get(workflow.name);
    return known?.hash === workflow.hash ? known.verdict : undefined;
  };

  function here(): ReadonlyMap<string, Head> {
    hereNow ??= new Map([...members].filter(([, workflow]) => verdictOf(workflow) !== "elsewhere"));
    return hereNow;
  }

  const union = (): Head[] => [...here().values()].filter((workflow) => verdictOf(workflow) !== "refused");

  function desired(): readonly Desired[] {
    if (compiled && current) return compiled.desired;
    const heads = union();
    const of = [askedElsewhere, ...heads.map((workflow) => `${workflow.name} ${workflow.hash}`)].join("\n");
    if (compiled?.of !== of) {
      const fresh = heads.length === 0 ? [] : catalog.compileFoundation(heads);
      // Most workflows add nothing of their own; then what stands goes on standing.
      const unchanged = compiled !== undefined && JSON.stringify(fresh) === JSON.stringify(compiled.desired);
      compiled = { of, desired: unchanged && compiled ? compiled.desired : fresh };
    }
    current = true;
    return compiled.desired;
  }

  return {
    judge(name, verdict) {
      const workflow = members.get(name);
      const before = workflow && verdictOf(workflow);
      if (!workflow || before === verdict) return;
      verdicts.set(name, { verdict, hash: workflow.hash });
      outdated ||= verdict === "elsewhere";
      if (verdict === "elsewhere" || before === "elsewhere") hereNow = undefined;
      current = false;
    },
    isJudged(name) {
      const workflow = members.get(name);
      return workflow !== undefined && verdictOf(workflow) !== undefined;
    },
    get elsewhere() {
      return new Set(members.keys()).difference(here());
    },
    get here() {
      return here();
    },
    get union() {
      return union();
    },
    keepOnly(inForce) {
      members = new Map(inForce);
      hereNow = undefined;
      for (const name of verdicts.keys()) if (!members.has(name)) verdicts.delete(name);
      current = false;
    },
    async lookElsewhere() {
      outdated = false;
      askedElsewhere = await elsewhere.look(here());
      current = false;
    },
    desired,
    get outdated() {
      return outdated;
    },
    get writable() {
      const all = [...members.values()].map(verdictOf);
      return all.includes("admitted") && !all.includes(undefined);
    },
    get standing() {
      return stands !== undefined && stands === desired();
    },
    get failing() {
      return lastOf === desired() && (last?.outcome.is === "failed" || last?.outcome.is === "refused");
    },
    passed(of, result) {
      last = result;
      lastOf = of;
      stands = isStanding(result.outcome) ? of : undefined;
    },
    looked(result) {
      last = result;
    },
    get last() {
      return last;
    },
  };
}

const isStanding = (outcome: Outcome): boolean => outcome.is === "synced";

/** Does a change take away something that stands? While a file cannot be read, what it asks for is not known. */
export function shrinks({ want, have }: Pick<Change, "want" | "have">): boolean {
  if (typeof have !== "object" || have === null) return false;
  return !contains(want, have);
}

/** Does it bring anything that does not stand yet? */
export const grows = ({ want, have }: Pick<Change, "want" | "have">): boolean => !contains(have, want);

function contains(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part)) {
    const wholes = Array.isArray(whole) ? whole : [whole];
    return part.every((one) => wholes.some((other) => contains(other, one)));
  }
  if (typeof part !== "object" || part === null)
    return same(whole, part) || (Array.isArray(whole) && whole.includes(part));
  if (typeof whole !== "object" || whole === null) return false;
  return Object.entries(part).every(([name, inner]) => contains((whole as Record<string, unknown>)[name], inner));
}
