/** Under which name a key can lie on a disk. A key is any text; a path is not. Pure. */
import { createHash } from "node:crypto";
import { cutBytes } from "../workflow/cut-bytes.ts";

/** Bytes of one name, in every file system in use. */
const MOST_BYTES = 255;
const HASH_DIGITS = 12;

/**
 * A folder's or file's name for each part of the key. What would lead elsewhere (`.`, `..`, nothing, a backslash, a NUL) is
 * written as S3 would write it in a URL; a name that is too long keeps its beginning, and a hash of the whole.
 */
export const localName = (key: string): string[] => key.split("/").map(localPart);

function localPart(part: string): string {
  if (part === "") return "%2F";
  if (part === "." || part === "..") return part.replaceAll(".", "%2E");
  const safe = part.replace(/[\\\0]/g, (one) => encodeURIComponent(one));
  if (Buffer.byteLength(safe) <= MOST_BYTES) return safe;
  const dot = safe.lastIndexOf(".");
  const ending = dot > 0 && Buffer.byteLength(safe.slice(dot)) <= 16 ? safe.slice(dot) : "";
  const hash = createHash("sha256").update(part).digest("hex").slice(0, HASH_DIGITS);
  return `${cutBytes(safe, MOST_BYTES - HASH_DIGITS - 1 - Buffer.byteLength(ending))}-${hash}${ending}`;
}
