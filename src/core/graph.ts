/** What needs what: the order in which desired resources may be written, and their picture. */
import type { Desired, Key } from "./resource.ts";

/**
 * Needs before those that need them; among equals the given order stays. Needs outside the list are someone else's work
 * (the foundation's) and do not count. Throws on a cycle: that is a bug of the desired side, never a person's mistake.
 */
export function inOrder<D extends Pick<Desired, "key" | "needs">>(desired: readonly D[]): D[] {
  const byKey = new Map<Key, D>(desired.map((one) => [one.key, one]));
  const done = new Set<Key>();
  const ordered: D[] = [];
  const visit = (one: D, path: readonly Key[]): void => {
    if (done.has(one.key)) return;
    if (path.includes(one.key)) throw new Error(`resources need each other: ${[...path, one.key].join(" → ")}`);
    for (const need of one.needs) {
      const target = byKey.get(need);
      if (target) visit(target, [...path, one.key]);
    }
    done.add(one.key);
    ordered.push(one);
  };
  for (const one of desired) visit(one, []);
  return ordered;
}

export interface Picture {
  readonly own: readonly string[];
  /** Needed, and the foundation's. */
  readonly shared: readonly string[];
  /** From what is needed to what needs it. */
  readonly arrows: readonly (readonly [from: string, to: string])[];
}

export function pictureOf(resources: readonly { readonly key: string; readonly needs: readonly string[] }[]): Picture {
  const own = [...new Set(resources.map((one) => one.key))];
  const arrows = resources.flatMap(({ key, needs }) => needs.map((need) => [need, key] as const));
  return { own, shared: [...new Set(arrows.map(([from]) => from))].filter((key) => !own.includes(key)), arrows };
}
