/**
 * A value as data that can be compared: bytes and streams as text, big numbers as numbers, nothing that is undefined. Empty
 * lists and objects go too: several protocols cannot say them.
 */
export async function plain(value: unknown): Promise<unknown> {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (typeof value !== "object" || value === null) return value ?? undefined;
  if ("transformToByteArray" in value && typeof value.transformToByteArray === "function") {
    return Buffer.from(await value.transformToByteArray()).toString("latin1");
  }
  if ("bytes" in value && typeof value.bytes === "function") return value.bytes().toString("latin1");
  if (Array.isArray(value)) {
    const items = await Promise.all(value.map(plain));
    return items.every((item) => item === undefined) ? undefined : items;
  }
  const result: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const flat = await plain(item);
    if (flat !== undefined) result[name] = flat;
  }
  return Object.keys(result).length === 0 ? undefined : result;
}
