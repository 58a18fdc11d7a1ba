/**
 * A zip of a folder, written as it is read: nothing of it lies in memory or on the disk. The same files make the same
 * bytes. Sizes and offsets beyond 4 GiB, and more than 65,535 files, take the ZIP64 forms (PKWARE APPNOTE 4.5.3).
 */
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { crc32, createDeflateRaw } from "node:zlib";
import type { Entry } from "./folder.ts";

const MOST_32 = 0xffff_ffff;
const MOST_16 = 0xffff;
/** Files from here on have 8-byte sizes: what does not shrink may grow a little. */
const WIDE_FROM = 0xff00_0000;

/** 4.5 reads ZIP64, 3 is Unix, which gives the mode its meaning. */
const VERSION = 45;
const MADE_BY = (3 << 8) | VERSION;
/** Sizes follow the data; names are UTF-8. */
const FLAGS = 0x0808;
const DEFLATE = 8;
const STORE = 0;
/** 1 January 1980, the earliest that a zip can say. */
const DATE = 0x0021;

interface Written {
  readonly entry: Entry;
  readonly name: Buffer;
  readonly offset: number;
  readonly crc: number;
  readonly size: number;
  readonly packed: number;
}

export async function* zipFolder(folder: string, entries: readonly Entry[]): AsyncGenerator<Buffer> {
  const directory: Written[] = [];
  let offset = 0;
  const count = (chunk: Buffer): Buffer => {
    offset += chunk.length;
    return chunk;
  };
  for (const entry of entries) {
    const start = offset;
    const name = Buffer.from(entry.kind === "folder" ? `${entry.path}/` : entry.path);
    yield count(localHeader(entry, name));
    const content = { crc: 0, size: 0, packed: 0 };
    if (entry.kind === "file") {
      for await (const chunk of deflated(join(folder, entry.path), content)) yield count(chunk);
      yield count(dataDescriptor(content, isWide(entry)));
    }
    directory.push({ entry, name, offset: start, ...content });
  }
  const directoryOffset = offset;
  for (const written of directory) yield count(centralHeader(written));
  yield endOfDirectory(directory.length, offset - directoryOffset, directoryOffset);
}

/** An upper bound, for what must be known before. */
export const zipBytesMost = (entries: readonly Entry[]): number =>
  entries.reduce((sum, { path, size }) => sum + size * 1.001 + 2 * Buffer.byteLength(path) + 256, 256);

const isWide = ({ size }: Entry): boolean => size >= WIDE_FROM;

async function* deflated(path: string, content: { crc: number; size: number; packed: number }): AsyncGenerator<Buffer> {
  const deflate = createDeflateRaw();
  const feeding = pipeline(
    createReadStream(path, { highWaterMark: 256 * 1024 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        content.crc = crc32(chunk, content.crc);
        content.size += chunk.length;
        yield chunk;
      }
    },
    deflate,
  );
  // Its failure comes out of the loop, too.
  feeding.catch(() => {});
  for await (const chunk of deflate as AsyncIterable<Buffer>) {
    content.packed += chunk.length;
    yield chunk;
  }
  await feeding;
}

function localHeader(entry: Entry, name: Buffer): Buffer {
  const wide = isWide(entry);
  const extra = wide ? zip64([0, 0]) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(entry.kind === "file" ? FLAGS : FLAGS & ~8, 6);
  header.writeUInt16LE(entry.kind === "file" ? DEFLATE : STORE, 8);
  header.writeUInt16LE(DATE, 12);
  header.writeUInt32LE(wide ? MOST_32 : 0, 18);
  header.writeUInt32LE(wide ? MOST_32 : 0, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

function dataDescriptor({ crc, size, packed }: Pick<Written, "crc" | "size" | "packed">, wide: boolean): Buffer {
  const descriptor = Buffer.alloc(wide ? 24 : 16);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  if (wide) {
    descriptor.writeBigUInt64LE(BigInt(packed), 8);
    descriptor.writeBigUInt64LE(BigInt(size), 16);
  } else {
    // Throws where a file has grown beyond what its header said.
    descriptor.writeUInt32LE(packed, 8);
    descriptor.writeUInt32LE(size, 12);
  }
  return descriptor;
}

function centralHeader({ entry, name, offset, crc, size, packed }: Written): Buffer {
  const isFile = entry.kind === "file";
  // In this order, and only those that do not fit their field.
  const extra = zip64([size, packed, offset].filter((value) => value >= MOST_32));
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(MADE_BY, 4);
  header.writeUInt16LE(VERSION, 6);
  header.writeUInt16LE(isFile ? FLAGS : FLAGS & ~8, 8);
  header.writeUInt16LE(isFile ? DEFLATE : STORE, 10);
  header.writeUInt16LE(DATE, 14);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(Math.min(packed, MOST_32), 20);
  header.writeUInt32LE(Math.min(size, MOST_32), 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  const mode = isFile ? (entry.isExecutable ? 0o100755 : 0o100644) : 0o040755;
  header.writeUInt32LE(mode * 2 ** 16 + (isFile ? 0 : 0x10), 38);
  header.writeUInt32LE(Math.min(offset, MOST_32), 42);
  return Buffer.concat([header, name, extra]);
}

function endOfDirectory(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, MOST_16), 8);
  end.writeUInt16LE(Math.min(count, MOST_16), 10);
  end.writeUInt32LE(Math.min(size, MOST_32), 12);
  end.writeUInt32LE(Math.min(offset, MOST_32), 16);
  if (count < MOST_16 && size < MOST_32 && offset < MOST_32) return end;

  const wide = Buffer.alloc(56);
  wide.writeUInt32LE(0x06064b50, 0);
  wide.writeBigUInt64LE(44n, 4);
  wide.writeUInt16LE(MADE_BY, 12);
  wide.writeUInt16LE(VERSION, 14);
  wide.writeBigUInt64LE(BigInt(count), 24);
  wide.writeBigUInt64LE(BigInt(count), 32);
  wide.writeBigUInt64LE(BigInt(size), 40);
  wide.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([wide, locator, end]);
}

/** The extra field that holds what is too large for its own. */
function zip64(values: readonly number[]): Buffer {
  if (values.length === 0) return Buffer.alloc(0);
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(0x0001, 0);
  field.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, index) => {
    field.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  });
  return field;
}
