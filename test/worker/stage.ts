/** Buckets, queues and a worker in this process, on a local cloud of their own. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ChecksumType,
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { type LocalCloud, startLocalCloud } from "../../localcloud/server.ts";
import type { WorkerSettings } from "../../src/desired/worker-environment.ts";
import type { DeadLetter } from "../../src/workflow/file-message.ts";
import { systemClock } from "../../worker/clock.ts";
import type { Ending } from "../../worker/ending.ts";
import { type HandleDeps, handleMessage } from "../../worker/handle-message.ts";
import { createLog } from "../../worker/log.ts";
import { createSdk, type Sdk } from "../support/sdk.ts";

const INPUT = "plants-input";
const OUTPUT = "plants-output";

/** Writes in capitals. */
export const CAPITALS = sh('tr a-z A-Z < "$1" > "$2"');

/** A script that gets the input's path as `$1` and the output's as `$2`. */
export function sh(script: string): string[] {
  return ["/bin/sh", "-c", script, "sh", "$input", "$output"];
}

export interface LogLine {
  readonly file?: string;
  readonly stream?: string;
  readonly level: string;
  readonly message: string;
}

export interface Result {
  readonly key: string;
  readonly body: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksumType: ChecksumType | undefined;
}

export interface Stage {
  readonly cloud: LocalCloud;
  readonly sdk: Sdk;
  readonly settings: WorkerSettings;
  /** Where the algorithm's folders `in` and `out` are. */
  readonly folder: string;
  readonly log: LogLine[];
  /** Puts a file into the input bucket and its message into the queue; answers the message. */
  upload(key: string, body: string | Buffer): Promise<object>;
  send(message: object | string): Promise<void>;
  /** Takes a message, if any is visible. */
  receive(queueUrl?: string): Promise<Message | undefined>;
  /** Takes one message and works on it; undefined when there is none. */
  work(over?: Partial<WorkerSettings>, deps?: Partial<HandleDeps>): Promise<Ending | undefined>;
  handle(message: Message, over?: Partial<WorkerSettings>, deps?: Partial<HandleDeps>): Promise<Ending | undefined>;
  /** Lets time pass in the cloud: leases end, delays too. */
  pass(seconds: number): void;
  results(): Promise<Result[]>;
  /** How often each key of the output bucket was written. */
  writes(): Promise<Record<string, number>>;
  /** All of them. Asking takes them out. */
  deadLetters(): Promise<DeadLetter[]>;
  /** Messages of the queue: visible, in flight, delayed. */
  waiting(): Promise<[number, number, number]>;
  stop(): Promise<void>;
}

export async function openStage(own: Partial<WorkerSettings> = {}): Promise<Stage> {
  const cloud = await startLocalCloud();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const sdk = createSdk({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  for (const Bucket of [INPUT, OUTPUT]) await sdk.s3.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await sdk.s3.send(new PutBucketVersioningCommand({ Bucket: OUTPUT, VersioningConfiguration }));
  const queue = async (QueueName: string) => (await sdk.sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? "";
  const folder = mkdtempSync(join(tmpdir(), "pipewright-worker-"));
  const settings: WorkerSettings = {
    workflow: "plants",
    step: "grey",
    algorithm: "grey",
    image: "example/grey:1",
    inputBucket: INPUT,
    outputBucket: OUTPUT,
    outputKey: "{dir}/Result-{algorithm}-{file}",
    queueUrl: await queue("pw-plants-grey"),
    deadLettersUrl: await queue("pw-plants-grey-dead-letters"),
    command: CAPITALS,
    inputPath: join(folder, "in"),
    outputPath: join(folder, "out"),
    variables: {},
    visibilitySeconds: 300,
    maxReceives: 3,
    timeoutMinutes: 60,
    successExitCodes: [0],
    retryExitCodes: "rest",
    failExitCodes: [65],
    ...own,
  };
  for (const path of [settings.inputPath, settings.outputPath]) mkdirSync(path, { recursive: true });
  const log: LogLine[] = [];

  const stage: Stage = {
    cloud,
    sdk,
    settings,
    folder,
    log,
    async upload(key, body) {
      const { ETag } = await sdk.s3.send(new PutObjectCommand({ Bucket: INPUT, Key: key, Body: body }));
      const message = { bucket: INPUT, key, eTag: ETag?.replaceAll('"', ""), size: body.length, attempt: 1 };
      await stage.send(message);
      return message;
    },
    async send(message) {
      const MessageBody = typeof message === "string" ? message : JSON.stringify(message);
      await sdk.sqs.send(new SendMessageCommand({ QueueUrl: settings.queueUrl, MessageBody }));
    },
    async receive(QueueUrl = settings.queueUrl) {
      const MessageSystemAttributeNames = ["ApproximateReceiveCount" as const];
      const VisibilityTimeout = settings.visibilitySeconds;
      const { Messages = [] } = await sdk.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout, MessageSystemAttributeNames }),
      );
      return Messages[0];
    },
    async work(over, deps) {
      const message = await stage.receive();
      return message && (await stage.handle(message, over, deps));
    },
    handle: (message, over, deps) =>
      handleMessage(message, {
        s3: sdk.s3,
        sqs: sdk.sqs,
        settings: { ...settings, ...over },
        clock: systemClock,
        log: createLog({ clock: systemClock, write: (line) => void log.push(JSON.parse(line)) }),
        stop: new AbortController().signal,
        environment: { PATH: process.env.PATH },
        imageDigest: undefined,
        ...deps,
      }),
    pass: (seconds) => cloud.world.clock.step(seconds * 1_000),
    async results() {
      const { Contents = [] } = await sdk.s3.send(new ListObjectsV2Command({ Bucket: OUTPUT }));
      return await Promise.all(
        Contents.map(async ({ Key = "" }) => {
          const object = await sdk.s3.send(new GetObjectCommand({ Bucket: OUTPUT, Key }));
          const body = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
          return { key: Key, body, metadata: object.Metadata ?? {}, checksumType: object.ChecksumType };
        }),
      );
    },
    async writes() {
      const { Versions = [] } = await sdk.s3.send(new ListObjectVersionsCommand({ Bucket: OUTPUT }));
      const counts: Record<string, number> = {};
      for (const { Key = "" } of Versions) counts[Key] = (counts[Key] ?? 0) + 1;
      return counts;
    },
    async deadLetters() {
      const letters: DeadLetter[] = [];
      const QueueUrl = settings.deadLettersUrl;
      for (;;) {
        const message = await stage.receive(QueueUrl);
        if (!message) return letters;
        await sdk.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
        letters.push(JSON.parse(message.Body ?? ""));
      }
    },
    async waiting() {
      const { Attributes = {} } = await sdk.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: settings.queueUrl, AttributeNames: ["All"] }),
      );
      return [
        Number(Attributes.ApproximateNumberOfMessages),
        Number(Attributes.ApproximateNumberOfMessagesNotVisible),
        Number(Attributes.ApproximateNumberOfMessagesDelayed),
      ];
    },
    async stop() {
      for (const client of Object.values(sdk)) client.destroy();
      await cloud.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return stage;
}
