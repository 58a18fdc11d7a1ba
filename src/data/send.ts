/** Puts messages into a step's queue, and tells the scaler that there is work. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import type { Clients } from "../aws/clients.ts";
import { scaler } from "../desired/names.ts";
import type { StepDescription } from "../desired/step-description.ts";

/** SQS takes ten messages a batch, of 1 MiB in all; of ours none has more than a few KiB. */
export const BATCH = 10;
/** A failed entry of a batch is sent again this often. */
const TRIES = 3;

/** Resolves once SQS has them all. */
export async function sendAll(sqs: Clients["sqs"], url: string, bodies: readonly string[]): Promise<void> {
  let entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
  for (let attempt = 1; entries.length > 0; attempt += 1) {
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }));
    const failed = new Set(Failed.map(({ Id }) => Id));
    entries = entries.filter(({ Id }) => failed.has(Id));
    if (entries.length > 0 && attempt === TRIES) {
      const why = `${Failed[0]?.Code}: ${Failed[0]?.Message}`;
      throw new Error(`${entries.length} of ${bodies.length} messages were not taken by ${url}: ${why}`);
    }
  }
}

/** The scaler's own tick comes within a minute: a nudge that fails costs time, never a file. */
export async function nudge(lambda: Clients["lambda"], steps: readonly StepDescription[]): Promise<void> {
  for (const cluster of new Set(steps.map((step) => step.cluster))) {
    await lambda
      .send(new InvokeCommand({ FunctionName: scaler(cluster), InvocationType: "Event" }))
      .catch(() => undefined);
  }
}
