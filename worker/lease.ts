import { ChangeMessageVisibilityCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Clock, Log } from "../src/core/ports.ts";

export interface LeaseDeps {
  readonly sqs: Pick<SQSClient, "send">;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Leased {
  readonly queueUrl: string;
  readonly receiptHandle: string;
  readonly visibilitySeconds: number;
}

/**
 * Keeps a message hidden from others, renewing at a third of its visibility, until the answer is called. A renewal that
 * fails has two more chances; if all fail, another worker takes the file too, and one result is kept.
 */
export function keepLease(leased: Leased, { sqs, clock, log }: LeaseDeps): () => void {
  const everyMs = (leased.visibilitySeconds * 1_000) / 3;
  let hasEnded = false;
  let cancel = clock.after(everyMs, renew);

  function renew(): void {
    cancel = clock.after(everyMs, renew);
    const command = new ChangeMessageVisibilityCommand({
      QueueUrl: leased.queueUrl,
      ReceiptHandle: leased.receiptHandle,
      VisibilityTimeout: leased.visibilitySeconds,
    });
    sqs.send(command).catch((error: unknown) => {
      if (!hasEnded) log.warn({ error: String(error) }, "lease not renewed");
    });
  }

  return () => {
    hasEnded = true;
    cancel();
  };
}
