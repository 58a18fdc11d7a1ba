/** Sends a file of any size, in parts when it is large; no more of it is in memory than the parts that are on their way. */
import { type FileHandle, open } from "node:fs/promises";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { Clients } from "../aws/clients.ts";
import { inOrder } from "./in-order.ts";

export interface FileToSend {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly bucket: string;
  readonly key: string;
}

/** S3 takes 10,000 parts of 5 MiB to 5 GiB (S3 User Guide, "Amazon S3 multipart upload limits"). */
const MOST_PARTS = 10_000;
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 4;
/** S3 wants the parts' checksums, which the SDK gives them anyhow, announced at the beginning and named again in the end. */
const CHECKSUM = { ChecksumAlgorithm: "CRC32" } as const;
/** All parts that are on their way share one line, and at home that is a slow one. */
const SLOWLY = { requestTimeout: 900_000 };

/** @param onSent told of the bytes of each part that has arrived */
export async function sendFile(
  s3: Clients["s3"],
  file: FileToSend,
  onSent: (bytes: number) => void,
  partBytes = PART_BYTES,
): Promise<void> {
  const from = await open(file.path, "r");
  try {
    if (file.size <= partBytes) {
      const Body = await piece(from, file, 0, file.size);
      await s3.send(new PutObjectCommand({ ...place(file), Body }), SLOWLY);
      onSent(file.size);
    } else {
      await inParts(s3, from, file, Math.max(partBytes, Math.ceil(file.size / MOST_PARTS)), onSent);
    }
  } finally {
    await from.close();
  }
}

const place = ({ bucket, key }: FileToSend) => ({ Bucket: bucket, Key: key });

async function inParts(
  s3: Clients["s3"],
  from: FileHandle,
  file: FileToSend,
  partBytes: number,
  onSent: (bytes: number) => void,
): Promise<void> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...place(file), ...CHECKSUM }));
  try {
    const numbers = Array.from({ length: Math.ceil(file.size / partBytes) }, (_, index) => index + 1);
    const Parts: CompletedPart[] = [];
    const sent = inOrder(numbers, PARTS_AT_ONCE, async (PartNumber) => {
      const start = (PartNumber - 1) * partBytes;
      const Body = await piece(from, file, start, Math.min(partBytes, file.size - start));
      const part = new UploadPartCommand({ ...place(file), ...CHECKSUM, UploadId, PartNumber, Body });
      const { ETag, ChecksumCRC32 } = await s3.send(part, SLOWLY);
      onSent(Body.length);
      return { PartNumber, ETag, ChecksumCRC32 };
    });
    for await (const part of sent) Parts.push(part);
    await s3.send(new CompleteMultipartUploadCommand({ ...place(file), UploadId, MultipartUpload: { Parts } }));
  } catch (error) {
    // Parts of an upload that came to no end are paid for. What cannot be taken back here, the bucket's own rule takes.
    await s3.send(new AbortMultipartUploadCommand({ ...place(file), UploadId })).catch(() => undefined);
    throw error;
  }
}

/** In memory, because only so it can be sent again after a failure. */
async function piece(from: FileHandle, { path }: FileToSend, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  for (let have = 0; have < length; ) {
    const { bytesRead } = await from.read(buffer, have, length - have, start + have);
    if (bytesRead === 0) throw new Error(`${path} became shorter while it was uploaded; upload it again`);
    have += bytesRead;
  }
  return buffer;
}
