import { AwsError, type World } from "../../service.ts";
import { invalidParameterValue } from "./errors.ts";
import type { Message } from "./messages.ts";
import type { Queue } from "./queue.ts";

/** A message can be hidden for 12 hours at most, counted from its receive. */
const HELD_AT_MOST_MS = 43_200_000;

/** An opaque handle; it names its message, so that a handle which was overtaken by a later receive can be told from a wrong one. */
export function newReceipt(world: World, messageId: string): string {
  return Buffer.from(`receipt:${messageId}:${world.id("", 32)}`).toString("base64");
}

/** An older receipt than the newest succeeds and deletes nothing, as AWS documents for standard queues. */
export function deleteByReceipt(queue: Queue, receipt: string | undefined): void {
  const message = queue.messages.get(messageIdOf(receipt));
  if (message?.receipt === receipt) queue.messages.remove(message!.id);
}

export function changeVisibility(
  world: World,
  queue: Queue,
  receipt: string | undefined,
  timeoutSeconds: number | undefined,
): void {
  const message: Message | undefined = queue.messages.get(messageIdOf(receipt));
  if (timeoutSeconds === undefined || timeoutSeconds < 0 || timeoutSeconds > 43_200) {
    throw invalidParameterValue(
      `Value ${timeoutSeconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200.`,
    );
  }
  if (message === undefined || message.receipt !== receipt) {
    throw invalidParameterValue(
      `Value ${receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  }
  const now = world.now();
  if (message.visibleAtMs <= now) {
    throw new AwsError("MessageNotInflight", "The message referred to is not in flight.", {
      legacyCode: "AWS.SimpleQueueService.MessageNotInflight",
    });
  }
  const visibleAtMs = now + timeoutSeconds * 1000;
  if (visibleAtMs > message.receivedAtMs! + HELD_AT_MOST_MS) {
    throw invalidParameterValue(
      `Value ${timeoutSeconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].`,
    );
  }
  queue.messages.hideUntil(message, visibleAtMs, now);
}

function messageIdOf(receipt: string | undefined): string {
  const [mark, id] = Buffer.from(receipt ?? "", "base64")
    .toString()
    .split(":");
  if (mark !== "receipt" || id === undefined) {
    throw new AwsError(
      "ReceiptHandleIsInvalid",
      `The input receipt handle "${receipt}" is not a valid receipt handle.`,
      {
        status: 404,
        legacyCode: "ReceiptHandleIsInvalid",
      },
    );
  }
  return id;
}
