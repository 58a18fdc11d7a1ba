/** Takes messages out of a queue, each only once it is somewhere else. */
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { Clients } from "../aws/clients.ts";
import { orUndefined } from "../aws/errors.ts";
import { NO_SUCH_QUEUE } from "./queues.ts";
import { BATCH } from "./send.ts";

/** A long poll asks all of SQS's servers: an empty answer to it means that nothing is there. */
const WAIT_SECONDS = 1;
/** Between being received and being deleted. What was not taken is seen again only after it, and not offered twice. */
const LEASE_SECONDS = 120;

export interface Taking {
  readonly sqs: Clients["sqs"];
  /** Of the queue. */
  readonly url: string;
  /** Asked between two batches. */
  readonly stopping?: AbortSignal | undefined;
}

/**
 * Hands over all visible messages in batches, and deletes those of each batch that `take` answers.
 * @returns how many were deleted
 * @throws the reason of `stopping`
 */
export async function takeAll(
  { sqs, url, stopping }: Taking,
  take: (messages: readonly Message[]) => Promise<readonly Message[]>,
): Promise<number> {
  const left = new Set<string | undefined>();
  for (let taken = 0; ; ) {
    stopping?.throwIfAborted();
    const receiving = new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: BATCH,
      WaitTimeSeconds: WAIT_SECONDS,
      VisibilityTimeout: LEASE_SECONDS,
    });
    const { Messages = [] } = (await orUndefined(sqs.send(receiving), ...NO_SUCH_QUEUE)) ?? {};
    const news = Messages.filter(({ MessageId }) => !left.has(MessageId));
    if (news.length === 0) return taken;
    const done = await take(news);
    for (const message of news) if (!done.includes(message)) left.add(message.MessageId);
    if (done.length === 0) continue;
    const Entries = done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    // One that could not be deleted comes again, and a file that is sent twice is processed once.
    const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
    taken += done.length - Failed.length;
  }
}
