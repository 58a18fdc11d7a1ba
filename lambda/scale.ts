/**
 * The scaler, one per cluster. This first version starts tasks for what waits in the queues, on the instances that the
 * cluster has; it launches none.
 */
import { ECSClient, ListTasksCommand, RunTaskCommand } from "@aws-sdk/client-ecs";
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { readStepDescription, type StepDescription } from "../src/desired/step-description.ts";

/** RunTask starts at most ten tasks a call. */
const TASKS_PER_CALL = 10;

export async function handler(): Promise<void> {
  const cluster = required("CLUSTER");
  const bucket = required("CONTROL_BUCKET");
  const s3 = new S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined });
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const ecs = new ECSClient({});
  for await (const step of steps(s3, bucket, cluster)) {
    const waiting = await messagesIn(sqs, step.queue.url);
    if (waiting === 0) continue;
    const running = await ecs.send(new ListTasksCommand({ cluster, family: step.task.family }));
    const count = Math.min(waiting, step.task.max, TASKS_PER_CALL) - (running.taskArns ?? []).length;
    if (count <= 0) continue;
    const answer = await ecs.send(new RunTaskCommand({ cluster, taskDefinition: step.task.family, count }));
    for (const { reason } of answer.failures ?? []) console.warn(JSON.stringify({ family: step.task.family, reason }));
  }
}

async function* steps(s3: S3Client, bucket: string, cluster: string): AsyncGenerator<StepDescription> {
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: `steps/${cluster}/` })) {
    for (const { Key } of page.Contents ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      yield readStepDescription((await Body?.transformToString()) ?? "");
    }
  }
}

async function messagesIn(sqs: SQSClient, queueUrl: string): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`the function's environment lacks ${name}`);
  return value;
}
