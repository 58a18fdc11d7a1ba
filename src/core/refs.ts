/** References from one desired resource to another's generated value. */
import type { Key, Observed, Ref } from "./resource.ts";

export const ref = (key: Key, field: string): Ref => ({ ref: key, field });

export const isRef = (value: unknown): value is Ref =>
  typeof value === "object" && value !== null && typeof (value as Ref).ref === "string" && "field" in value;

/** Every reference inside a spec, in the order of its fields. */
export function refsOf(spec: unknown): Ref[] {
  if (isRef(spec)) return [spec];
  if (Array.isArray(spec)) return spec.flatMap(refsOf);
  if (spec instanceof Uint8Array || typeof spec !== "object" || spec === null) return [];
  return Object.values(spec).flatMap(refsOf);
}

export type Resolved = { readonly spec: unknown } | { readonly missing: Ref };

/** Replaces each reference by what was observed, or tells the first that cannot be answered yet. */
export function resolveRefs(spec: unknown, observed: ReadonlyMap<Key, Observed>): Resolved {
  const refs = refsOf(spec);
  // Most specs have none, and are planned at every pass: they need no copy.
  if (refs.length === 0) return { spec };
  const missing = refs.find((one) => valueFrom(one, observed) === undefined);
  return missing ? { missing } : { spec: substitute(spec, observed) };
}

function substitute(spec: unknown, observed: ReadonlyMap<Key, Observed>): unknown {
  if (isRef(spec)) return valueFrom(spec, observed);
  if (Array.isArray(spec)) return spec.map((one) => substitute(one, observed));
  if (spec instanceof Uint8Array || typeof spec !== "object" || spec === null) return spec;
  return Object.fromEntries(Object.entries(spec).map(([name, value]) => [name, substitute(value, observed)]));
}

function valueFrom(wanted: Ref, observed: ReadonlyMap<Key, Observed>): unknown {
  const target = observed.get(wanted.ref);
  if (!target || (target.is !== "owned" && target.is !== "foreign")) return undefined;
  return (target.actual as Record<string, unknown>)[wanted.field];
}
