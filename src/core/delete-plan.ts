/** What is taken away once no file asks for it, and in which order: the registry's, backwards. Pure. */
import { type AnyResource, type Inventoried, type Key, keyOf, type Registry } from "./resource.ts";

export interface DeletePlanInput {
  readonly registry: Registry;
  /** Everything found that belongs to what goes. */
  readonly inventory: ReadonlyMap<string, readonly Inventoried[]>;
  /** Keys that a live workflow still asks for: never deleted. */
  readonly live: ReadonlySet<Key>;
  /** What workflows use that were set up from elsewhere, each with the name of one: never deleted. @default nothing */
  readonly used?: ReadonlyMap<Key, string>;
  /** A person asked for all of it: `retain-all` and `retain-data` give way, adopted things never do. */
  readonly regardless: boolean;
}

export interface DeletePlan {
  /** Where events come from: first, so that nothing new arrives. */
  readonly sources: readonly Key[];
  /** Then, once nothing is busy, level by level: one kind a level. */
  readonly levels: readonly (readonly Key[])[];
  /** What stays, and why. `later`: it may go another time. */
  readonly kept: readonly { readonly key: Key; readonly why: string; readonly later: boolean }[];
}

export function planDeletion(input: DeletePlanInput): DeletePlan {
  const kept: { key: Key; why: string; later: boolean }[] = [];
  const levels: Key[][] = [];
  const sources: Key[] = [];
  for (const kind of [...input.registry.values()].reverse()) {
    const going: Key[] = [];
    for (const one of input.inventory.get(kind.kind) ?? []) {
      const key = keyOf(kind.kind, one.name);
      const why = reasonToKeep(kind, key, one, input);
      const user = input.used?.get(key);
      if (why !== undefined) kept.push({ key, why, later: false });
      else if (user !== undefined) kept.push({ key, why: usedBy(user), later: true });
      else going.push(key);
    }
    if (kind.eventSource) sources.push(...going);
    else if (going.length > 0) levels.push(going);
  }
  return { sources, levels, kept };
}

const usedBy = (workflow: string): string => `the workflow "${workflow}", which was set up from elsewhere, uses it`;

function reasonToKeep(kind: AnyResource, key: Key, one: Inventoried, input: DeletePlanInput): string | undefined {
  if (!kind.delete) return "only verified, never ours";
  if (one.adopted) return "adopted: never deleted";
  if (input.live.has(key)) return "another workflow uses it";
  if (input.regardless) return undefined;
  if (one.onDelete === "retain-all") return 'on_delete is "retain-all"';
  if (one.onDelete === "retain-data" && kind.holdsData) return 'on_delete is "retain-data"';
  return undefined;
}
