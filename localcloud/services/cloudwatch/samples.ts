import type { CloudWatchState, Dimension, MetricRecord, Sample } from "./state.ts";

/** Samples older than this are forgotten: alarms look back a week at most, a chart two. */
const KEPT_MS = 15 * 86_400_000;

export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly Dimension[];
}

/** The order of dimensions does not matter; another set of them is another metric. */
export function metricKey({ namespace, name, dimensions }: MetricName): string {
  const sorted = dimensions.map((d) => JSON.stringify([d.name, d.value])).sort();
  return JSON.stringify([namespace, name, ...sorted]);
}

export function record(state: CloudWatchState, metric: MetricName, sample: Sample, now: number): void {
  const key = metricKey(metric);
  const known: MetricRecord = state.metrics.get(key) ?? { ...metric, samples: [] };
  state.metrics.set(key, known);
  const { samples } = known;
  let at = samples.length;
  while (at > 0 && samples[at - 1]!.atMs > sample.atMs) at--;
  samples.splice(at, 0, sample);
  const expired = samples.findIndex(({ atMs }) => now - atMs < KEPT_MS);
  if (expired > 0) samples.splice(0, expired);
}

export interface Period {
  readonly startMs: number;
  readonly samples: readonly Sample[];
}

/** The periods from `startMs` (inclusive) to `endMs` (exclusive) in which something was measured, the oldest first. */
export function periodsOf(
  metric: MetricRecord | undefined,
  window: { startMs: number; endMs: number; periodMs: number; unit: string | undefined },
): Period[] {
  const inside = (metric?.samples ?? []).filter(
    ({ atMs, unit }) => atMs >= window.startMs && atMs < window.endMs && (window.unit ?? unit) === unit,
  );
  const grouped = Map.groupBy(inside, ({ atMs }) => Math.floor(atMs / window.periodMs) * window.periodMs);
  return [...grouped].map(([startMs, samples]) => ({ startMs, samples }));
}

/** Statistics as alarms and charts ask for them; `p99` and its like need the single values. Undefined for other words. */
export function statistic(samples: readonly Sample[], name: string): number | undefined {
  const count = samples.reduce((total, sample) => total + sample.count, 0);
  const sum = samples.reduce((total, sample) => total + sample.sum, 0);
  switch (name) {
    case "SampleCount":
      return count;
    case "Sum":
      return sum;
    case "Average":
      return count === 0 ? undefined : sum / count;
    case "Minimum":
      return Math.min(...samples.map(({ least }) => least));
    case "Maximum":
      return Math.max(...samples.map(({ most }) => most));
  }
  const share = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(name)?.[1];
  return share === undefined ? undefined : percentile(samples, Number(share) / 100);
}

function percentile(samples: readonly Sample[], share: number): number | undefined {
  const values = samples.flatMap((sample) => sample.values ?? []).sort(([a], [b]) => a - b);
  const total = values.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  return values.find(([, count]) => {
    seen += count;
    return seen >= share * total;
  })?.[0];
}
