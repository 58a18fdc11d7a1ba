/** A workflow of three steps on a local cloud in this process, as far as its data is concerned: buckets, queues, descriptions. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../../localcloud/server.ts";
import { createClients } from "../../src/aws/clients.ts";
import { UNLIMITED } from "../../src/aws/limits.ts";
import type { Clock } from "../../src/core/ports.ts";
import { createData, type Data, type WorkflowData } from "../../src/data/data.ts";
import { compile } from "../../src/desired/compile.ts";
import { controlBucket } from "../../src/desired/names.ts";
import { readStepDescription, type StepDescription } from "../../src/desired/step-description.ts";
import type { FileMessage } from "../../src/workflow/file-message.ts";
import { resultKey } from "../../src/workflow/output-key.ts";
import { toMetadata } from "../../src/workflow/result-metadata.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import { writeMessage } from "../../src/workflow/write-message.ts";
import { facts as sampleFacts, sequence } from "../desired/samples.ts";
import { assertLoopback } from "../support/loopback.ts";
import { createSdk, type Sdk } from "../support/sdk.ts";

export const facts = { ...sampleFacts, region: "us-east-1" };
/** Names of files that somebody will have. */
export const ODD_KEYS = [
  "a b.png",
  "1+1=2.png",
  "100%.png",
  `it's "quoted".png`,
  "grün/Ünïcödé 写真.png",
  "semi;colon&amp.png",
] as const;

export interface Stored {
  readonly key: string;
  readonly eTag: string;
}

export interface Stage {
  readonly cloud: LocalCloud;
  readonly sdk: Sdk;
  readonly data: Data;
  /** The sample sequence's. */
  readonly plants: WorkflowData;
  readonly steps: readonly StepDescription[];
  readonly clock: Clock;
  /** A folder of this test's own. */
  readonly folder: string;
  /** Called whenever the product sleeps; the cloud's clock has gone on by then. */
  whileSleeping(work: () => Promise<unknown>): void;
  put(bucket: string, key: string, body?: string, metadata?: Record<string, string>): Promise<Stored>;
  text(bucket: string, key: string): Promise<string>;
  keys(bucket: string): Promise<string[]>;
  /** As the step's worker leaves it. */
  putResult(step: StepDescription, source: Stored, suffix?: string): Promise<Stored>;
  send(url: string, message: object): Promise<void>;
  /** All visible messages, which are taken out. */
  drain(url: string): Promise<FileMessage[]>;
  /** Messages that are visible, and those that somebody has. */
  depth(url: string): Promise<{ visible: number; hidden: number }>;
}

export async function openStage(
  t: TestContext,
  workflow: Workflow = sequence(),
  options: LocalCloudOptions = {},
): Promise<Stage> {
  const cloud = await startLocalCloud(options);
  const place = {
    endpoint: assertLoopback(cloud.endpoint),
    region: facts.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const sdk = createSdk(place);
  const folder = await mkdtemp(join(tmpdir(), "pipewright-data-"));
  let sleeping: () => Promise<unknown> = async () => {};
  const now = () => cloud.world.clock.now();
  const clock: Clock = {
    now,
    monotonic: now,
    async sleep(ms, signal) {
      cloud.world.clock.step(ms);
      await sleeping();
      signal?.throwIfAborted();
    },
    after: (ms, call) => cloud.world.clock.after(ms, call),
  };
  const clients = createClients({ ...place, clock, limiter: UNLIMITED });
  t.after(async () => {
    for (const client of [...Object.values(sdk), ...Object.values(clients)]) client.destroy();
    await cloud.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const steps = await setUp(workflow, sdk);
  const data = createData({ clients, clock, account: facts, owner: facts.owner });
  const put: Stage["put"] = async (bucket, key, body = key, metadata = {}) => {
    const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(body), Metadata: metadata });
    return { key, eTag: ((await sdk.s3.send(command)).ETag ?? "").replaceAll('"', "") };
  };
  return {
    ...{ cloud, sdk, data, steps, clock, folder, put },
    plants: (await data.of(workflow.name))!,
    whileSleeping(work) {
      sleeping = work;
    },
    async text(bucket, key) {
      const { Body } = await sdk.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body!.transformToString();
    },
    async keys(bucket) {
      const { Contents = [] } = await sdk.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key = "" }) => Key);
    },
    async putResult({ output, algorithm, workflow }, { key, eTag }, suffix = "") {
      const to = resultKey(output.key, { key, algorithm, workflow, suffix });
      const metadata = toMetadata({ key, eTag, workflow, algorithm, attempt: 1, seconds: 0.5 });
      return put(output.bucket, to, `result of ${key}`, metadata);
    },
    async send(url, message) {
      await sdk.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: writeMessage(message) }));
    },
    async drain(url) {
      const bodies: FileMessage[] = [];
      for (;;) {
        const asking = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 });
        const { Messages = [] } = await sdk.sqs.send(asking);
        if (Messages.length === 0) return bodies;
        for (const { Body = "", ReceiptHandle } of Messages) {
          bodies.push(JSON.parse(Body));
          await sdk.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
        }
      }
    },
    async depth(url) {
      const asking = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
      const { Attributes = {} } = await sdk.sqs.send(asking);
      const number = (name: string) => Number((Attributes as Record<string, string>)[name]);
      return {
        visible: number("ApproximateNumberOfMessages"),
        hidden: number("ApproximateNumberOfMessagesNotVisible"),
      };
    },
  };
}

/** What the reconciler makes of the workflow, without what no file passes through. */
async function setUp(workflow: Workflow, sdk: Sdk): Promise<StepDescription[]> {
  const control = controlBucket(facts);
  const desired = compile(workflow, facts);
  const named = (kind: string) => desired.filter(({ key }) => key.startsWith(`${kind}/`));
  for (const bucket of [control, ...named("bucket").map(({ key }) => key.slice("bucket/".length))]) {
    await sdk.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  }
  const steps: StepDescription[] = [];
  for (const { key, spec } of named("object")) {
    const { body } = spec as { body: string };
    const Key = key.slice(`object/${control}/`.length);
    await sdk.s3.send(new PutObjectCommand({ Bucket: control, Key, Body: body }));
    steps.push(readStepDescription(body));
  }
  for (const { queue, deadLetters, undelivered } of steps) {
    for (const name of [deadLetters.name, undelivered.name])
      await sdk.sqs.send(new CreateQueueCommand({ QueueName: name }));
    const deadLetterTargetArn = `arn:aws:sqs:${facts.region}:${facts.account}:${deadLetters.name}`;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 13 });
    await sdk.sqs.send(new CreateQueueCommand({ QueueName: queue.name, Attributes: { RedrivePolicy } }));
  }
  return steps.sort((one, other) => one.index - other.index);
}
