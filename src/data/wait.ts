/** Waits until a workflow has nothing left to do. */
import type { StepDescription } from "../desired/step-description.ts";
import type { DataDeps } from "./data.ts";
import { countMessages, type QueueCounts } from "./queues.ts";
import { readTroubles, type StepTrouble } from "./troubles.ts";

export interface WaitOptions {
  /**
   * For how long nothing may be seen before it counts as done, milliseconds: an upload takes a moment to become a message,
   * also between two steps. S3 tells of uploads "typically in seconds" (S3 User Guide, "Amazon S3 Event Notifications").
   */
  readonly quietMs: number;
  readonly onProgress?: (progress: WaitProgress) => void;
}

export interface WaitProgress extends QueueCounts {
  /** The most that was ever to be done at the same time. */
  readonly peak: number;
  /** By step, what would not start. */
  readonly troubles: readonly (StepTrouble & { readonly step: string })[];
}

export interface Waited {
  /** Files that were given up meanwhile. */
  readonly died: number;
  /** Events that did not come into a queue meanwhile. */
  readonly lost: number;
}

/** How often SQS is asked, milliseconds. */
const ASK_EVERY_MS = 1_000;

export async function waitUntilDone(
  steps: readonly StepDescription[],
  { quietMs, onProgress }: WaitOptions,
  deps: Pick<DataDeps, "clients" | "account" | "clock">,
): Promise<Waited> {
  const { clock } = deps;
  const before = await countAll(steps, deps);
  let now = before;
  let peak = 0;
  let busyAtMs = clock.monotonic();
  for (;;) {
    const left = now.queued + now.inFlight;
    peak = Math.max(peak, left);
    if (left > 0) busyAtMs = clock.monotonic();
    onProgress?.({ ...now, peak, troubles: await troublesOf(steps, deps) });
    const quietForMs = clock.monotonic() - busyAtMs;
    if (left === 0 && quietForMs >= quietMs) break;
    await clock.sleep(left > 0 ? ASK_EVERY_MS : Math.min(ASK_EVERY_MS, quietMs - quietForMs));
    now = await countAll(steps, deps);
  }
  // Somebody may have brought dead letters back meanwhile: fewer than before is none.
  return {
    died: Math.max(0, now.dead - before.dead),
    lost: Math.max(0, now.undelivered - before.undelivered),
  };
}

async function countAll(
  steps: readonly StepDescription[],
  { clients }: Pick<DataDeps, "clients">,
): Promise<QueueCounts> {
  const all = await Promise.all(steps.map((step) => countMessages(clients.sqs, step)));
  const sum = (of: keyof QueueCounts) => all.reduce((total, counts) => total + counts[of], 0);
  return { queued: sum("queued"), inFlight: sum("inFlight"), dead: sum("dead"), undelivered: sum("undelivered") };
}

async function troublesOf(steps: readonly StepDescription[], deps: Pick<DataDeps, "clients" | "account">) {
  const troubles = await readTroubles(steps, deps);
  return steps.flatMap(({ step }, index) => troubles[index]!.map((trouble) => ({ step, ...trouble })));
}
