/** Comparing what is wanted with what AWS says: one rule per format, used by every kind. */
import type { Change } from "./resource.ts";

/** Text of a value in which the order of an object's fields does not matter; that of a list does. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? "undefined";
}

/** Equal as JSON, without writing any: passes compare some hundred fields, almost all of them equal. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((inner, index) => same(inner, other[index]));
  }
  if (isGroup(one) && isGroup(other)) {
    const [names, others] = [namesIn(one), namesIn(other)];
    return names.length === others.length && names.every((name) => same(one[name], other[name]));
  }
  return JSON.stringify(one) === JSON.stringify(other);
}

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

/** Does a path, or the path of something above it, match? `redrive` covers `redrive.maxReceives`. */
export function covers(pattern: string, path: string): boolean {
  return path === pattern || path.startsWith(pattern + ".") || path.startsWith(pattern + "[");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isGroup(value)) return value;
  return Object.fromEntries(
    namesIn(value)
      .sort()
      .map((name) => [name, sorted(value[name])]),
  );
}

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** A field without a value is as if absent. */
const namesIn = (group: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(group).filter((name) => group[name] !== undefined);
