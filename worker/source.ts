/** The file to be processed, as it lies in the input bucket. */
import { createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Log } from "../src/core/ports.ts";
import { withoutQuotes } from "../src/workflow/result-metadata.ts";
import { statusOf } from "./clients.ts";
import { Unfinished } from "./ending.ts";

/** One content of a file. */
export interface Source {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes. */
  readonly eTag: string;
  readonly versionId?: string | undefined;
}

/** The content that was asked for is no longer there. */
export class SourceReplaced extends Error {}

/** A connection that breaks during a download is no try: it is begun again, so that S3's checksum covers all of it. */
const DOWNLOADS = 5;

export interface SourceDeps {
  readonly s3: Pick<S3Client, "send">;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What the file is now. @throws Unfinished when there is none */
export async function presentSource(
  { bucket, key }: Pick<Source, "bucket" | "key">,
  { s3, signal }: Pick<SourceDeps, "s3" | "signal">,
): Promise<Source> {
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
    return { bucket, key, eTag: withoutQuotes(head.ETag ?? ""), versionId: head.VersionId };
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    const detail = `${key} is not in ${bucket}`;
    throw new Unfinished({ is: "retry", reason: "source-missing", detail });
  }
}

/**
 * Streams exactly this content to a file.
 * @throws SourceReplaced where the file has another content by now
 */
export async function download(source: Source, path: string, deps: SourceDeps): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const body = await open(source, deps);
    try {
      return await pipeline(body, createWriteStream(path), { signal: deps.signal });
    } catch (error) {
      const isFull = (error as NodeJS.ErrnoException).code === "ENOSPC";
      if (deps.signal.aborted || attempt === DOWNLOADS || isFull) throw error;
      deps.log.warn({ error: String(error) }, "download broke off, to be begun again");
    }
  }
}

async function open(source: Source, { s3, signal }: SourceDeps): Promise<Readable> {
  const { bucket, key, eTag, versionId } = source;
  const command = new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, IfMatch: `"${eTag}"` });
  try {
    const { Body } = await s3.send(command, { abortSignal: signal });
    return Body as Readable;
  } catch (error) {
    // Gone, a version that is gone, or another content.
    if (![404, 412].includes(statusOf(error) ?? 0)) throw error;
    throw new SourceReplaced(`${key} was replaced`, { cause: error });
  }
}
