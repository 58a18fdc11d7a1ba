/** What waits in each step's queues, looked at again and again, and kept for a while: for the plots and for the metrics. */
import type { Clock, Log } from "../core/ports.ts";
import type { QueueCounts, StepCounts, StepQueues } from "./data.ts";

export interface QueueSample extends QueueCounts {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface StepSamples {
  readonly step: string;
  /** Oldest first; never empty. */
  readonly samples: readonly QueueSample[];
}

export interface QueueSamples {
  /** Steps in their order; empty where the workflow was never looked at. */
  of(workflow: string): readonly StepSamples[];
  /** Of each step of one workflow or of all, as the last round found it: numbers that could not be looked at again are not told. */
  latest(workflow?: string): readonly StepCounts[];
  /** Whether the last round that saw all steps saw this one, counted or not; true before there was one. */
  isSetUp(workflow: string, step: string): boolean;
  /** Told after each round. The answer takes the listener off again. */
  subscribe(listener: () => void): () => void;
  /** Once begun, it goes on until it is stopped. */
  start(): void;
  stop(): void;
}

export interface QueueSamplesDeps {
  /** Every step of every workflow, each counted when it is asked for. */
  readonly counts: () => AsyncIterable<StepQueues>;
  readonly clock: Clock;
  readonly log: Log;
  /** From the beginning of one round to that of the next, milliseconds; longer where the steps are many. */
  readonly everyMs: number;
}

/** Samples kept for a step: two hours, at one a minute. A thousand steps of them take about 10 MB. */
const KEPT = 120;

/**
 * Between two steps, milliseconds. A step has three queues, so this is ten calls a second at most. AWS publishes no rate for
 * GetQueueAttributes; passes, which ask for the same, are not to wait behind the samples.
 */
const BETWEEN_STEPS_MS = 300;

export function createQueueSamples({ counts, clock, log, everyMs }: QueueSamplesDeps): QueueSamples {
  const workflows = new Map<string, Map<string, QueueSample[]>>();
  const listeners = new Set<() => void>();
  const stopped = new AbortController();
  let started = false;
  let lastRoundAt = 0;
  let setUp: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  function keep({ workflow, step, ...queues }: StepCounts): void {
    const steps = workflows.get(workflow) ?? new Map<string, QueueSample[]>();
    const samples = steps.get(step) ?? [];
    samples.push({ at: clock.now(), ...queues });
    if (samples.length > KEPT) samples.shift();
    workflows.set(workflow, steps.set(step, samples));
  }

  /** What is not set up any more is forgotten. */
  function keepOnly(seen: ReadonlyMap<string, ReadonlySet<string>>): void {
    for (const [workflow, steps] of workflows) {
      for (const step of steps.keys()) if (!seen.get(workflow)?.has(step)) steps.delete(step);
      if (steps.size === 0) workflows.delete(workflow);
    }
  }

  async function round(): Promise<void> {
    const startedAt = clock.now();
    const seen = new Map<string, Set<string>>();
    const failed: object[] = [];
    try {
      for await (const { workflow, step, count } of counts()) {
        seen.set(workflow, (seen.get(workflow) ?? new Set()).add(step));
        try {
          keep({ workflow, step, ...(await count()) });
        } catch (error) {
          // One that cannot be counted hides none of those behind it.
          failed.push({ workflow, step, error: String(error) });
        }
        await clock.sleep(BETWEEN_STEPS_MS, stopped.signal);
      }
      keepOnly(seen);
      setUp = seen;
      if (failed.length > 0) log.warn({ ...failed[0], steps: failed.length }, "queues could not be counted");
    } catch (error) {
      if (stopped.signal.aborted) return;
      log.warn({ error: String(error) }, "no queues could be found");
    }
    lastRoundAt = startedAt;
    for (const listener of listeners) listener();
  }

  async function forever(): Promise<void> {
    while (!stopped.signal.aborted) {
      const started = clock.monotonic();
      await round();
      const rest = Math.max(BETWEEN_STEPS_MS, everyMs - (clock.monotonic() - started));
      await clock.sleep(rest, stopped.signal).catch(() => {});
    }
  }

  return {
    of: (workflow) => [...(workflows.get(workflow) ?? [])].map(([step, samples]) => ({ step, samples })),
    latest: (workflow) =>
      (workflow === undefined ? [...workflows.keys()] : [workflow]).flatMap((name) =>
        [...(workflows.get(name) ?? [])].flatMap(([step, samples]) => {
          const { at, ...queues } = samples.at(-1)!;
          return at < lastRoundAt ? [] : [{ workflow: name, step, ...queues }];
        }),
      ),
    isSetUp: (workflow, step) => setUp === undefined || setUp.get(workflow)?.has(step) === true,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start() {
      if (!started) void forever();
      started = true;
    },
    stop: () => stopped.abort(),
  };
}
