/** A short name for a spec's content: equal specs, equal hashes, whatever the order of their fields. */
import { createHash } from "node:crypto";
import { canonical } from "./compare.ts";

/** 16 hexadecimal digits of SHA-256. */
export function specHash(spec: unknown): string {
  return createHash("sha256").update(canonical(spec)).digest("hex").slice(0, 16);
}
