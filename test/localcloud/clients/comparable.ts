import { plain } from "../wire/plain.ts";

/**
 * An answer as every client could have read it: what two runs cannot have in common (times, ids of requests, ports) is named
 * by its kind, and what clients write in ways of their own is written in one.
 */
export async function comparable(answer: unknown, endpoint: string): Promise<unknown> {
  return settle(await plain(answer), "", endpoint);
}

function settle(value: unknown, name: string, endpoint: string): unknown {
  // The one is about the call. The other boto3 asks for, and undoes, by itself.
  if (name === "$metadata" || name === "EncodingType") return undefined;
  if (typeof value === "number") return isTime(value) ? "<time>" : value;
  if (typeof value === "string") return text(value, name, endpoint);
  if (typeof value !== "object" || value === null) return value;
  if ("$time" in value) return "<time>";
  if ("$bytes" in value) return Buffer.from(value.$bytes as string, "base64").toString("latin1");
  if (Array.isArray(value)) return value.map((item) => settle(item, name, endpoint));
  const entries = Object.entries(value)
    .map(([key, item]) => [key, settle(item, key, endpoint)] as const)
    // Python says an empty text where JavaScript says nothing.
    .filter(([, item]) => item !== undefined && item !== "");
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function text(value: string, name: string, endpoint: string): unknown {
  // IAM's documents travel encoded, and boto3 reads them itself.
  if (value.startsWith("%7B")) return JSON.parse(decodeURIComponent(value));
  if (
    /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:?\d{2})$/.test(value) ||
    /^\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT$/.test(value)
  )
    return "<time>";
  if (/^\d{10,13}$/.test(value) && isTime(Number(value))) return "<time>";
  if (/RequestId$|^(KeyMaterial|KeyFingerprint|ClientToken)$/.test(name)) return "<drawn>";
  return value.replaceAll(endpoint, "<endpoint>");
}

/** Seconds or milliseconds since the epoch, of this decade or the next two. */
function isTime(value: number): boolean {
  return (value > 1.7e9 && value < 2.6e9) || (value > 1.7e12 && value < 2.6e12);
}
