/** What the scaler of a cluster tells of the steps that it could not serve. */
import { textAt } from "../aws/objects.ts";
import { controlBucket } from "../desired/names.ts";
import {
  isOfGeneration,
  readScalerReport,
  type ScalerReport,
  scalerReportKey,
  stepKey,
  type Track,
  type Trouble,
} from "../desired/scaler-report.ts";
import type { StepDescription } from "../desired/step-description.ts";
import type { DataDeps } from "./data.ts";

export interface StepTrouble {
  /** What would not go: `start` a task, `launch` an instance, its `boot`, its `upkeep`. */
  readonly track: Track;
  /** What AWS said, of the latest. */
  readonly reason: string;
  /** Failures in a row. */
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Not tried again before, milliseconds since the epoch. */
  readonly retryAtMs: number;
}

/** In the steps' order. */
export async function readTroubles(
  steps: readonly StepDescription[],
  deps: Pick<DataDeps, "clients" | "account">,
): Promise<StepTrouble[][]> {
  const clusters = [...new Set(steps.map((step) => step.cluster))];
  const reports = new Map(
    await Promise.all(clusters.map(async (cluster) => [cluster, await reportOf(cluster, deps)] as const)),
  );
  return steps.map((step) => troublesOf(reports.get(step.cluster), step));
}

/** What failed before the step was mended says nothing of it any more. */
export function troublesOf(report: ScalerReport | undefined, step: StepDescription): StepTrouble[] {
  const { fingerprint = "", troubles = {} } = report?.steps[stepKey(step)] ?? {};
  if (!isOfGeneration(fingerprint, step.generation)) return [];
  const known = Object.entries(troubles) as [Track, Trouble][];
  return known.map(([track, { reason, count, sinceMs, retryAtMs }]) => ({ track, reason, count, sinceMs, retryAtMs }));
}

/** Undefined where the scaler has not run yet. */
export async function reportOf(
  cluster: string,
  { clients, account }: Pick<DataDeps, "clients" | "account">,
): Promise<ScalerReport | undefined> {
  const place = { Bucket: controlBucket(account), Key: scalerReportKey(cluster), ExpectedBucketOwner: account.account };
  const text = await textAt(clients.s3, place);
  return text === undefined ? undefined : readScalerReport(text);
}
