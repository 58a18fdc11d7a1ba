/** Very many uploads, and what comes of them: by the product, and by the obvious design, under the same circumstances. */
import { type ObviousResult, simulateObviousDesign } from "./obvious-design.ts";
import { BOOT_MS, FILE_MS, LATENCY_MS, PULL_MS, type SimulationOptions, simulate } from "./simulation.ts";

export interface Uploads {
  readonly files: number;
  /** Evenly over so long. */
  readonly overMs: number;
}

export interface Figures {
  /** Files with a result. */
  readonly done: number;
  /** From the first upload to the last result. */
  readonly drainedMs: number;
  readonly launched: number;
  readonly instanceHours: number;
  readonly invocations: number;
  /** By `service:operation`, throttled ones included. */
  readonly calls: ReadonlyMap<string, { readonly calls: number; readonly throttled: number }>;
}

export interface ProductFigures {
  /** Results that were written once more. */
  readonly again: number;
  /** Instances and alarms that are there when all is over. */
  readonly left: readonly string[];
}

/** 32 of the example's tasks fit onto one by their CPU. */
const COMPUTE = { instance_type: "c6i.4xlarge", max_instances: 100, max_tasks: 1_000 };
const TASKS_PER_INSTANCE = 32;
const LOOK_EVERY_MS = 60_000;
const GIVE_UP_MS = 7 * 86_400_000;
/** Until idle instances are gone. */
const AFTERWARDS_MS = 3 * 3_600_000;

export async function uploadToProduct(
  { files, overMs }: Uploads,
  options: SimulationOptions = {},
): Promise<Figures & ProductFigures> {
  const simulation = await simulate({ compute: COMPUTE, ...options });
  const { instances, results, calls, invocations } = simulation;
  const fromMs = simulation.elapsedMs();
  simulation.upload(files, overMs);
  while (results.size < files && simulation.elapsedMs() < GIVE_UP_MS) await simulation.advance(LOOK_EVERY_MS);
  const drainedMs = simulation.lastResultMs() - fromMs;
  await simulation.advance(AFTERWARDS_MS);
  const figures = {
    done: results.size,
    again: [...results.values()].reduce((sum, times) => sum + times - 1, 0),
    drainedMs,
    launched: instances.launched,
    instanceHours: instances.hours,
    invocations: [...invocations.values()].reduce((sum, { count }) => sum + count, 0),
    calls: new Map([...calls.tallies].map(([name, tally]) => [name, { ...tally }])),
    left: [...(await simulation.alarms()), ...(instances.live > 0 ? [`${instances.live} instances`] : [])],
  };
  await simulation.stop();
  return figures;
}

export const uploadToObviousDesign = (
  uploads: Uploads,
  throttled: "sdk" | "patient",
): Promise<Figures & Pick<ObviousResult, "discarded" | "stranded">> =>
  simulateObviousDesign({
    ...uploads,
    throttled,
    fileMs: FILE_MS,
    bootMs: BOOT_MS,
    pullMs: PULL_MS,
    latencyMs: LATENCY_MS,
    tasksPerInstance: TASKS_PER_INSTANCE,
  });
