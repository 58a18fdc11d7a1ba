/** Everything of ours in the account, by kind and then by workflow: what stands there is the only list that counts. */
import type { Inventoried, Pass, Registry } from "../core/resource.ts";

/** Kind → its rows. */
export type Inventory = ReadonlyMap<string, readonly Inventoried[]>;

/** @throws where one kind cannot be listed: half an inventory is none */
export async function takeInventory(registry: Registry, pass: Pass): Promise<Inventory> {
  const listed = [...registry.values()].map(async (kind): Promise<[string, Inventoried[]]> => {
    const rows: Inventoried[] = [];
    for await (const row of kind.list(pass)) rows.push(row);
    return [kind.kind, rows];
  });
  return new Map(await Promise.all(listed));
}

export function rowsWhere(inventory: Inventory, wanted: (row: Inventoried, kind: string) => boolean): Inventory {
  return new Map([...inventory].map(([kind, rows]) => [kind, rows.filter((row) => wanted(row, kind))]));
}

export const isEmpty = (inventory: Inventory): boolean => [...inventory.values()].every((rows) => rows.length === 0);

/** Names of all workflows that anything was made for, the foundation's included. */
export const workflowsOf = (inventory: Inventory): Set<string> =>
  new Set([...inventory.values()].flatMap((rows) => rows.map((row) => row.workflow)).filter((name) => name !== ""));
