import { createHash, type Hash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";

/** Bytes of a body: in memory while they are few, else in a file of their own. */
export interface Payload {
  readonly size: number;
  /** Hexadecimal MD5, where the reader was asked for one; otherwise empty. */
  readonly md5: string;
  /** The file that holds them whole, and that is never changed; undefined where they are in memory, or only a part. */
  readonly path?: string;
  /** Of which it is made, one after another; undefined where it is in one piece. */
  readonly parts?: readonly Payload[];
  /** The whole, from memory. Bodies that the wire itself parses are always small enough. */
  bytes(): Buffer;
  /** From `start` up to and without `end`. */
  open(start?: number, end?: number): Readable;
  /** Frees the file. Bytes in memory need no freeing. */
  dispose(): Promise<void>;
}

export interface PayloadOptions {
  /** More than this goes into a file. */
  readonly memoryBytes: number;
  /** More than this is refused with `PayloadTooLarge`. */
  readonly limitBytes: number;
  readonly folder: string;
  readonly md5: boolean;
}

export class PayloadTooLarge extends Error {}

export function payloadOf(bytes: Uint8Array, md5 = ""): Payload {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    size: buffer.length,
    md5,
    bytes: () => buffer,
    open: (start = 0, end = buffer.length) => Readable.from([buffer.subarray(start, end)]),
    dispose: async () => {},
  };
}

export const emptyPayload = payloadOf(Buffer.alloc(0), "d41d8cd98f00b204e9800998ecf8427e");

/** Some of the bytes, for reading only: freeing them is the whole's affair. */
export function slicePayload(whole: Payload, start: number, end: number): Payload {
  if (start === 0 && end === whole.size) return whole;
  return {
    size: end - start,
    md5: "",
    bytes: () => whole.bytes().subarray(start, end),
    open: (from = 0, to = end - start) => whole.open(start + from, start + to),
    dispose: async () => {},
  };
}

export async function readPayload(source: AsyncIterable<Buffer>, options: PayloadOptions): Promise<Payload> {
  const hash = options.md5 ? createHash("md5") : undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  let file: SpillFile | undefined;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > options.limitBytes) throw new PayloadTooLarge(`the body is larger than ${options.limitBytes} bytes`);
      hash?.update(chunk);
      if (!file && size > options.memoryBytes) {
        file = await openSpillFile(options.folder);
        for (const earlier of chunks.splice(0)) await file.write(earlier);
      }
      if (file) await file.write(chunk);
      else chunks.push(chunk);
    }
  } catch (error) {
    await file?.discard();
    throw error;
  }
  if (!file) return payloadOf(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), digest(hash));
  await file.close();
  return filePayload(file.path, size, digest(hash));
}

/**
 * Parts one after another, as a multipart upload leaves them. They stay where they are, and are freed with the whole, once
 * nobody reads it any more.
 */
export function joinPayloads(parts: readonly Payload[]): Payload {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  let readers = 0;
  let isUnwanted = false;
  const free = async () => {
    if (isUnwanted && readers === 0) await Promise.all(parts.map((part) => part.dispose()));
  };
  async function* chunks(start: number, end: number): AsyncIterable<Buffer> {
    let offset = 0;
    for (const part of parts) {
      const [from, to] = [Math.max(0, start - offset), Math.min(part.size, end - offset)];
      if (from < to) yield* part.open(from, to) as AsyncIterable<Buffer>;
      offset += part.size;
    }
  }
  return {
    size,
    md5: "",
    parts,
    bytes: () => Buffer.concat(parts.map((part) => part.bytes())),
    open(start = 0, end = size) {
      readers += 1;
      return Readable.from(chunks(start, end)).once("close", () => {
        readers -= 1;
        void free();
      });
    },
    dispose() {
      isUnwanted = true;
      return free();
    },
  };
}

export function filePayload(path: string, size: number, md5: string): Payload {
  return {
    size,
    md5,
    path,
    bytes: () => {
      throw new Error("these bytes are in a file; open them instead");
    },
    open: (start = 0, end = size) =>
      end > start ? createReadStream(path, { start, end: end - 1 }) : Readable.from([]),
    dispose: () => rm(path, { force: true }),
  };
}

function digest(hash: Hash | undefined): string {
  return hash ? hash.digest("hex") : "";
}

interface SpillFile {
  readonly path: string;
  write(chunk: Buffer): Promise<void>;
  close(): Promise<void>;
  discard(): Promise<void>;
}

async function openSpillFile(folder: string): Promise<SpillFile> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, randomUUID());
  const stream: WriteStream = createWriteStream(path);
  return {
    path,
    write: (chunk) =>
      new Promise((resolve, reject) => stream.write(chunk, (error) => (error ? reject(error) : resolve()))),
    close: async () => {
      stream.end();
      await finished(stream);
    },
    discard: async () => {
      stream.destroy();
      await rm(path, { force: true });
    },
  };
}
