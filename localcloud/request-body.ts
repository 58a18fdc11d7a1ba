import { rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeAwsChunked, isAwsChunked } from "./wire/aws-chunked.ts";
import { emptyPayload, type Payload, type PayloadOptions, readPayload } from "./wire/payload.ts";

/** Bodies that are parsed as a whole: Lambda's zips are the largest, 50 MB and a third more in base64. */
const PARSED_LIMIT_BYTES = 80 * 1024 ** 2;
/** S3's own limit of a single PUT. */
const OBJECT_LIMIT_BYTES = 5 * 1024 ** 3;
/** Larger objects live in files. */
const OBJECT_MEMORY_BYTES = 1024 ** 2;

/** Where objects' files lie. One process's clouds share it; the process removes it when it ends. */
const spillFolder = join(tmpdir(), `pipewright-localcloud-${process.pid}`);
process.once("exit", () => rmSync(spillFolder, { recursive: true, force: true }));

/** For an object's bytes, wherever they come from. */
export const objectPayloadOptions: PayloadOptions = {
  folder: spillFolder,
  md5: true,
  limitBytes: OBJECT_LIMIT_BYTES,
  memoryBytes: OBJECT_MEMORY_BYTES,
};

const parsedPayloadOptions: PayloadOptions = {
  folder: spillFolder,
  md5: false,
  limitBytes: PARSED_LIMIT_BYTES,
  memoryBytes: PARSED_LIMIT_BYTES,
};

export function readBody(request: IncomingMessage, options: { spill: boolean }): Promise<Payload> {
  const { headers } = request;
  const isEmpty = headers["content-length"] === "0" || (!headers["content-length"] && !headers["transfer-encoding"]);
  if (isEmpty && !isAwsChunked(headers)) return Promise.resolve(emptyPayload);
  const source: AsyncIterable<Buffer> = isAwsChunked(headers) ? decodeAwsChunked(request, headers) : request;
  return readPayload(source, options.spill ? objectPayloadOptions : parsedPayloadOptions);
}
