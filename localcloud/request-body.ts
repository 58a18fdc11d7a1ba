import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
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

/** A new place for the file of an object that does not come through a request. */
export function newSpillPath(): string {
  mkdirSync(spillFolder, { recursive: true });
  return join(spillFolder, randomUUID());
}

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
  const source = decoded(request, options.spill);
  return readPayload(source, options.spill ? objectPayloadOptions : parsedPayloadOptions);
}

/** CloudWatch's clients compress what is large; an object's compression is its own affair. */
function decoded(request: IncomingMessage, isObject: boolean): AsyncIterable<Buffer> {
  const { headers } = request;
  if (isAwsChunked(headers)) return decodeAwsChunked(request, headers);
  if (headers["content-encoding"] !== "gzip" || isObject) return request;
  const unzip = createGunzip();
  // A body that is no gzip fails the reading of it, which is answered; the other end of the pipe has nothing to add.
  pipeline(request, unzip).catch(() => {});
  return unzip;
}
