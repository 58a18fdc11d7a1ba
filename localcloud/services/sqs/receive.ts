import type { Message as MessageAnswer, MessageAttributeValue, ReceiveMessageCommandInput } from "@aws-sdk/client-sqs";
import { AwsError, type World } from "../../service.ts";
import { effectiveNumber } from "./attributes.ts";
import { invalidParameterValue, queueDoesNotExist } from "./errors.ts";
import { md5, md5OfAttributes } from "./message-digest.ts";
import type { Message } from "./messages.ts";
import type { Queue } from "./queue.ts";
import { newReceipt } from "./receipt.ts";
import { redriveOf } from "./redrive.ts";

/** As published; a queue with so many messages in flight answers OverLimit. */
const IN_FLIGHT_LIMIT = 120_000;

interface ReceiveDeps {
  readonly world: World;
  readonly queueByArn: (arn: string) => Queue | undefined;
  /** Aborted when the caller has gone: it gets no message that somebody else could have. */
  readonly gone: AbortSignal | undefined;
}

/** Takes up to ten visible messages, waiting for the first as long as the caller (or the queue) says. */
export async function receive(
  deps: ReceiveDeps,
  queue: Queue,
  input: ReceiveMessageCommandInput,
): Promise<MessageAnswer[]> {
  const { world, gone } = deps;
  const limit = inRange("MaxNumberOfMessages", input.MaxNumberOfMessages ?? 1, 1, 10, "Must be between 1 and 10");
  const waitSeconds = inRange(
    "WaitTimeSeconds",
    input.WaitTimeSeconds ?? effectiveNumber(queue, "ReceiveMessageWaitTimeSeconds"),
    0,
    20,
    "Must be >= 0 and <= 20",
  );
  const visibilitySeconds = inRange(
    "VisibilityTimeout",
    input.VisibilityTimeout ?? effectiveNumber(queue, "VisibilityTimeout"),
    0,
    43_200,
    "Must be >= 0 and <= 43200",
  );
  const deadlineMs = world.now() + waitSeconds * 1000;
  for (;;) {
    if (gone?.aborted) return [];
    if (queue.deleted) throw queueDoesNotExist();
    const taken = take(deps, queue, limit, visibilitySeconds * 1000);
    const leftMs = deadlineMs - world.now();
    if (taken.length > 0 || leftMs <= 0) return taken.map((message) => answer(message, input));
    await visibleWithin(world, queue, leftMs, gone);
  }
}

function take({ world, queueByArn }: ReceiveDeps, queue: Queue, limit: number, visibilityMs: number): Message[] {
  const now = world.now();
  const retentionMs = effectiveNumber(queue, "MessageRetentionPeriod") * 1000;
  const { messages } = queue;
  // Delayed ones are hidden too; they are counted apart only where it can matter.
  if (messages.hiddenCount >= IN_FLIGHT_LIMIT && messages.counts(now, retentionMs).inFlight >= IN_FLIGHT_LIMIT) {
    throw new AwsError("OverLimit", "The maximum number of in flight messages is reached.", {
      legacyCode: "OverLimit",
    });
  }
  const redrive = redriveOf(queue);
  const deadLetterQueue = redrive === undefined ? undefined : queueByArn(redrive.deadLetterTargetArn);
  const taken: Message[] = [];
  for (const message of messages.visible(now, retentionMs)) {
    if (taken.length === limit) break;
    // A message whose dead-letter queue is gone goes on being received, as in life.
    if (redrive !== undefined && deadLetterQueue !== undefined && message.receiveCount >= redrive.maxReceiveCount) {
      messages.remove(message.id);
      deadLetterQueue.messages.add(
        { ...message, visibleAtMs: now, receipt: undefined, receivedAtMs: undefined, deadLetterSourceArn: queue.arn },
        now,
      );
      continue;
    }
    message.receiveCount += 1;
    message.firstReceivedAtMs ??= now;
    message.receivedAtMs = now;
    message.receipt = newReceipt(world, message.id);
    taken.push(message);
  }
  for (const message of taken) messages.hideUntil(message, now + visibilityMs, now);
  return taken;
}

/** Resolves when a message comes, when a hidden one is due, when the time is over or the caller gone, whatever is first. */
function visibleWithin(world: World, queue: Queue, leftMs: number, gone: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ignore = queue.messages.onVisible(resolve);
  gone?.addEventListener("abort", () => resolve(), { once: true });
  const untilDueMs = queue.messages.nextDueMs - world.now();
  const cancel = world.after(Math.max(1, Math.min(leftMs, untilDueMs)), resolve);
  return promise.finally(() => {
    ignore();
    cancel();
  });
}

function answer(message: Message, input: ReceiveMessageCommandInput): MessageAnswer {
  const wanted = new Set<string>([...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])]);
  const system = Object.entries({
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAtMs),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
  }).filter(([name, value]) => value !== undefined && (wanted.has("All") || wanted.has(name)));
  const custom = Object.entries(message.attributes).filter(([name]) => asked(name, input.MessageAttributeNames ?? []));
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: system.length === 0 ? undefined : Object.fromEntries(system),
    MD5OfMessageAttributes: md5OfAttributes(Object.fromEntries(custom)),
    MessageAttributes:
      custom.length === 0 ? undefined : (Object.fromEntries(custom) as Record<string, MessageAttributeValue>),
  };
}

/** `All`, `.*`, a name, or a prefix written `prefix.*`. */
function asked(name: string, patterns: readonly string[]): boolean {
  return patterns.some(
    (pattern) =>
      pattern === "All" || pattern === name || (pattern.endsWith(".*") && name.startsWith(pattern.slice(0, -2))),
  );
}

function inRange(name: string, value: number, low: number, high: number, rule: string): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw invalidParameterValue(`Value ${value} for parameter ${name} is invalid. Reason: ${rule}, if provided.`);
}
