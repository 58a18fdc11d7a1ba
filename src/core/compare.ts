/** Comparing what is wanted with what AWS says: one rule per format, used by every kind. */
import type { Change } from "./resource.ts";

/** Text of a value in which the order of an object's fields does not matter; that of a list does. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? "undefined";
}

export const same = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

/** Equal as sets: order and repetition do not matter. An absent list is an empty one. */
export function sameSet(one: readonly unknown[] | undefined, other: readonly unknown[] | undefined): boolean {
  const texts = (list: readonly unknown[] | undefined) => [...new Set((list ?? []).map(canonical))].sort();
  return same(texts(one), texts(other));
}

/** A field that differs, as a list of none or one, so that a `diff` reads as one array of its fields. */
export function field<T>(
  path: string,
  want: T,
  have: unknown,
  equal: (want: T, have: never) => boolean = same,
): Change[] {
  return equal(want, have as never) ? [] : [{ path, want, have: have === undefined ? null : have }];
}

/** A field that AWS cannot change in place. */
export function fixedField(path: string, want: unknown, have: unknown): Change[] {
  return field(path, want, have).map((change) => ({ ...change, replace: true }));
}

/** JSON text compared by meaning; text that is no JSON is compared as text. */
export function sameJson(one: string | undefined, other: string | undefined): boolean {
  return same(parsed(one), parsed(other));
}

/** Does a path, or the path of something above it, match? `redrive` covers `redrive.maxReceives`. */
export function covers(pattern: string, path: string): boolean {
  return path === pattern || path.startsWith(pattern + ".") || path.startsWith(pattern + "[");
}

function parsed(text: string | undefined): unknown {
  if (text === undefined || text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
