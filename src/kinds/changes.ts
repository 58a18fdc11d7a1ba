/** From the changes of a plan to what a write must send: what they name, and nothing else. */
import { covers, field } from "../core/compare.ts";
import { Failure, LeftBehind } from "../core/failure.ts";
import type { Tags } from "../core/owner.ts";
import type { Change } from "../core/resource.ts";

/** Is any of the changes about one of these fields, or about something inside it? */
export const touches = (changes: readonly Change[], ...paths: readonly string[]): boolean =>
  changes.some((change) => paths.some((path) => covers(path, change.path)));

/** Is any of the changes about something else than tags? */
export const touchesMoreThanTags = (changes: readonly Change[]): boolean =>
  changes.some((change) => !covers("tags", change.path));

/** One change per differing entry of a map (`environment.NAME`). Entries beside the wanted ones go, unless others' may stay. */
export function entryChanges<T>(
  path: string,
  want: Readonly<Record<string, T>>,
  have: Readonly<Record<string, unknown>>,
  othersStay: boolean,
  equal?: (want: T, have: never) => boolean,
): Change[] {
  const others = othersStay ? [] : Object.keys(have).filter((name) => !Object.hasOwn(want, name));
  return [
    ...Object.entries(want).flatMap(([name, value]) => field(`${path}.${name}`, value, have[name], equal)),
    ...others.map((name) => ({ path: `${path}.${name}`, want: null, have: have[name] })),
  ];
}

/** A map as it stands, with the changed entries as wanted. */
export function withEntries<T>(
  path: string,
  standing: Readonly<Record<string, T>>,
  changes: readonly Change[],
): Record<string, T> {
  const entries = new Map(Object.entries(standing));
  for (const change of changes.filter((one) => one.path.startsWith(`${path}.`))) {
    const name = change.path.slice(path.length + 1);
    if (change.want === null) entries.delete(name);
    else entries.set(name, change.want as T);
  }
  return Object.fromEntries(entries);
}

/**
 * What stands, with the changed fields as wanted: for calls that replace everything, so that a field which nobody
 * asked to change (it may be ignored by wish) keeps its value.
 */
export function withChanges<S extends object>(standing: S, spec: S, changes: readonly Change[]): S {
  const changed = (Object.keys(standing) as (keyof S & string)[]).filter((name) => touches(changes, name));
  return { ...standing, ...Object.fromEntries(changed.map((name) => [name, spec[name]])) };
}

/** Sets and removes the tags that the changes name; all others stay. */
export async function writeTags(
  changes: readonly Change[],
  write: { set(tags: Tags): Promise<unknown>; remove(names: string[]): Promise<unknown> },
): Promise<void> {
  const named = changes.filter((change) => change.path.startsWith("tags."));
  const nameOf = (change: Change) => change.path.slice("tags.".length);
  const set = named.filter((change) => change.want !== null);
  const remove = named.filter((change) => change.want === null);
  if (set.length > 0) {
    await write.set(Object.fromEntries(set.map((change) => [nameOf(change), change.want as string])));
  }
  if (remove.length > 0) await write.remove(remove.map(nameOf));
}

/**
 * Takes away what a change left over: whether that succeeds or not, the change stands.
 *
 * @throws LeftBehind where AWS would not do it, for a moment or for good
 */
export async function tidyUp(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof Failure ? new LeftBehind(what, error) : error;
  }
}
