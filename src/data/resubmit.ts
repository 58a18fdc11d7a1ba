/**
 * Files without a result, sent again. Each file is followed through the steps by what each result says of its source, so
 * that it goes to the very step at which it got stuck. What waits or is being worked on is sent a second time: that costs
 * nothing, because a result that is there is not made twice.
 */
import type { StepDescription } from "../desired/step-description.ts";
import type { FileMessage } from "../workflow/file-message.ts";
import { writeMessage } from "../workflow/write-message.ts";
import { type BucketFile, filesIn, findResult } from "./bucket-files.ts";
import type { DataDeps } from "./data.ts";
import { inOrder } from "./in-order.ts";
import { BATCH, nudge, sendAll } from "./send.ts";

export interface Resubmitted {
  /** Uploaded files that were looked at. */
  readonly checked: number;
  /** Files sent, by step. */
  readonly sent: Readonly<Record<string, number>>;
  /** Where it stopped because so many were listed: the last key. Undefined: it came to the end. */
  readonly stoppedAt?: string;
}

export interface ResubmitOptions {
  readonly prefix: string;
  /** Only keys behind this one. @default from the beginning */
  readonly after?: string;
  /** Keys to list, those that do not trigger the workflow too. @default all */
  readonly most?: number;
  onFile?(checked: number): void;
}

/** HeadObject may be sent 5,500 times a second under one prefix; a laptop's connections are the limit. */
const FILES_AT_ONCE = 32;

export async function resubmit(
  steps: readonly StepDescription[],
  { prefix, after, most = Number.POSITIVE_INFINITY, onFile }: ResubmitOptions,
  { clients }: Pick<DataDeps, "clients">,
): Promise<Resubmitted> {
  const batches = new Map(steps.map((step) => [step, [] as string[]]));
  const sent = Object.fromEntries(steps.map((step) => [step.step, 0]));
  const flush = async (step: StepDescription, atLeast: number) => {
    const batch = batches.get(step)!;
    if (batch.length < atLeast) return;
    batches.set(step, []);
    await sendAll(clients.sqs, step.queue.url, batch);
    sent[step.step]! += batch.length;
  };

  const [{ input }] = steps as readonly [StepDescription];
  let listed = 0;
  let stoppedAt: string | undefined;
  async function* uploaded() {
    for await (const file of filesBehind(input, { prefix, after }, clients.s3)) {
      if (file.key.endsWith(input.suffix)) yield file;
      listed += 1;
      if (listed < most) continue;
      stoppedAt = file.key;
      return;
    }
  }
  let checked = 0;
  for await (const stuck of inOrder(uploaded(), FILES_AT_ONCE, (file) => stuckAt(file, steps, clients.s3))) {
    checked += 1;
    onFile?.(checked);
    if (!stuck) continue;
    batches.get(stuck.step)!.push(writeMessage(messageOf(stuck.file)));
    await flush(stuck.step, BATCH);
  }
  for (const step of steps) await flush(step, 1);
  if (Object.values(sent).some((count) => count > 0)) await nudge(clients.lambda, steps);
  return { checked, sent, ...(stoppedAt === undefined ? {} : { stoppedAt }) };
}

/** What of the input bucket begins with `prefix` and as the workflow's files do, whatever it ends with. */
async function* filesBehind(
  input: StepDescription["input"],
  { prefix, after }: Pick<ResubmitOptions, "prefix" | "after">,
  s3: DataDeps["clients"]["s3"],
): AsyncGenerator<BucketFile> {
  // One of the two holds the other, or there is nothing that has both.
  const both = prefix.startsWith(input.prefix) ? prefix : input.prefix;
  if (!both.startsWith(prefix)) return;
  const from = { prefix: both, ...(after === undefined ? {} : { after }) };
  yield* filesIn(s3, input.bucket, from);
}

/** Undefined where the last step has left its result. */
async function stuckAt(
  uploaded: BucketFile,
  steps: readonly StepDescription[],
  s3: DataDeps["clients"]["s3"],
): Promise<{ readonly step: StepDescription; readonly file: BucketFile } | undefined> {
  let file = uploaded;
  for (const step of steps) {
    const result = await findResult(s3, step, file);
    if (!result) return { step, file };
    file = result;
  }
  return undefined;
}

const messageOf = ({ bucket, key, eTag, size }: BucketFile): FileMessage => ({ bucket, key, eTag, size, attempt: 1 });
