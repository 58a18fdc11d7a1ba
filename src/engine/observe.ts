/** Reading: what AWS says of the resources of one pass. */
import { refsOf } from "../core/refs.ts";
import { type Desired, type Key, kindFor, nameOf, type Observed, type Pass, type Registry } from "../core/resource.ts";
import { concurrently } from "./concurrently.ts";

export interface Observation {
  readonly observed: Map<Key, Observed>;
  /** Reads that failed. */
  readonly failures: Map<Key, Error>;
}

/** Each resource once, those to which references point included. */
export function keysToRead(desired: readonly Desired[]): Key[] {
  const keys = new Set<Key>();
  for (const one of desired) {
    keys.add(one.key);
    for (const { ref } of refsOf(one.spec)) keys.add(ref);
  }
  return [...keys];
}

/** Reads all at once, as far as the bound allows; an earlier observation is completed in place. */
export async function observe(
  deps: { registry: Registry; readsPerPass: number },
  keys: readonly Key[],
  pass: Pass,
  into: Observation = { observed: new Map(), failures: new Map() },
): Promise<Observation> {
  await concurrently(keys, deps.readsPerPass, async (key) => {
    try {
      into.observed.set(key, await kindFor(deps.registry, key).read(nameOf(key), pass));
      into.failures.delete(key);
    } catch (error) {
      into.failures.set(key, asError(error));
    }
  });
  return into;
}

export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
