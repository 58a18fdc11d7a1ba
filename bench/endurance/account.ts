/** What stands in the account of the run, asked with plain clients that have much patience: their calls are struck, too. */
import { createHash } from "node:crypto";
import { DescribeInstancesCommand, EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { DescribeTasksCommand, ECSClient } from "@aws-sdk/client-ecs";
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Cloud, CREDENTIALS, REGION } from "../support/cloud.ts";

export const STEPS = ["drop-bad-readings", "daily-means", "find-floods"] as const;
export const WORKFLOW = "river-gauges";
const ACCOUNT = "123456789012";
export const BUCKETS = {
  input: "river-gauges-readings",
  output: "river-gauges-floods",
  between: `pw-${WORKFLOW}-${STEPS[0]}-${ACCOUNT}-${REGION}`,
} as const;

const ATTEMPTS = 15;

export type Account = ReturnType<typeof openAccount>;

export function openAccount(cloud: Cloud) {
  const common = { endpoint: cloud.endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: ATTEMPTS };
  const s3 = new S3Client({ ...common, forcePathStyle: true });
  const sqs = new SQSClient({ ...common, useQueueUrlAsEndpoint: false });
  const [ecs, ec2] = [new ECSClient(common), new EC2Client(common)];
  const queueUrl = (name: string) => `${cloud.endpoint}/${ACCOUNT}/${name}`;

  return {
    /** From now on the bucket remembers everything that is written to it. */
    remember: (Bucket: string) =>
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } })),
    upload: (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: BUCKETS.input, Key, Body })),
    /** How often each key was written. */
    async writes(Bucket: string): Promise<Map<string, number>> {
      const writes = new Map<string, number>();
      for (let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}; marker; ) {
        const page: ListObjectVersionsCommandOutput = await s3.send(
          new ListObjectVersionsCommand({ Bucket, ...marker }),
        );
        for (const { Key = "" } of page.Versions ?? []) writes.set(Key, (writes.get(Key) ?? 0) + 1);
        const { NextKeyMarker, NextVersionIdMarker } = page;
        marker = page.IsTruncated ? { KeyMarker: NextKeyMarker!, VersionIdMarker: NextVersionIdMarker! } : undefined;
      }
      return writes;
    },
    async text(Bucket: string, Key: string): Promise<string> {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return Body!.transformToString();
    },
    async sha256(Bucket: string, Key: string): Promise<string> {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const hash = createHash("sha256");
      for await (const chunk of Body as AsyncIterable<Buffer>) hash.update(chunk);
      return hash.digest("hex");
    },
    /** Whatever its state. */
    async messages(queue: string): Promise<number> {
      const states = ["", "NotVisible", "Delayed"].map((state) => `ApproximateNumberOfMessages${state}` as const);
      const command = new GetQueueAttributesCommand({
        QueueUrl: queueUrl(queue),
        AttributeNames: states as "ApproximateNumberOfMessages"[],
      });
      const { Attributes = {} } = await sqs.send(command);
      return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
    },
    /** Dead letters, which are left where they are. */
    async letters(step: string): Promise<{ key: string; reason: string; detail: string }[]> {
      const QueueUrl = queueUrl(`pw-${WORKFLOW}-${step}-dead-letters`);
      const found = [];
      for (;;) {
        const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 });
        const { Messages = [] } = await sqs.send(command);
        if (Messages.length === 0) return found;
        found.push(...Messages.map(({ Body = "" }) => JSON.parse(Body)));
      }
    },
    /** The identifiers of those tasks that run this step. */
    async tasksOf(step: string): Promise<string[]> {
      const tasks = await cloud.command<string[]>("GET", "tasks");
      if (tasks.length === 0) return [];
      const described = await ecs.send(new DescribeTasksCommand({ cluster: "pipewright", tasks }));
      const ours = (described.tasks ?? []).filter(({ taskDefinitionArn }) =>
        taskDefinitionArn?.includes(`/pw-${WORKFLOW}-${step}:`),
      );
      return ours.map(({ taskArn = "" }) => taskArn.split("/").at(-1)!);
    },
    async terminateOneInstance(): Promise<string | undefined> {
      const Filters = [{ Name: "instance-state-name", Values: ["running"] }];
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
      const id = Reservations[0]?.Instances?.[0]?.InstanceId;
      if (id !== undefined) await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      return id;
    },
    close() {
      for (const client of [s3, sqs, ecs, ec2]) client.destroy();
    },
  };
}
