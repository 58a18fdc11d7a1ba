import type { IncomingHttpHeaders } from "node:http";
import { SerializationError } from "./serialization-error.ts";

export function isAwsChunked(headers: IncomingHttpHeaders): boolean {
  const { "content-encoding": encoding, "x-amz-content-sha256": hash } = headers;
  return /\baws-chunked\b/.test(encoding ?? "") || (typeof hash === "string" && hash.startsWith("STREAMING-"));
}

/**
 * Unwraps `hex-size[;chunk-signature=…]\r\n data \r\n … 0\r\n trailer: value\r\n\r\n`. Signatures are not checked. Trailers
 * (the SDK sends its checksum in one) are written into `headers`, where the input's members are read from.
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  headers: IncomingHttpHeaders,
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let missing = 0;
  let state = "size" as "size" | "data" | "data-end" | "trailers";
  for await (const chunk of source) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (state === "data") {
        const part = rest.subarray(0, missing);
        rest = rest.subarray(part.length);
        missing -= part.length;
        if (part.length > 0) yield part;
        if (missing > 0) break;
        state = "data-end";
      }
      const end = rest.indexOf("\r\n");
      if (end < 0) {
        if (rest.length > LINE_LIMIT) throw new SerializationError("a line of the chunked body is too long");
        break;
      }
      const line = rest.subarray(0, end).toString("latin1");
      rest = rest.subarray(end + 2);
      if (state === "data-end") {
        if (line !== "") throw new SerializationError("a chunk of the body is longer than it says");
        state = "size";
      } else if (state === "size") {
        missing = parseSize(line);
        state = missing === 0 ? "trailers" : "data";
      } else {
        takeTrailer(line, headers);
      }
    }
  }
  if (state !== "trailers") throw new SerializationError("the chunked body ends before its last chunk");
}

const LINE_LIMIT = 16 * 1024;

function parseSize(line: string): number {
  const hex = line.split(";", 1)[0]!.trim();
  if (!/^[0-9a-fA-F]+$/.test(hex)) throw new SerializationError(`"${hex}" is not the size of a chunk`);
  return Number.parseInt(hex, 16);
}

function takeTrailer(line: string, headers: IncomingHttpHeaders): void {
  const colon = line.indexOf(":");
  if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
}
