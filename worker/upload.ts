import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { statusOf } from "./clients.ts";

export interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** ETag of the object that is to be replaced; undefined: there must be none. */
  readonly replaces: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes that the body will not exceed. */
  readonly sizeAtMost: number;
}

/** The object is no longer what it was when we looked: another worker was here, or our own write whose answer was lost. */
export class ResultChanged extends Error {}

interface UploadDeps {
  readonly s3: Pick<S3Client, "send">;
  readonly signal: AbortSignal;
}

/** S3 takes 10,000 parts of 5 MiB to 5 GiB (S3 User Guide, "Amazon S3 multipart upload limits"). */
const MOST_PARTS = 10_000;
const PART_BYTES = 8 * 1024 * 1024;
/** S3 wants the parts' checksums, which the SDK gives them anyhow, announced at the beginning and named again in the end. */
const CHECKSUM = { ChecksumAlgorithm: "CRC32" } as const;
/** A part lies in memory until it has arrived, since only so can it be sent again; the worker has 192 MiB. */
const PARTS_AT_ONCE = 2;

/**
 * Sends a body of any length, in parts when it is large. All of it appears at once, and only where the object still is what
 * `replaces` says.
 * @throws ResultChanged
 */
export async function upload(to: Upload, deps: UploadDeps): Promise<void> {
  // What has arrived is written over: garbage of this size is collected too late.
  const free: Buffer[] = [];
  const parts = inParts(to.body, Math.max(PART_BYTES, Math.ceil(to.sizeAtMost / MOST_PARTS)), free);
  const first = await parts.next();
  const second = first.done ? first : await parts.next();
  try {
    if (second.done) await put(to, first.done ? Buffer.alloc(0) : first.value, deps);
    else await multipart(to, [first.value!, second.value], { parts, free }, deps);
  } catch (error) {
    // 404: what was to be replaced, or an upload whose completion was answered to nobody, is gone.
    if (![404, 409, 412].includes(statusOf(error) ?? 0) || (error as Error).name === "NoSuchBucket") throw error;
    throw new ResultChanged(`${to.key} was written by another`, { cause: error });
  } finally {
    await parts.return(undefined);
  }
}

const place = ({ bucket, key }: Upload) => ({ Bucket: bucket, Key: key });
const condition = ({ replaces }: Upload) =>
  replaces === undefined ? { IfNoneMatch: "*" } : { IfMatch: `"${replaces}"` };

async function put(to: Upload, body: Buffer, { s3, signal }: UploadDeps): Promise<void> {
  const command = new PutObjectCommand({
    ...place(to),
    ...condition(to),
    Metadata: to.metadata,
    Body: body,
    ContentLength: body.length,
  });
  await s3.send(command, { abortSignal: signal });
}

async function multipart(
  to: Upload,
  begun: readonly Buffer[],
  { parts, free }: { readonly parts: AsyncIterable<Buffer>; readonly free: Buffer[] },
  { s3, signal }: UploadDeps,
): Promise<void> {
  const created = new CreateMultipartUploadCommand({ ...place(to), ...CHECKSUM, Metadata: to.metadata });
  const { UploadId } = await s3.send(created, { abortSignal: signal });
  const sent: CompletedPart[] = [];
  const sending = new Set<Promise<void>>();
  const send = async (body: Buffer): Promise<void> => {
    const PartNumber = sent.push({});
    const part = s3
      .send(new UploadPartCommand({ ...place(to), ...CHECKSUM, UploadId, PartNumber, Body: body }), {
        abortSignal: signal,
      })
      .then(({ ETag, ChecksumCRC32 }) => {
        sent[PartNumber - 1] = { PartNumber, ETag, ChecksumCRC32 };
        // One that failed stays: whoever waits next hears of it.
        sending.delete(part);
        free.push(body);
      });
    sending.add(part);
    if (sending.size >= PARTS_AT_ONCE) await Promise.race(sending);
  };
  try {
    for (const body of begun) await send(body);
    for await (const body of parts) await send(body);
    await Promise.all(sending);
    const complete = { ...place(to), ...condition(to), UploadId, MultipartUpload: { Parts: sent } };
    await s3.send(new CompleteMultipartUploadCommand(complete), { abortSignal: signal });
  } catch (error) {
    await Promise.allSettled(sending);
    // What cannot be taken back here, the bucket's lifecycle rule takes away.
    await s3.send(new AbortMultipartUploadCommand({ ...place(to), UploadId })).catch(() => {});
    throw error;
  }
}

/** Pieces of exactly that length; the last one may be shorter. Each lies in memory of its own, taken from `free` where there is some. */
async function* inParts(
  body: AsyncIterable<Uint8Array>,
  bytes: number,
  free: Buffer[],
): AsyncGenerator<Buffer, undefined> {
  let part: Buffer | undefined;
  let length = 0;
  for await (const chunk of body) {
    for (let start = 0; start < chunk.length; ) {
      part ??= free.pop() ?? Buffer.allocUnsafeSlow(bytes);
      const end = Math.min(chunk.length, start + bytes - length);
      part.set(chunk.subarray(start, end), length);
      length += end - start;
      start = end;
      if (length < bytes) continue;
      yield part;
      part = undefined;
      length = 0;
    }
  }
  if (part) yield part.subarray(0, length);
}
