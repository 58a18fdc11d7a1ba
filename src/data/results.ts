/** What the last step has left in the output bucket. Other things may lie there: a result says itself that it is one. */
import type { StepDescription } from "../desired/step-description.ts";
import { type BucketFile, filesIn, headOf } from "./bucket-files.ts";
import type { DataDeps } from "./data.ts";
import { type DownloadOutcome, downloadInto } from "./download.ts";
import { inOrder } from "./in-order.ts";

export interface ResultFile {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** ISO 8601. */
  readonly at: string;
  /** Key of the file that the last step made it of. */
  readonly source: string;
  /** That the algorithm took. */
  readonly seconds: number;
  readonly attempt: number;
  /** `sha256:…` of the image that ran, where it is known. */
  readonly imageDigest?: string;
}

export type Downloaded = DownloadOutcome & { readonly key: string };

const HEADS_AT_ONCE = 32;
const DOWNLOADS_AT_ONCE = 4;

export async function* listResults(last: StepDescription, deps: Pick<DataDeps, "clients">): AsyncGenerator<ResultFile> {
  for await (const { result } of found(last, deps)) yield result;
}

export async function* downloadResults(
  last: StepDescription,
  folder: string,
  deps: Pick<DataDeps, "clients">,
): AsyncGenerator<Downloaded> {
  const { files } = deps.clients;
  yield* inOrder(found(last, deps), DOWNLOADS_AT_ONCE, async ({ file }) => ({
    key: file.key,
    ...(await downloadInto(files, folder, file)),
  }));
}

interface Found {
  readonly file: BucketFile;
  readonly result: ResultFile;
}

async function* found(last: StepDescription, { clients }: Pick<DataDeps, "clients">): AsyncGenerator<Found> {
  const { s3 } = clients;
  const heads = inOrder(filesIn(s3, last.output.bucket), HEADS_AT_ONCE, async (file) => {
    const head = await headOf(s3, file.bucket, file.key);
    return head && { file, result: resultOf(file, head.Metadata ?? {}, last) };
  });
  for await (const one of heads) if (one?.result) yield { file: one.file, result: one.result };
}

/** Undefined for what this step has not made. */
function resultOf(
  file: BucketFile,
  metadata: Readonly<Record<string, string>>,
  { workflow, algorithm }: StepDescription,
): ResultFile | undefined {
  const source = metadata["source-key"];
  if (source === undefined || metadata.workflow !== workflow || metadata.algorithm !== algorithm) return undefined;
  const digest = metadata["image-digest"];
  return {
    key: file.key,
    size: file.size,
    at: file.modified?.toISOString() ?? "",
    source: Buffer.from(source, "base64url").toString(),
    seconds: Number(metadata.seconds ?? 0),
    attempt: Number(metadata.attempt ?? 1),
    ...(digest === undefined ? {} : { imageDigest: digest }),
  };
}
