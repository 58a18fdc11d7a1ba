import { type Message, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Clock, Log } from "../src/core/ports.ts";
import type { WorkerSettings } from "../src/desired/worker-environment.ts";
import type { Ending } from "./ending.ts";

export interface PollDeps {
  readonly settings: Pick<WorkerSettings, "queueUrl" | "visibilitySeconds">;
  readonly sqs: Pick<SQSClient, "send">;
  readonly clock: Clock;
  readonly log: Log;
  /** Fires when the task is to stop. */
  readonly stop: AbortSignal;
  /** Works on one message to its end; undefined where it could not be settled and will come back. */
  readonly handle: (message: Message) => Promise<Ending | undefined>;
}

/** Without a message for so long, the task has nothing to live for. */
const IDLE_MS = 30_000;
/** SQS lets nobody wait longer. */
const LONG_POLL_SECONDS = 20;
/** How long a queue may be out of reach, the SDK's own retries not counted, before the task gives up. */
const UNREACHABLE_MOST_MS = 300_000;
const TRY_AGAIN_MS = 5_000;

/**
 * Takes one file after the other until there has been none for half a minute.
 * @throws where the queue stays out of reach, or the algorithm cannot be started
 */
export async function drain(deps: PollDeps): Promise<void> {
  const { clock, stop } = deps;
  let idleSinceMs = clock.monotonic();
  let lostSinceMs: number | undefined;
  while (!stop.aborted) {
    const idleLeftMs = idleSinceMs + IDLE_MS - clock.monotonic();
    if (idleLeftMs <= 0) return;
    try {
      const message = await receive(Math.min(LONG_POLL_SECONDS, Math.ceil(idleLeftMs / 1_000)), deps);
      lostSinceMs = undefined;
      if (!message) continue;
      const ending = await deps.handle(message);
      if (ending?.is === "unable") throw new CannotWork(ending.detail);
    } catch (error) {
      if (stop.aborted) return;
      if (error instanceof CannotWork) throw error;
      lostSinceMs ??= clock.monotonic();
      if (clock.monotonic() - lostSinceMs >= UNREACHABLE_MOST_MS) {
        throw new Error(`cannot receive from ${deps.settings.queueUrl}`, { cause: error });
      }
      deps.log.warn({ error: String(error) }, "nothing received, to be tried again");
      await clock.sleep(TRY_AGAIN_MS, stop).catch(() => {});
    }
    idleSinceMs = clock.monotonic();
  }
}

/** Ends the worker with a reason that the scaler sees, instead of sending every file of the queue to the dead letters. */
class CannotWork extends Error {}

/** A message that was already on its way when the task is stopped comes back when its lease ends. */
async function receive(waitSeconds: number, { settings, sqs, stop }: PollDeps): Promise<Message | undefined> {
  const command = new ReceiveMessageCommand({
    QueueUrl: settings.queueUrl,
    MaxNumberOfMessages: 1,
    WaitTimeSeconds: waitSeconds,
    VisibilityTimeout: settings.visibilitySeconds,
    MessageSystemAttributeNames: ["ApproximateReceiveCount"],
  });
  const { Messages = [] } = await sqs.send(command, { abortSignal: stop });
  return Messages[0];
}
