import type * as api from "@aws-sdk/client-sqs";
import { createSqs, type Sqs } from "../../localcloud/services/sqs.ts";
import { invoke, type StubWorld, stubWorld } from "./stub-world.ts";

export const ARN = "arn:aws:sqs:us-east-1:000000000000:";

/** A world with queues alone, and short words for what is asked of them. */
export function cloud(options: { lags?: boolean } = {}) {
  const world = stubWorld([createSqs], options);
  const sqs = world.service<Sqs>("sqs");
  const run = <Output>(operation: string, input: object) => invoke<Output>(sqs, operation, input);
  const create = (QueueName: string, Attributes?: Record<string, string>, tags?: Record<string, string>) =>
    run<api.CreateQueueCommandOutput>("CreateQueue", { QueueName, Attributes, tags }).QueueUrl!;
  const attributes = (QueueUrl: string, ...AttributeNames: string[]) =>
    run<api.GetQueueAttributesCommandOutput>("GetQueueAttributes", {
      QueueUrl,
      AttributeNames: AttributeNames.length === 0 ? ["All"] : AttributeNames,
    }).Attributes ?? {};
  const set = (QueueUrl: string, Attributes: Record<string, string>) =>
    run("SetQueueAttributes", { QueueUrl, Attributes });
  const send = (QueueUrl: string, MessageBody: string, more: object = {}) =>
    run<api.SendMessageCommandOutput>("SendMessage", { QueueUrl, MessageBody, ...more });
  const receive = async (QueueUrl: string, more: object = {}) =>
    (await run<Promise<api.ReceiveMessageCommandOutput>>("ReceiveMessage", { QueueUrl, ...more })).Messages ?? [];
  return { world, sqs, run, create, attributes, set, send, receive };
}

export function redrive(name: string, maxReceiveCount: number | string) {
  return JSON.stringify({ deadLetterTargetArn: ARN + name, maxReceiveCount });
}

/** Steps the clock and lets whoever waited for it go on. */
export async function seconds(world: StubWorld, count: number) {
  world.step(count * 1000);
  await new Promise(setImmediate);
}
