/** Zips that are the same, byte for byte, wherever they are made: one date, one mode. */
import { zipSync } from "fflate";

/** A zip of one file with a second one behind it, as it is. The first one's bytes stay as they were compressed. */
export function withFile(zip: Uint8Array, name: string, text: string): Uint8Array {
  const attributes = { level: 0, mtime: new Date(1980, 0, 1), os: 3, attrs: (0o100644 << 16) >>> 0 } as const;
  const first = partsOf(zip);
  const second = partsOf(zipSync({ [name]: [Buffer.from(text), attributes] }));
  second.entry.writeUInt32LE(first.files.length, ENTRY_FILE_AT);
  const { end } = second;
  for (const at of END_COUNTS_AT) end.writeUInt16LE(2, at);
  end.writeUInt32LE(first.entry.length + second.entry.length, END_DIRECTORY_SIZE);
  end.writeUInt32LE(first.files.length + second.files.length, END_DIRECTORY_AT);
  return Buffer.concat([first.files, second.files, first.entry, second.entry, end]);
}

// Offsets in the records of a zip (PKWARE's APPNOTE, 4.3.12 and 4.3.16).
const ENTRY_FILE_AT = 42;
const END_BYTES = 22;
const END_COUNTS_AT = [8, 10];
const END_DIRECTORY_SIZE = 12;
const END_DIRECTORY_AT = 16;

/** Of a zip of one file: the file, its entry in the directory, and the record at the end, which has no comment. */
function partsOf(zip: Uint8Array) {
  const all = Buffer.from(zip);
  const end = all.subarray(-END_BYTES);
  const directoryAt = end.readUInt32LE(END_DIRECTORY_AT);
  return { files: all.subarray(0, directoryAt), entry: all.subarray(directoryAt, -END_BYTES), end };
}
