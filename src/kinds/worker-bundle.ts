/**
 * The packed workers in the control bucket. Name = bucket/key; key = `worker/<version>.tgz`. They are large: compared by their
 * checksum, which S3 keeps beside them, and never read.
 */
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { field } from "../core/compare.ts";
import { FOUNDATION, type Pass, type Resource } from "../core/resource.ts";
import { NO_SUCH_BUCKET } from "./bucket-tags.ts";
import { deleteObject, keysUnder, objectPlace, ourControlBucket } from "./control-object.ts";

export const workerBundleSchema = z.strictObject({
  /** Base64, as S3 answers it. */
  sha256: z.string(),
});
export type WorkerBundleSpec = z.infer<typeof workerBundleSchema>;

export interface WorkerBundleActual {
  /** undefined: put there without one. */
  readonly sha256: string | undefined;
}

/** Tens of MiB, and at home the line is a slow one. */
const SLOWLY = { requestTimeout: 900_000 };

export function workerBundle(aws: Aws): Resource<WorkerBundleSpec, WorkerBundleActual> {
  const { s3 } = aws.clients;

  async function put(name: string, { sha256 }: WorkerBundleSpec, pass: Pass): Promise<void> {
    const packed = aws.packedWorker;
    if (packed?.sha256 !== sha256) throw new Error(`no packed worker with SHA-256 ${sha256}`);
    // In one piece: of an upload in parts S3 keeps no SHA-256 of the whole. What does not arrive whole is refused.
    const content = { Body: packed.open(), ContentLength: packed.bytes, ContentType: "application/gzip" };
    const checksum = { ChecksumAlgorithm: "SHA256", ChecksumSHA256: sha256 } as const;
    const command = new PutObjectCommand({ ...objectPlace(name, pass), ...content, ...checksum });
    await s3.send(command, { abortSignal: pass.signal, ...SLOWLY });
  }

  return {
    kind: "worker-bundle",
    schema: workerBundleSchema,

    async read(name, pass) {
      const command = new HeadObjectCommand({ ...objectPlace(name, pass), ChecksumMode: "ENABLED" });
      const head = await orUndefined(s3.send(command, { abortSignal: pass.signal }), "NoSuchKey", ...NO_SUCH_BUCKET);
      return head ? { is: "owned", actual: { sha256: head.ChecksumSHA256 } } : { is: "absent" };
    },

    diff: (spec, actual) => field("sha256", spec.sha256, actual.sha256),

    create: put,

    update: (name, spec, _actual, _changes, pass) => put(name, spec, pass),

    delete: (name, _actual, pass) => deleteObject(aws, name, pass),

    /** Task definitions that wait for their turn may still name an older one: all stay as long as any workflow does. */
    async *list(pass) {
      const bucket = await ourControlBucket(aws, pass);
      if (bucket === undefined) return;
      for await (const key of keysUnder(aws, bucket, "worker/", pass)) {
        yield {
          ...{ name: `${bucket}/${key}`, workflow: FOUNDATION, onDelete: "delete" },
          ...{ adopted: false, runtime: true },
        };
      }
    },
  };
}
