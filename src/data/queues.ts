/** The three queues of a step, in numbers. SQS counts them only approximately. */
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Clients } from "../aws/clients.ts";
import { orUndefined } from "../aws/errors.ts";
import type { StepDescription } from "../desired/step-description.ts";

export interface QueueCounts {
  /** Files that wait, those that wait for their next try included. */
  readonly queued: number;
  /** Files that a worker has. */
  readonly inFlight: number;
  /** Files that were given up. */
  readonly dead: number;
  /** Events that never came into the queue. */
  readonly undelivered: number;
}

/** "Not there": the name that the model has, and the one that is sent. */
export const NO_SUCH_QUEUE = ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"] as const;

/** A queue that is not there holds nothing. */
export async function countMessages(sqs: Clients["sqs"], step: StepDescription): Promise<QueueCounts> {
  const [queue, dead, undelivered] = await Promise.all(
    [step.queue, step.deadLetters, step.undelivered].map(({ url }) => counts(sqs, url)),
  );
  return {
    queued: queue!.waiting,
    inFlight: queue!.inFlight,
    dead: dead!.waiting + dead!.inFlight,
    undelivered: undelivered!.waiting + undelivered!.inFlight,
  };
}

/** Of one queue. */
export async function counts(sqs: Clients["sqs"], url: string): Promise<{ waiting: number; inFlight: number }> {
  const answer = await orUndefined(
    sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: [
          "ApproximateNumberOfMessages",
          "ApproximateNumberOfMessagesDelayed",
          "ApproximateNumberOfMessagesNotVisible",
        ],
      }),
    ),
    ...NO_SUCH_QUEUE,
  );
  const number = (name: string) => Number((answer?.Attributes as Record<string, string> | undefined)?.[name] ?? 0);
  return {
    waiting: number("ApproximateNumberOfMessages") + number("ApproximateNumberOfMessagesDelayed"),
    inFlight: number("ApproximateNumberOfMessagesNotVisible"),
  };
}
