/** From a bucket into a folder. Whatever a key is called and whatever lies in the folder, nothing is written outside of it. */
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { lstat, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { Clients } from "../aws/clients.ts";
import { statusOf } from "../aws/errors.ts";
import type { BucketFile } from "./bucket-files.ts";
import { localName } from "./local-name.ts";

export type DownloadOutcome =
  | { readonly path: string; readonly problem?: undefined }
  /** Why this one is not there. The others are not held up by it. */
  | { readonly problem: string; readonly path?: undefined };

/** A key may be another key's folder, or hold what this disk takes in no name: a matter of this file alone. */
const NO_SUCH_NAME = new Set(["EISDIR", "ENOTDIR", "ENOTEMPTY", "EINVAL", "EILSEQ", "ENAMETOOLONG"]);
/** A connection that breaks is begun again, so that S3's checksum covers all of the file. */
const TRIES = 3;

export async function downloadInto(s3: Clients["s3"], folder: string, file: BucketFile): Promise<DownloadOutcome> {
  const parts = localName(file.key);
  await mkdir(folder, { recursive: true });
  const parent = await folderInside(folder, parts.slice(0, -1));
  if (parent.problem !== undefined) return parent;
  const path = join(parent.path, parts.at(-1)!);
  // Seen by nobody until it is whole; moving it there replaces a link, and does not follow it.
  const draft = join(parent.path, `.pipewright-${randomUUID()}`);
  try {
    await fetchTo(s3, file, draft);
    await rename(draft, path);
    return { path };
  } catch (error) {
    await rm(draft, { force: true });
    if (statusOf(error) === 412 || statusOf(error) === 404) return { problem: "was replaced meanwhile; run it again" };
    if (!NO_SUCH_NAME.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return { problem: `cannot be called ${path} here: ${(error as Error).message}` };
  }
}

/** Made step by step, because a link on the way would lead elsewhere. */
async function folderInside(root: string, parts: readonly string[]): Promise<DownloadOutcome> {
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    await mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (!(await isFolder(path))) return { problem: `${path} is no folder, or a link to one` };
  }
  return { path };
}

const isFolder = (path: string): Promise<boolean> =>
  lstat(path).then(
    (there) => there.isDirectory(),
    () => false,
  );

async function fetchTo(s3: Clients["s3"], file: BucketFile, path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const command = new GetObjectCommand({ Bucket: file.bucket, Key: file.key, IfMatch: `"${file.eTag}"` });
    const { Body } = await s3.send(command);
    try {
      return await pipeline(Body as Readable, createWriteStream(path));
    } catch (error) {
      if (attempt === TRIES || (error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    }
  }
}
