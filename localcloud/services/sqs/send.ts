import type { SendMessageCommandInput, SendMessageCommandOutput } from "@aws-sdk/client-sqs";
import { AwsError, type World } from "../../service.ts";
import { effectiveNumber } from "./attributes.ts";
import { invalidParameterValue, missingParameter } from "./errors.ts";
import { md5, md5OfAttributes, messageBytes } from "./message-digest.ts";
import type { Message, MessageAttributes } from "./messages.ts";
import type { Queue } from "./queue.ts";

export type Sending = Pick<
  SendMessageCommandInput,
  "MessageBody" | "DelaySeconds" | "MessageAttributes" | "MessageSystemAttributes"
>;

/** Puts one message into a queue and answers as SendMessage does. */
export function send(
  world: World,
  queue: Queue,
  sending: Sending,
  senderId: string,
): Omit<SendMessageCommandOutput, "$metadata"> {
  const body = sending.MessageBody;
  const attributes: MessageAttributes = sending.MessageAttributes ?? {};
  if (body === undefined || body === "") throw missingParameter("MessageBody");
  checkMessage(queue, body, attributes);
  const delaySeconds = sending.DelaySeconds ?? effectiveNumber(queue, "DelaySeconds");
  if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > 900) {
    throw invalidParameterValue(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }
  const now = world.now();
  const traceHeader = sending.MessageSystemAttributes?.AWSTraceHeader;
  const message: Message = {
    id: newMessageId(world),
    body,
    attributes,
    traceHeader: traceHeader?.StringValue,
    senderId,
    sentAtMs: now,
    visibleAtMs: now + delaySeconds * 1000,
    receiveCount: 0,
    firstReceivedAtMs: undefined,
    receivedAtMs: undefined,
    receipt: undefined,
    deadLetterSourceArn: undefined,
  };
  queue.messages.add(message, now);
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5(body),
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    MD5OfMessageSystemAttributes:
      traceHeader === undefined ? undefined : md5OfAttributes({ AWSTraceHeader: traceHeader }),
  };
}

export function newMessageId(world: World): string {
  const hex = world.id("", 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function checkMessage(queue: Queue, body: string, attributes: MessageAttributes): void {
  if (!/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u.test(body)) {
    throw new AwsError("InvalidMessageContents", "The message contains characters outside the allowed set.", {
      legacyCode: "InvalidMessageContents",
    });
  }
  if (Object.keys(attributes).length > 10) {
    throw invalidParameterValue("Number of message attributes exceeds the allowed maximum [10].");
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    if (!/^(String|Number|Binary)(\.|$)/.test(attribute.DataType ?? "")) {
      throw invalidParameterValue(`The message attribute '${name}' has an invalid message attribute type.`);
    }
    if (attribute.BinaryValue === undefined && !attribute.StringValue) {
      throw invalidParameterValue(`The message attribute '${name}' must contain a non-empty value.`);
    }
  }
  const limit = effectiveNumber(queue, "MaximumMessageSize");
  if (messageBytes(body, attributes) > limit) {
    throw invalidParameterValue(
      `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
    );
  }
}
