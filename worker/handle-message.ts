import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import { type FileMessage, readFileMessage } from "../src/workflow/file-message.ts";
import type { Ending } from "./ending.ts";
import { giveUpUnreadable, settle } from "./hand-back.ts";
import { keepLease } from "./lease.ts";
import { type ProcessDeps, processFile } from "./process-file.ts";

export interface HandleDeps extends ProcessDeps {
  readonly sqs: Pick<SQSClient, "send">;
  /** Fires when the task is to stop. */
  readonly stop: AbortSignal;
}

/**
 * ECS kills a task 110 s after it asked it to stop. A result that is being uploaded then may have taken hours to make, so
 * it gets most of that time; all other work is broken off at once.
 */
const UPLOAD_AFTER_STOP_MS = 80_000;

/** Works on one message under its lease. Undefined: it could not be settled, and comes back when the lease ends. */
export async function handleMessage(message: Message, deps: HandleDeps): Promise<Ending | undefined> {
  const { settings, sqs, clock } = deps;
  const receiptHandle = message.ReceiptHandle ?? "";
  const file = readFileMessage(message.Body ?? "");
  const log = deps.log.child({ file: file?.key, attempt: file?.attempt });
  const endLease = keepLease(
    { queueUrl: settings.queueUrl, receiptHandle, visibilitySeconds: settings.visibilitySeconds },
    { sqs, clock, log },
  );
  try {
    if (!file) {
      log.error({ body: message.Body }, "no message of ours, given up");
      await giveUpUnreadable(message.Body ?? "", receiptHandle, deps);
      return undefined;
    }
    const receives = Number(message.Attributes?.ApproximateReceiveCount ?? 1);
    const ending = await withinTime(file, receives, { ...deps, log });
    await settle(ending, file, receiptHandle, { settings, sqs, log });
    return ending;
  } catch (error) {
    log.error({ error: String(error) }, "message not settled, it comes back when its lease ends");
    return undefined;
  } finally {
    endLease();
  }
}

async function withinTime(file: FileMessage, receives: number, deps: HandleDeps): Promise<Ending> {
  const { clock, stop } = deps;
  const work = new AbortController();
  const upload = new AbortController();
  const timers: (() => void)[] = [];
  const onStop = () => {
    work.abort(INTERRUPTED);
    timers.push(clock.after(UPLOAD_AFTER_STOP_MS, () => upload.abort(INTERRUPTED)));
  };
  const minutes = deps.settings.timeoutMinutes;
  timers.push(
    clock.after(minutes * 60_000, () => {
      const late: Ending = { is: "retry", reason: "timeout", detail: `not done after ${minutes} minutes` };
      work.abort(late);
      upload.abort(late);
    }),
  );
  if (stop.aborted) onStop();
  else stop.addEventListener("abort", onStop, { once: true });
  try {
    return await processFile({ file, receives, work: work.signal, upload: upload.signal }, deps);
  } finally {
    stop.removeEventListener("abort", onStop);
    for (const cancel of timers) cancel();
  }
}

const INTERRUPTED: Ending = { is: "interrupted" };
