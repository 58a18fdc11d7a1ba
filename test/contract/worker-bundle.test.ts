import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { after } from "node:test";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { tagList } from "../../src/aws/tags.ts";
import { type WorkerBundleSpec, workerBundle } from "../../src/kinds/worker-bundle.ts";
import { startBackend } from "../support/backend.ts";
import type { Stage } from "./case.ts";
import { contract } from "./contract.ts";

const backend = await startBackend();
after(() => backend.stop());

const BYTES = Buffer.alloc(3 * 1024 * 1024, "worker");
const sha256 = createHash("sha256").update(BYTES).digest("base64");
const packedWorker = { sha256, bytes: BYTES.length, open: () => Readable.from(pieces(BYTES, 65_536)) };

const controlBucket = ({ account }: Pick<Stage, "account">) => `pipewright-${account.account}-${account.region}`;
const keyOf = ({ unique }: Pick<Stage, "unique">) => `worker/${unique}.tgz`;

contract<WorkerBundleSpec>(backend, {
  kind: "worker-bundle",
  make: (aws) => workerBundle({ ...aws, packedWorker }),
  name: (stage) => `${controlBucket(stage)}/${keyOf(stage)}`,
  spec: () => ({ sha256 }),
  async prepare(stage) {
    const Bucket = controlBucket(stage);
    await stage.sdk.s3.send(new CreateBucketCommand({ Bucket }));
    await stage.sdk.s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(stage.tags) } }));
    return () => stage.sdk.s3.send(new DeleteBucketCommand({ Bucket }));
  },
  tampers: [
    {
      field: "sha256",
      change: (stage) =>
        stage.sdk.s3.send(new PutObjectCommand({ Bucket: controlBucket(stage), Key: keyOf(stage), Body: "no worker" })),
    },
  ],
  remove: (stage) => stage.sdk.s3.send(new DeleteObjectCommand({ Bucket: controlBucket(stage), Key: keyOf(stage) })),
  foreign: { none: "what stands in our own bucket is ours" },
  adopted: { none: "what stands in our own bucket is ours" },
  alsoNamed: async (stage) => [keyOf(stage)],
});

function* pieces(bytes: Buffer, size: number) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
