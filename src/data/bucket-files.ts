/** Files as they lie in a bucket, and whether a step has made its result of them. */
import { HeadObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import type { Clients } from "../aws/clients.ts";
import { statusOf } from "../aws/errors.ts";
import type { StepDescription } from "../desired/step-description.ts";
import { resultKey } from "../workflow/output-key.ts";
import { isResultOf, withoutQuotes } from "../workflow/result-metadata.ts";

/** One content of a file. */
export interface BucketFile {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes. */
  readonly eTag: string;
  /** Bytes. */
  readonly size: number;
  readonly modified: Date | undefined;
}

export interface Listed {
  /** @default "" */
  readonly prefix?: string;
  /** Only keys behind this one. @default from the beginning */
  readonly after?: string;
}

/** In the order of the keys; what ends in a slash is a folder, not a file. */
export async function* filesIn(
  s3: Clients["s3"],
  bucket: string,
  { prefix = "", after }: Listed = {},
): AsyncGenerator<BucketFile> {
  const from = { Bucket: bucket, Prefix: prefix, StartAfter: after };
  for await (const page of paginateListObjectsV2({ client: s3 }, from)) {
    for (const { Key = "", ETag = "", Size = 0, LastModified } of page.Contents ?? []) {
      if (Key.endsWith("/")) continue;
      yield { bucket, key: Key, eTag: withoutQuotes(ETag), size: Size, modified: LastModified };
    }
  }
}

/** Where the step's result of a file can lie: whether it is one file or a folder, only the algorithm knows. */
export function resultKeys(step: StepDescription, key: string): string[] {
  const { algorithm, workflow, output } = step;
  return ["", ".zip"].map((suffix) => resultKey(output.key, { key, algorithm, workflow, suffix }));
}

/** What the step has made of this very content; undefined where it has not. */
export async function findResult(
  s3: Clients["s3"],
  step: StepDescription,
  source: BucketFile,
): Promise<BucketFile | undefined> {
  const { bucket } = step.output;
  for (const key of resultKeys(step, source.key)) {
    const head = await headOf(s3, bucket, key);
    if (!head || !isResultOf(head.Metadata, { ...step, ...source })) continue;
    const { ETag = "", ContentLength = 0, LastModified } = head;
    return { bucket, key, eTag: withoutQuotes(ETag), size: ContentLength, modified: LastModified };
  }
  return undefined;
}

/** Undefined where there is no such file. */
export async function headOf(s3: Clients["s3"], bucket: string, key: string) {
  try {
    return await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
