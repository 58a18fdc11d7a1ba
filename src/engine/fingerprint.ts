/** A short name for what a resource is to be: the spec's hash and the values of its references. */
import { refsOf } from "../core/refs.ts";
import type { Desired, Key, Observed } from "../core/resource.ts";
import { specHash } from "../core/spec-hash.ts";

/** Specs live as long as their file stays as it is, so each is hashed once and not once a pass. */
const hashes = new WeakMap<Desired, { hash: string; refs: ReturnType<typeof refsOf> }>();

export function fingerprint(desired: Desired, observed: ReadonlyMap<Key, Observed>): string {
  const known = hashes.get(desired) ?? { hash: specHash(desired.spec), refs: refsOf(desired.spec) };
  hashes.set(desired, known);
  const values = known.refs.map(({ ref, field }) => {
    const target = observed.get(ref);
    return target && "actual" in target ? (target.actual as Record<string, unknown> | undefined)?.[field] : undefined;
  });
  return values.length === 0 ? known.hash : specHash([known.hash, values]);
}
