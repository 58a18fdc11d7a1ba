import { globMatcher } from "../glob.ts";
import { createRandom } from "../random.ts";

/**
 * What can be made to go wrong with things, as faults are with calls, and which facts narrow it down:
 * - `no-capacity`: RunInstances answers InsufficientInstanceCapacity
 * - `never-registers`: an instance boots and does not join its cluster
 * - `image-pull`: a task's image cannot be had
 * - `function-crash`: a function's process dies when its handler has done all it had to do, before it can say so
 * - `duplicate-notification`: a bucket tells of an object twice
 * - `late-notification`: a bucket tells of an object a minute later, so that others overtake it
 */
export const mishapFacts = {
  "no-capacity": ["instanceType", "subnet", "zone", "market"],
  "never-registers": ["instanceType", "subnet", "zone", "market"],
  "image-pull": ["image"],
  "function-crash": ["function"],
  "duplicate-notification": ["bucket", "key"],
  "late-notification": ["bucket", "key"],
} as const;

export type MishapKind = keyof typeof mishapFacts;

export interface MishapRule {
  readonly kind: MishapKind;
  /** Globs by the name of the fact: `{ instanceType: "t3.*", market: "spot" }`. @default everything */
  readonly where?: Readonly<Record<string, string>>;
  /**
   * Chance to strike, 0–1, drawn from the world's seed for each thing by itself: the same seed strikes the same things, in
   * whatever order they come. @default 1
   */
  readonly probability?: number;
  /** Ends after that many strikes. @default unlimited */
  readonly count?: number;
}

export interface Mishap extends MishapRule {
  readonly id: string;
  readonly strikes: number;
}

export interface Mishaps {
  /** Answers the new mishap's id. */
  add(rule: MishapRule): string;
  list(): Mishap[];
  /** Without an id: all. */
  clear(id?: string): void;
  /** Whether such a mishap strikes the thing of which these are the facts. */
  strikes(kind: MishapKind, facts: Readonly<Record<string, string>>): boolean;
}

export function createMishaps(seed: number): Mishaps {
  const active: { id: string; rule: MishapRule; draws: Map<string, () => number>; strikes: number }[] = [];
  let added = 0;
  const draw = ({ id, draws }: (typeof active)[number], thing: string): number => {
    const next = draws.get(thing) ?? createRandom(seed, `${id} ${thing}`);
    draws.set(thing, next);
    return next();
  };
  return {
    add(rule) {
      added += 1;
      const id = `mishap-${added}`;
      active.push({ id, rule, draws: new Map(), strikes: 0 });
      return id;
    },
    list: () => active.map(({ id, rule, strikes }) => ({ ...rule, id, strikes })),
    clear(id) {
      for (let index = active.length - 1; index >= 0; index--) {
        if (id === undefined || active[index]!.id === id) active.splice(index, 1);
      }
    },
    strikes(kind, facts) {
      for (const one of active) {
        const { rule } = one;
        if (rule.kind !== kind || one.strikes >= (rule.count ?? Number.POSITIVE_INFINITY)) continue;
        if (!Object.entries(rule.where ?? {}).every(([fact, glob]) => globMatcher(glob)(facts[fact] ?? ""))) continue;
        if (rule.probability !== undefined && draw(one, Object.values(facts).join(" ")) >= rule.probability) continue;
        one.strikes += 1;
        return true;
      }
      return false;
    },
  };
}
