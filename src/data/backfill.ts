/**
 * Files that were there before their workflow was: each that has no result is sent once. How far that has come stands in the
 * control bucket, so that it is done once in the workflow's life, goes on where it was interrupted, and needs no memory here.
 */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { z } from "zod";
import { textAt } from "../aws/objects.ts";
import { same } from "../core/compare.ts";
import { backfillKey, controlBucket } from "../desired/names.ts";
import { type StepDescription, stepDescriptionSchema } from "../desired/step-description.ts";
import type { DataDeps } from "./data.ts";
import { resubmit } from "./resubmit.ts";

const backfillSchema = z.strictObject({
  version: z.literal(1),
  /** What it speaks of: another bucket or filter is begun anew. */
  input: stepDescriptionSchema.shape.input,
  done: z.boolean(),
  /** Files looked at so far. */
  checked: z.int(),
  /** The last key that was listed. */
  after: z.string().optional(),
});
export type Backfill = z.infer<typeof backfillSchema>;

/** Keys that one turn lists: a few seconds. Those of a turn that is interrupted are sent again, which is harmless. */
const FILES_A_TURN = 2_000;

/** One turn; none where it is done. @param filesATurn @default 2,000 */
export async function backfill(
  steps: readonly StepDescription[],
  deps: Pick<DataDeps, "clients" | "account">,
  filesATurn = FILES_A_TURN,
): Promise<Backfill> {
  const [{ input, workflow }] = steps as readonly [StepDescription];
  const from = await backfillSoFar(steps, deps);
  if (from.done) return from;
  const after = from.after === undefined ? {} : { after: from.after };
  const turn = await resubmit(steps, { prefix: "", ...after, most: filesATurn }, deps);
  const now: Backfill = {
    ...{ version: 1, input, done: turn.stoppedAt === undefined, checked: from.checked + turn.checked },
    ...(turn.stoppedAt === undefined ? after : { after: turn.stoppedAt }),
  };
  const body = { Body: `${JSON.stringify(now, null, 2)}\n`, ContentType: "application/json" };
  await deps.clients.s3.send(new PutObjectCommand({ ...place(workflow, deps), ...body }));
  return now;
}

/** How far it has come; reads only. */
export async function backfillSoFar(
  steps: readonly StepDescription[],
  deps: Pick<DataDeps, "clients" | "account">,
): Promise<Backfill> {
  const [{ input, workflow }] = steps as readonly [StepDescription];
  const before = await standing(workflow, deps);
  return before && same(before.input, input) ? before : { version: 1, input, done: false, checked: 0 };
}

/** Undefined where it was never begun, or by a version that wrote otherwise. */
async function standing(workflow: string, deps: Pick<DataDeps, "clients" | "account">): Promise<Backfill | undefined> {
  const text = await textAt(deps.clients.s3, place(workflow, deps));
  try {
    return text === undefined ? undefined : backfillSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const place = (workflow: string, { account }: Pick<DataDeps, "account">) => ({
  Bucket: controlBucket(account),
  Key: backfillKey(workflow),
  ExpectedBucketOwner: account.account,
});
