import * as sqs from "@aws-sdk/client-sqs";
import type { Sdk } from "../../support/sdk.ts";
import { attribute, queue } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const SQS = "SQS API Reference";
const DEAD_LETTERS = "SQS Developer Guide, dead-letter queues";

export const sqsMessageProbes: readonly Probe[] = [
  {
    operation: "sqs:SendMessage",
    question: "of 1 MiB, into a new queue",
    aws: "accepted",
    source: `${SQS}, SendMessage (since August 2025)`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-large");
      return outcomeOf(send(sdk, at, "x".repeat(1024 ** 2)));
    },
  },
  {
    operation: "sqs:SendMessage",
    question: "with the character U+FFFF",
    aws: "400 InvalidMessageContents",
    source: `${SQS}, SendMessage`,
    ask: async (sdk) => outcomeOf(send(sdk, await queue(sdk, "probe-character"), "\uFFFF")),
  },
  {
    operation: "sqs:SendMessage",
    question: "delayed by more than fifteen minutes",
    aws: "400 InvalidParameterValue",
    source: `${SQS}, SendMessage`,
    async ask(sdk) {
      const given = { ...(await queue(sdk, "probe-delay")), MessageBody: "x", DelaySeconds: 901 };
      return outcomeOf(sdk.sqs.send(new sqs.SendMessageCommand(given)));
    },
  },
  {
    operation: "sqs:SendMessageBatch",
    question: "two, one of them delayed by more than fifteen minutes",
    aws: "1 sent, 1 failed",
    source: `${SQS}, SendMessageBatch`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-batch");
      const Entries = [0, 901].map((DelaySeconds, index) => ({ Id: `${index}`, MessageBody: "x", DelaySeconds }));
      const { Successful, Failed } = await sdk.sqs.send(new sqs.SendMessageBatchCommand({ ...at, Entries }));
      return `${Successful?.length ?? 0} sent, ${Failed?.length ?? 0} failed`;
    },
  },
  {
    operation: "sqs:SendMessageBatch",
    question: "eleven",
    aws: "400 TooManyEntriesInBatchRequest",
    source: `${SQS}, SendMessageBatch`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-eleven");
      const Entries = Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody: "x" }));
      return outcomeOf(sdk.sqs.send(new sqs.SendMessageBatchCommand({ ...at, Entries })));
    },
  },
  {
    operation: "sqs:SendMessageBatch",
    question: "two of the same id",
    aws: "400 BatchEntryIdsNotDistinct",
    source: `${SQS}, SendMessageBatch`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-same-id");
      const Entries = [1, 2].map(() => ({ Id: "same", MessageBody: "x" }));
      return outcomeOf(sdk.sqs.send(new sqs.SendMessageBatchCommand({ ...at, Entries })));
    },
  },
  {
    operation: "sqs:SendMessageBatch",
    question: "two that together are longer than 1 MiB",
    aws: "400 BatchRequestTooLong",
    source: `${SQS}, SendMessageBatch (since August 2025)`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-long-batch");
      const Entries = ["a", "b"].map((Id) => ({ Id, MessageBody: "x".repeat(600 * 1024) }));
      return outcomeOf(sdk.sqs.send(new sqs.SendMessageBatchCommand({ ...at, Entries })));
    },
  },
  {
    operation: "sqs:ReceiveMessage",
    question: "how often it was received, the second time",
    aws: "2",
    source: `${SQS}, ReceiveMessage`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-received");
      await send(sdk, at);
      await receive(sdk, at);
      return (await receive(sdk, at))?.Attributes?.ApproximateReceiveCount ?? "absent";
    },
  },
  {
    operation: "sqs:ReceiveMessage",
    question: "one that came too often is among the dead letters, sent when it was first",
    aws: "the same time",
    source: DEAD_LETTERS,
    async ask(sdk) {
      const { source, dead } = await withDeadLetters(sdk, "probe-letters");
      await send(sdk, source);
      const first = await receive(sdk, source);
      await receive(sdk, source);
      const letter = await receive(sdk, dead);
      if (letter === undefined) return "no dead letter";
      const sent = (message: sqs.Message | undefined) => message?.Attributes?.SentTimestamp;
      return sent(letter) === sent(first) ? "the same time" : "another time";
    },
  },
  {
    operation: "sqs:ReceiveMessage",
    question: "a dead letter names the queue it is from",
    aws: "named",
    source: `${SQS}, ReceiveMessage`,
    async ask(sdk) {
      const { source, dead } = await withDeadLetters(sdk, "probe-from");
      await send(sdk, source);
      for (const _ of [1, 2]) await receive(sdk, source);
      return (await receive(sdk, dead))?.Attributes?.DeadLetterQueueSourceArn ? "named" : "not named";
    },
  },
  {
    operation: "sqs:ReceiveMessage",
    question: "one that is sent while somebody waits for it",
    aws: "given",
    source: "SQS Developer Guide, short and long polling",
    async ask(sdk) {
      const at = await queue(sdk, "probe-poll");
      const waiting = sdk.sqs.send(new sqs.ReceiveMessageCommand({ ...at, WaitTimeSeconds: 5 }));
      await attribute(sdk, at, "QueueArn");
      await send(sdk, at);
      return (await waiting).Messages?.length ? "given" : "not given";
    },
  },
  {
    operation: "sqs:ChangeMessageVisibility",
    question: "to 0: somebody else gets it at once",
    aws: "received",
    source: "SQS Developer Guide, visibility timeout",
    async ask(sdk) {
      const at = await queue(sdk, "probe-given-back");
      await send(sdk, at);
      await hold(sdk, at, await receive(sdk, at, 60), 0);
      return (await receive(sdk, at)) ? "received" : "hidden";
    },
  },
  {
    operation: "sqs:ChangeMessageVisibility",
    question: "of a message that is visible again",
    aws: "400 MessageNotInflight",
    source: `${SQS}, ChangeMessageVisibility`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-not-held");
      await send(sdk, at);
      return outcomeOf(hold(sdk, at, await receive(sdk, at, 0), 30));
    },
  },
  {
    operation: "sqs:ChangeMessageVisibility",
    question: "to more than twelve hours",
    aws: "refused",
    source: `${SQS}, ChangeMessageVisibility`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-held-long");
      await send(sdk, at);
      return verdict(hold(sdk, at, await receive(sdk, at, 60), 43_201));
    },
  },
  {
    operation: "sqs:DeleteMessage",
    question: "with an older receipt: the message stays",
    aws: "stays",
    source: `${SQS}, DeleteMessage`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-receipt");
      await send(sdk, at);
      const old = await receive(sdk, at);
      await receive(sdk, at);
      await sdk.sqs.send(new sqs.DeleteMessageCommand({ ...at, ReceiptHandle: old!.ReceiptHandle! }));
      return (await receive(sdk, at)) ? "stays" : "gone";
    },
  },
  {
    operation: "sqs:DeleteMessage",
    question: "with a receipt that is none",
    aws: "ReceiptHandleIsInvalid",
    source: `${SQS}, DeleteMessage, errors`,
    async ask(sdk) {
      const given = { ...(await queue(sdk, "probe-no-receipt")), ReceiptHandle: "none" };
      await sdk.sqs.send(new sqs.DeleteMessageCommand(given));
      return "accepted";
    },
  },
  {
    operation: "sqs:DeleteMessageBatch",
    question: "two, one of them with a receipt that is none",
    aws: "1 deleted, ReceiptHandleIsInvalid",
    source: `${SQS}, DeleteMessageBatch`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-delete-batch");
      await send(sdk, at);
      const { ReceiptHandle } = (await receive(sdk, at, 60))!;
      const Entries = [ReceiptHandle, "none"].map((handle, index) => ({ Id: `${index}`, ReceiptHandle: handle }));
      const { Successful, Failed } = await sdk.sqs.send(new sqs.DeleteMessageBatchCommand({ ...at, Entries }));
      return `${Successful?.length ?? 0} deleted, ${Failed?.map(({ Code }) => Code).join(", ") || "none failed"}`;
    },
  },
  {
    operation: "sqs:StartMessageMoveTask",
    question: "from a dead-letter queue back to its source: the message is a new one",
    aws: "another id",
    source: `${DEAD_LETTERS}, redrive`,
    async ask(sdk) {
      const { source, letter } = await movedBack(sdk, "probe-moved");
      const [back] =
        (await sdk.sqs.send(new sqs.ReceiveMessageCommand({ ...source, WaitTimeSeconds: 5 }))).Messages ?? [];
      if (back === undefined) return "not back";
      return back.MessageId === letter?.MessageId ? "the same id" : "another id";
    },
  },
  {
    operation: "sqs:StartMessageMoveTask",
    question: "from a queue that is not there",
    aws: "ResourceNotFoundException",
    source: `${SQS}, StartMessageMoveTask, errors`,
    async ask(sdk) {
      const SourceArn = `${await attribute(sdk, await queue(sdk, "probe-move"), "QueueArn")}-none`;
      await sdk.sqs.send(new sqs.StartMessageMoveTaskCommand({ SourceArn }));
      return "accepted";
    },
  },
  {
    operation: "sqs:ListMessageMoveTasks",
    question: "a move of one message, once it is done",
    aws: "COMPLETED, 1 moved",
    source: `${SQS}, ListMessageMoveTasks`,
    async ask(sdk) {
      const { source, SourceArn } = await movedBack(sdk, "probe-done");
      await sdk.sqs.send(new sqs.ReceiveMessageCommand({ ...source, WaitTimeSeconds: 5 }));
      const { Results } = await sdk.sqs.send(new sqs.ListMessageMoveTasksCommand({ SourceArn }));
      return `${Results?.[0]?.Status}, ${Results?.[0]?.ApproximateNumberOfMessagesMoved} moved`;
    },
  },
];

