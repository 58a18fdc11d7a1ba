import { after } from "node:test";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { tagList } from "../../src/aws/tags.ts";
import { type ObjectSpec, object } from "../../src/kinds/object.ts";
import { startBackend } from "../support/backend.ts";
import type { Stage } from "./case.ts";
import { contract } from "./contract.ts";

const backend = await startBackend();
after(() => backend.stop());

const controlBucket = ({ account }: Pick<Stage, "account">) => `pipewright-${account.account}-${account.region}`;
const keyOf = ({ unique }: Pick<Stage, "unique">) => `steps/pipewright/contract/${unique}.json`;

/** As it stands, but for one field. */
async function put(stage: Stage, field: { Body: string } | { ContentType: string }) {
  const place = { Bucket: controlBucket(stage), Key: keyOf(stage) };
  const { Body, ContentType } = await stage.sdk.s3.send(new GetObjectCommand(place));
  const standing = { Body: await Body!.transformToString(), ContentType };
  await stage.sdk.s3.send(new PutObjectCommand({ ...place, ...standing, ...field }));
}

contract<ObjectSpec>(backend, {
  kind: "object",
  make: object,
  name: (stage) => `${controlBucket(stage)}/${keyOf(stage)}`,
  spec: () => ({ body: '{"cpu":1}\n', contentType: "application/json" }),
  async prepare(stage) {
    const Bucket = controlBucket(stage);
    await stage.sdk.s3.send(new CreateBucketCommand({ Bucket }));
    await stage.sdk.s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(stage.tags) } }));
    return () => stage.sdk.s3.send(new DeleteBucketCommand({ Bucket }));
  },
  tampers: [
    { field: "body", change: (stage) => put(stage, { Body: '{"cpu":64}\n' }) },
    { field: "contentType", change: (stage) => put(stage, { ContentType: "text/plain" }) },
  ],
  remove: (stage) => stage.sdk.s3.send(new DeleteObjectCommand({ Bucket: controlBucket(stage), Key: keyOf(stage) })),
  foreign: { none: "what stands in our own bucket is ours" },
  adopted: { none: "what stands in our own bucket is ours" },
  alsoNamed: async (stage) => [keyOf(stage)],
});
