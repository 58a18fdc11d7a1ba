import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeAwsChunked, isAwsChunked } from "./wire/aws-chunked.ts";
import { emptyPayload, type Payload, readPayload } from "./wire/payload.ts";

/** Bodies that are parsed as a whole: Lambda's zips are the largest, 50 MB and a third more in base64. */
const PARSED_LIMIT_BYTES = 80 * 1024 ** 2;
/** S3's own limit of a single PUT. */
const OBJECT_LIMIT_BYTES = 5 * 1024 ** 3;
/** Larger objects live in files. */
const OBJECT_MEMORY_BYTES = 1024 ** 2;

/** Where objects' files lie. One process's clouds share it; the process removes it when it ends. */
export const spillFolder = join(tmpdir(), `pipewright-localcloud-${process.pid}`);

export function readBody(request: IncomingMessage, options: { spill: boolean }): Promise<Payload> {
  const { headers } = request;
  const isEmpty = headers["content-length"] === "0" || (!headers["content-length"] && !headers["transfer-encoding"]);
  if (isEmpty && !isAwsChunked(headers)) return Promise.resolve(emptyPayload);
  const source: AsyncIterable<Buffer> = isAwsChunked(headers) ? decodeAwsChunked(request, headers) : request;
  return readPayload(source, {
    folder: spillFolder,
    md5: options.spill,
    limitBytes: options.spill ? OBJECT_LIMIT_BYTES : PARSED_LIMIT_BYTES,
    memoryBytes: options.spill ? OBJECT_MEMORY_BYTES : PARSED_LIMIT_BYTES,
  });
}
