/**
 * The enqueuer, one per step: takes every record of an S3 event and puts it into the step's queue. What could not be sent
 * fails the invocation, so that the event is delivered again; duplicates cost nothing, because a result that is there is
 * not made twice. Then it nudges the scaler.
 */
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { EnqueueSettings } from "../src/desired/function-settings.ts";
import { messagesOf, type S3Event } from "./messages.ts";
import { readSettings } from "./settings.ts";

export interface EnqueueDeps {
  readonly sqs: Pick<SQSClient, "send">;
  readonly lambda: Pick<LambdaClient, "send">;
  /** Milliseconds that never jump. */
  readonly monotonic: () => number;
}

/** SQS takes ten messages a batch. */
const BATCH = 10;
/** A failed entry of a batch is sent again this often before the whole event is given back. */
const TRIES = 3;
/** At most one nudge in this many milliseconds per warm container. */
const NUDGE_EVERY_MS = 10_000;

export function createEnqueuer(settings: EnqueueSettings, deps: EnqueueDeps): (event: S3Event) => Promise<void> {
  let nudgedAt = Number.NEGATIVE_INFINITY;
  return async (event) => {
    const messages = messagesOf(event);
    for (let start = 0; start < messages.length; start += BATCH) {
      await sendBatch(messages.slice(start, start + BATCH), settings, deps);
    }
    if (messages.length === 0 || deps.monotonic() - nudgedAt < NUDGE_EVERY_MS) return;
    nudgedAt = deps.monotonic();
    // The scaler's own tick comes within a minute: a nudge that fails costs time, never a file.
    await deps.lambda
      .send(new InvokeCommand({ FunctionName: settings.scaler, InvocationType: "Event" }))
      .catch((error: unknown) => console.warn(JSON.stringify({ message: "scaler not nudged", error: String(error) })));
  };
}

async function sendBatch(bodies: readonly string[], settings: EnqueueSettings, deps: EnqueueDeps): Promise<void> {
  let entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
  for (let attempt = 1; entries.length > 0; attempt += 1) {
    const answer = await deps.sqs.send(new SendMessageBatchCommand({ QueueUrl: settings.queueUrl, Entries: entries }));
    const failed = new Set((answer.Failed ?? []).map((one) => one.Id));
    entries = entries.filter((one) => failed.has(one.Id));
    if (entries.length > 0 && attempt === TRIES) {
      throw new Error(`${entries.length} of ${bodies.length} messages were not taken: ${answer.Failed?.[0]?.Code}`);
    }
  }
}

let enqueue: ReturnType<typeof createEnqueuer> | undefined;

export async function handler(event: S3Event): Promise<void> {
  enqueue ??= createEnqueuer(readSettings(), {
    // The queue's URL may name another host than the endpoint does.
    sqs: new SQSClient({ useQueueUrlAsEndpoint: false }),
    lambda: new LambdaClient({}),
    monotonic: () => performance.now(),
  });
  await enqueue(event);
}
