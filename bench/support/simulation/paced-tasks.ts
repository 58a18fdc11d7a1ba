/**
 * Tasks that take as long by the world's clock as they are told to. The messages are real: received, held, deleted as the
 * worker does it; the file's own requests are counted and not made.
 */
import type { RunningTask, TaskRunner } from "../../../localcloud/world/tasks/task-runner.ts";
import type { DirectCalls } from "./direct-calls.ts";

export interface PacedTaskDeps {
  readonly calls: DirectCalls;
  readonly now: () => number;
  /** From a file's message to its result. */
  readonly fileMs: number;
  /** So long after its start each task ends with an error, whatever it is doing. */
  readonly dieAfterMs?: number | undefined;
  /** Called once for each result that is written. */
  readonly onResult: (key: string) => void;
}

/** As the worker's own: how long it polls, and how long it goes on without a file. */
const LONG_POLL_SECONDS = 20;
const IDLE_MS = 30_000;

export function createPacedTasks({ calls, now, fileMs, dieAfterMs, onResult }: PacedTaskDeps): TaskRunner {
  return {
    async start({ containers }): Promise<RunningTask> {
      const { name, environment } = containers.find(({ isEssential }) => isEssential)!;
      const QueueUrl = environment.PIPEWRIGHT_QUEUE_URL;
      const exited = Promise.withResolvers<ReadonlyMap<string, number>>();
      let isEnding = false;
      let isGone = false;

      async function work(): Promise<void> {
        let idleSinceMs = now();
        while (!isEnding && now() - idleSinceMs < IDLE_MS) {
          const leftSeconds = Math.ceil((idleSinceMs + IDLE_MS - now()) / 1_000);
          const { Messages = [] } = (await calls.call("sqs", "ReceiveMessage", {
            QueueUrl,
            MaxNumberOfMessages: 1,
            WaitTimeSeconds: Math.min(LONG_POLL_SECONDS, leftSeconds),
            VisibilityTimeout: Number(environment.PIPEWRIGHT_VISIBILITY_SECONDS),
          })) as { Messages?: { Body: string; ReceiptHandle: string }[] };
          if (isGone) return;
          for (const { Body, ReceiptHandle } of Messages) {
            calls.count("s3", "HeadObject");
            calls.count("s3", "GetObject");
            await calls.sleep(fileMs);
            if (isGone) return;
            calls.count("s3", "PutObject");
            onResult((JSON.parse(Body) as { key: string }).key);
            await calls.call("sqs", "DeleteMessage", { QueueUrl, ReceiptHandle });
            idleSinceMs = now();
          }
        }
        exited.resolve(new Map([[name, 0]]));
      }
      const end = (code: number) => {
        isGone = true;
        exited.resolve(new Map([[name, code]]));
      };
      void work();
      if (dieAfterMs !== undefined) void calls.sleep(dieAfterMs).then(() => end(1));
      return {
        exited: exited.promise,
        stop() {
          isEnding = true;
        },
        kill: () => end(137),
      };
    },
  };
}
