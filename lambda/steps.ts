/** The steps of a cluster as the control bucket describes them, and what waits in their queues. */
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { stepsPrefix } from "../src/desired/names.ts";
import { stepKey } from "../src/desired/scaler-report.ts";
import { readStepDescription, type StepDescription } from "../src/desired/step-description.ts";
import { inParallel } from "./in-parallel.ts";
import type { StepNow } from "./snapshot.ts";

export interface StepSeen {
  /** `<workflow>/<step>`. */
  readonly key: string;
  readonly description: StepDescription;
  /** Of the description. */
  readonly etag: string;
}

export type Depth = Pick<StepNow, "waiting" | "inFlight" | "backlog">;

const CALLS_AT_ONCE = 20;

/** A description is fetched again only when it has changed: a warm function reads a list a minute, and no more. */
export function stepReader(s3: S3Client, bucket: string, cluster: string): () => Promise<StepSeen[]> {
  let known = new Map<string, StepSeen>();
  return async () => {
    const listed: { objectKey: string; etag: string }[] = [];
    const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: stepsPrefix(cluster) });
    for await (const page of pages) {
      for (const { Key = "", ETag = "" } of page.Contents ?? []) listed.push({ objectKey: Key, etag: ETag });
    }
    const read = await inParallel(listed, CALLS_AT_ONCE, async ({ objectKey, etag }) => {
      const before = known.get(objectKey);
      const step = before?.etag === etag ? before : await describedStep(s3, bucket, objectKey, etag);
      return step ? ([objectKey, step] as const) : undefined;
    });
    known = new Map(read.filter((one) => one !== undefined));
    return [...known.values()];
  };
}

/** One that cannot be read (gone by now, or of a version to come) must not hold up the others. */
async function describedStep(s3: S3Client, bucket: string, key: string, etag: string): Promise<StepSeen | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const description = readStepDescription((await Body?.transformToString()) ?? "");
    return { key: stepKey(description), description, etag };
  } catch (error) {
    console.warn(JSON.stringify({ message: "step not readable", key, error: String(error) }));
    return undefined;
  }
}

/** In the steps' order. A queue that cannot be asked counts as empty. */
export function readDepths(sqs: Pick<SQSClient, "send">, steps: readonly StepSeen[]): Promise<Depth[]> {
  return inParallel(steps, CALLS_AT_ONCE, async ({ key, description }) => {
    try {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: description.queue.url,
          AttributeNames: [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
          ],
        }),
      );
      const waiting = Number(Attributes?.ApproximateNumberOfMessages ?? 0);
      const inFlight = Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0);
      const delayed = Number(Attributes?.ApproximateNumberOfMessagesDelayed ?? 0);
      return { waiting, inFlight, backlog: waiting + inFlight + delayed };
    } catch (error) {
      console.warn(JSON.stringify({ message: "queue not readable", step: key, error: String(error) }));
      return { waiting: 0, inFlight: 0, backlog: undefined };
    }
  });
}
