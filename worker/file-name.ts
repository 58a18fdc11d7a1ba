import { createHash } from "node:crypto";
import { extname } from "node:path";
import { cutBytes } from "../src/workflow/cut-bytes.ts";

/** Linux takes names of at most 255 bytes; a key's last part may have 1,024. */
const MOST_BYTES = 255;
const HASH_DIGITS = 12;
const MOST_EXTENSION_BYTES = 32;

/** The last part of a key as the name of a file: the same wherever a file can have it, else the nearest to it. */
export function fileName(key: string): string {
  const name = key.slice(key.lastIndexOf("/") + 1).replaceAll("\0", "_");
  if (["", ".", ".."].includes(name)) return "file";
  if (Buffer.byteLength(name) <= MOST_BYTES) return name;
  const extension = Buffer.byteLength(extname(name)) <= MOST_EXTENSION_BYTES ? extname(name) : "";
  const hash = createHash("sha256").update(key).digest("hex").slice(0, HASH_DIGITS);
  const room = MOST_BYTES - HASH_DIGITS - 1 - Buffer.byteLength(extension);
  return `${cutBytes(name, room)}-${hash}${extension}`;
}