interface At {
  readonly QueueUrl: string;
}

function send({ sqs: client }: Sdk, at: At, MessageBody = "x"): Promise<unknown> {
  return client.send(new sqs.SendMessageCommand({ ...at, MessageBody }));
}

/** The next message, and all that is known of it; by default it can be received again at once. */
async function receive({ sqs: client }: Sdk, at: At, VisibilityTimeout = 0): Promise<sqs.Message | undefined> {
  const all = { MessageSystemAttributeNames: ["All" as const], WaitTimeSeconds: 0 };
  return (await client.send(new sqs.ReceiveMessageCommand({ ...at, ...all, VisibilityTimeout }))).Messages?.[0];
}

function hold({ sqs: client }: Sdk, at: At, message: sqs.Message | undefined, VisibilityTimeout: number) {
  const ReceiptHandle = message?.ReceiptHandle ?? "";
  return client.send(new sqs.ChangeMessageVisibilityCommand({ ...at, ReceiptHandle, VisibilityTimeout }));
}

/** A queue whose messages may be received once, and the queue of its dead letters. */
async function withDeadLetters(sdk: Sdk, name: string) {
  const dead = await queue(sdk, `${name}-dead`);
  const deadLetterTargetArn = await attribute(sdk, dead, "QueueArn");
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
  return { source: await queue(sdk, name, { RedrivePolicy }), dead, SourceArn: deadLetterTargetArn };
}

/** A dead letter that is on its way back. */
async function movedBack(sdk: Sdk, name: string) {
  const queues = await withDeadLetters(sdk, name);
  await send(sdk, queues.source);
  for (const _ of [1, 2]) await receive(sdk, queues.source);
  const letter = await receive(sdk, queues.dead);
  await sdk.sqs.send(new sqs.StartMessageMoveTaskCommand({ SourceArn: queues.SourceArn }));
  return { ...queues, letter };
}
