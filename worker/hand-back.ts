/**
 * What becomes of a message once the work on it has ended. A message is deleted only after its result, or its successor,
 * exists; whatever fails on the way there, the message comes back when its lease ends.
 */
import { DeleteMessageCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Log } from "../src/core/ports.ts";
import type { WorkerSettings } from "../src/desired/worker-environment.ts";
import type { DeadLetter, FileMessage } from "../src/workflow/file-message.ts";
import { writeMessage } from "../src/workflow/write-message.ts";
import type { Ending } from "./ending.ts";

export interface HandBackDeps {
  readonly settings: Pick<WorkerSettings, "queueUrl" | "deadLettersUrl" | "maxReceives">;
  readonly sqs: Pick<SQSClient, "send">;
  readonly log: Log;
}

/** The first retry waits so long, each further one twice as long as the one before. */
const FIRST_RETRY_SECONDS = 30;
/** SQS delays no message longer. */
const MOST_DELAY_SECONDS = 900;
/** A worker that cannot start its algorithm leaves the next one that much time. */
const UNABLE_DELAY_SECONDS = 60;

export async function settle(
  ending: Ending,
  file: FileMessage,
  receiptHandle: string,
  { settings, sqs, log }: HandBackDeps,
): Promise<void> {
  const { queueUrl, deadLettersUrl, maxReceives } = settings;
  const send = (url: string, message: object, DelaySeconds?: number) =>
    sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: writeMessage(message), DelaySeconds }));

  switch (ending.is) {
    case "done":
      break;
    case "interrupted":
      log.info({}, "handed back");
      await send(queueUrl, file);
      break;
    case "unable":
      await send(queueUrl, file, UNABLE_DELAY_SECONDS);
      break;
    case "retry":
    case "fail": {
      const { reason, detail } = ending;
      if (ending.is === "retry" && file.attempt < maxReceives) {
        log.warn({ reason, detail }, "tried in vain, to be tried again");
        await send(queueUrl, { ...file, attempt: file.attempt + 1 }, retrySeconds(file.attempt));
        break;
      }
      log.error({ reason, detail }, "given up");
      const letter: DeadLetter = { ...file, attempt: 1, reason, detail, tries: file.attempt };
      await send(deadLettersUrl, letter);
    }
  }
  await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
}

/** What cannot be read as a message goes to the dead letters as it is, in an envelope; one that comes back keeps its own. */
export async function giveUpUnreadable(body: string, receiptHandle: string, deps: HandBackDeps): Promise<void> {
  const { queueUrl, deadLettersUrl } = deps.settings;
  const letter = { reason: "unreadable", detail: "the message is none of ours", tries: 0, body };
  const MessageBody = isEnvelope(body) ? body : writeMessage(letter);
  await deps.sqs.send(new SendMessageCommand({ QueueUrl: deadLettersUrl, MessageBody }));
  await deps.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
}

function isEnvelope(body: string): boolean {
  try {
    const letter = JSON.parse(body) as { reason?: unknown; body?: unknown } | null;
    return letter?.reason === "unreadable" && typeof letter.body === "string";
  } catch {
    return false;
  }
}

const retrySeconds = (attempt: number): number =>
  Math.min(MOST_DELAY_SECONDS, FIRST_RETRY_SECONDS * 2 ** Math.min(attempt - 1, 10));
