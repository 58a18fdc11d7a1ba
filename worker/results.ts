/** Results as they lie in the output bucket. */
import { createReadStream } from "node:fs";
import { HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { WorkerSettings } from "../src/desired/worker-environment.ts";
import { resultKey } from "../src/workflow/output-key.ts";
import { isResultOf, withoutQuotes } from "../src/workflow/result-metadata.ts";
import { statusOf } from "./clients.ts";
import type { Source } from "./source.ts";
import type { Upload } from "./upload.ts";
import type { Result } from "./workplace.ts";
import { zipBytesMost, zipFolder } from "./zip.ts";

type Where = Pick<WorkerSettings, "outputBucket" | "outputKey" | "algorithm" | "workflow">;

/** Where the result goes; whether it is a folder, only the algorithm knows. */
export const keyOfResult = (kind: Result["is"], { key }: Pick<Source, "key">, where: Where): string =>
  resultKey(where.outputKey, {
    key,
    algorithm: where.algorithm,
    workflow: where.workflow,
    ...(kind === "folder" ? { suffix: ".zip" } : {}),
  });

export interface Seen {
  /** The result of this very source is there. */
  readonly isDone: boolean;
  /** By key, the ETags of what is there. */
  readonly eTags: ReadonlyMap<string, string>;
}

export async function findResults(
  source: Source,
  where: Where,
  { s3, signal }: { readonly s3: Pick<S3Client, "send">; readonly signal: AbortSignal },
): Promise<Seen> {
  const keys = (["file", "folder"] as const).map((kind) => keyOfResult(kind, source, where));
  const heads = await Promise.all(
    keys.map(async (key) => {
      const command = new HeadObjectCommand({ Bucket: where.outputBucket, Key: key });
      return await s3.send(command, { abortSignal: signal }).catch((error: unknown) => {
        if (statusOf(error) === 404) return undefined;
        throw error;
      });
    }),
  );
  return {
    isDone: heads.some((head) => isResultOf(head?.Metadata, { ...where, ...source })),
    eTags: new Map(heads.flatMap((head, index) => (head ? [[keys[index]!, withoutQuotes(head.ETag ?? "")]] : []))),
  };
}

/** Read from the start each time it is asked for. */
export const contentOf = (result: Result): Pick<Upload, "body" | "sizeAtMost"> =>
  result.is === "file"
    ? { body: createReadStream(result.path), sizeAtMost: result.size }
    : { body: zipFolder(result.path, result.entries), sizeAtMost: zipBytesMost(result.entries) };
