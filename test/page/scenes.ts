/** Days of an operator, told to the real server: the shipped examples, judged by the engine's own words. */
import { join } from "node:path";
import type { Step } from "../../src/core/plan.ts";
import type { Clock } from "../../src/core/ports.ts";
import { type Change, FOUNDATION, type Key } from "../../src/core/resource.ts";
import type { StepCounts, StepState } from "../../src/data/data.ts";
import { compile } from "../../src/desired/compile.ts";
import { compileFoundation } from "../../src/desired/foundation.ts";
import type { DriftedField } from "../../src/engine/drift.ts";
import type { HistoryEntry } from "../../src/engine/history.ts";
import { outcomeOf, type PassResult } from "../../src/engine/outcome.ts";
import { conditionsOf, keyStatuses, type WorkflowStatus } from "../../src/engine/status.ts";
import { systemClock } from "../../src/io/clock.ts";
import { createWorkflowFolder } from "../../src/io/workflow-folder.ts";
import { parseWorkflow } from "../../src/workflow/parse.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import { facts } from "../desired/samples.ts";
import { daemon, type Say, step } from "../server/stage.ts";

export interface Scene extends Say {
  /** The workflow that the scene is about; none: the list alone. */
  readonly about?: string;
}

const NOW = Date.UTC(2026, 4, 12, 9, 41);
const MINUTE = 60_000;
const before = (ms: number): string => new Date(NOW - ms).toISOString();

const pipelines = join(import.meta.dirname, "../../pipelines");
const folder = createWorkflowFolder(pipelines);
const examples = await Promise.all(["change123", "grey-pictures", "river-gauges"].map(example));

async function example(name: string): Promise<Workflow> {
  const source = await folder.read(join(pipelines, `${name}.json`));
  const parsed = parseWorkflow({ ...source!, path: `pipelines/${name}.json` }, (algorithm) =>
    folder.algorithm(join(pipelines, `${name}.json`), algorithm),
  );
  return parsed.workflow!;
}

/** Each made anew: its clock runs but once. */
export const scenes = {
  empty: () => ({ ...base([]), status: () => daemon({ workflows: [], region: facts.region }) }),
  healthy: () => ({ ...base([{}, {}, {}]), about: "river-gauges" }),
  drifted: () => ({ ...base([{}, { drift: drifted(), report: true }, {}]), about: "grey-pictures" }),
  stalled: () => ({ ...base([{ refuse: foreign() }, {}, {}]), about: "change123" }),
  "dead-letters": () => ({ ...base([{}, {}, { dead: 7 }]), about: "river-gauges" }),
} satisfies Readonly<Record<string, () => Scene>>;

interface Told {
  readonly drift?: readonly Omit<DriftedField, "since">[];
  readonly report?: boolean;
  readonly refuse?: Extract<Step, { do: "refuse" }>;
  readonly dead?: number;
}

function drifted(): Omit<DriftedField, "since">[] {
  const key = "queue/pw-grey-pictures-grey-picture" as const;
  return [
    { key, path: "visibilitySeconds", want: 60, have: 300 },
    { key, path: "redrive.maxReceives", want: 3, have: 10 },
    { key: "log-group//pipewright/grey-pictures/grey-picture", path: "retentionDays", want: 30, have: null },
  ];
}

function foreign(): Extract<Step, { do: "refuse" }> {
  const key = "queue/pw-change123-change123-s3" as const;
  const why = `${key} exists and does not carry our owner tag; name it in "adopt" to take it over, or rename the workflow`;
  return { key, do: "refuse", reason: "Foreign", why, blocks: true };
}

function base(told: readonly Told[]): Scene & Required<Pick<Scene, "status">> {
  const clock = hurriedClock();
  const tellings = new Map(examples.map((one, index) => [one.name, told[index] ?? {}]));
  const workflows = told.length === 0 ? [] : examples;
  return {
    clock,
    token: "a token of a test",
    status: () =>
      daemon({
        region: facts.region,
        workflows: workflows.map((one) => statusOf(one, tellings.get(one.name)!)),
        foundation: foundationOf(),
      }),
    history: (name) => historyOf(name, tellings.get(name) ?? {}),
    states: (name) => statesOf(name, tellings.get(name) ?? {}),
    counts: () => workflows.flatMap((one) => countsOf(one, tellings.get(one.name)!, clock.now())),
  };
}

function statusOf(workflow: Workflow, { drift = [], refuse, report = false }: Told): WorkflowStatus {
  const desired = compile(workflow, facts);
  const { prefix, suffix } = workflow.input;
  const updates = [...Map.groupBy(drift, (one) => one.key)].map(([key, changes]): Step => {
    return { key, do: "update", spec: {}, actual: {}, changes: changes as Change[] };
  });
  const steps = [...updates, ...(refuse ? [refuse] : [])];
  const asked: PassResult["outcome"] = {
    is: "reported",
    why: '"drift": "report": 2 differences are reported and not written',
  };
  const result: PassResult = {
    ...{ pass: "k3-41", steps, failures: new Map(), incomplete: [], written: 0 },
    outcome: report ? asked : outcomeOf(steps, new Map()),
  };
  const open = drift.map((one) => ({ ...one, since: before(26 * MINUTE) }));
  const about = { hash: workflow.hash, drift: report ? "report" : "repair", suspend: false } as const;
  const judged = { workflow: about, result, resultOf: workflow.hash, drift: open };
  return {
    name: workflow.name,
    file: workflow.file,
    generation: workflow.hash,
    buckets: { input: workflow.inputBucket, prefix, suffix, output: workflow.outputBucket },
    suspendLine: workflow.places!.suspend.line,
    conditions: conditionsOf(
      { ...judged, badFile: undefined, foundation: undefined, notice: undefined },
      [],
      before(47 * MINUTE),
    ),
    keys: keyStatuses(desired, result, open),
    drift: open,
    problems: [],
    lastPass: before(12_000),
    nextPassMs: 18_000,
  };
}

function foundationOf(): WorkflowStatus {
  const desired = compileFoundation(examples, facts);
  const result: PassResult = {
    ...{ pass: "k3-40", steps: [], failures: new Map(), incomplete: [], written: 0 },
    outcome: { is: "synced" },
  };
  const workflow = { hash: "", drift: "repair", suspend: false } as const;
  const judged = {
    workflow,
    result,
    resultOf: "",
    drift: [],
    badFile: undefined,
    foundation: undefined,
    notice: undefined,
  };
  return {
    ...{ name: FOUNDATION, file: "", generation: "", drift: [], problems: [] },
    conditions: conditionsOf(judged, [], before(47 * MINUTE)),
    keys: keyStatuses(desired, result, []),
    lastPass: before(9_000),
    nextPassMs: 21_000,
  };
}

function historyOf(workflow: string, { drift = [] }: Told): HistoryEntry[] {
  const found = examples.find((one) => one.name === workflow);
  const keys: Key[] = found ? compile(found, facts).map((one) => one.key) : [];
  const of = (event: HistoryEntry["event"], atMs: number, change: Partial<DriftedField>): HistoryEntry => ({
    ...{ at: before(atMs), workflow, key: "", path: "", want: null, have: null, event, pass: "k3-7" },
    ...change,
  });
  const queue = keys.find((key) => key.startsWith("queue/") && !/-(dead-letters|undelivered)$/.test(key)) ?? "queue/x";
  const change = { key: queue, path: "visibilitySeconds", want: 60, have: 30 } as const;
  return [
    ...keys.slice(0, 6).map((key) => of("created", 47 * MINUTE, { key })),
    of("drift-detected", 31 * MINUTE, change),
    of("drift-repaired", 31 * MINUTE - 900, change),
    ...drift.map((one) => of("drift-detected", 26 * MINUTE, one)),
  ];
}

function statesOf(name: string, { dead = 0 }: Told): StepState[] {
  const workflow = examples.find((one) => one.name === name);
  return (workflow?.steps ?? []).map(({ name, algorithm }, index) =>
    step({
      ...{ step: name, algorithm: algorithm.name, queued: 14 - 5 * index, inFlight: 2, dead: index === 1 ? dead : 0 },
      tasks: { running: 2, starting: index === 0 ? 1 : 0 },
      instances: index === 0 ? 1 : 0,
    }),
  );
}

function countsOf(workflow: Workflow, { dead = 0 }: Told, nowMs: number): StepCounts[] {
  return workflow.steps.map(({ name: step }, index) => {
    const minutes = (NOW - nowMs) / MINUTE + 9 * index;
    const wave = Math.max(0, Math.sin(minutes / 11) * 12 + Math.sin(minutes / 3.7) * 3 + 6 - 2 * index);
    const given = index === 1 ? Math.max(0, Math.min(dead, Math.round(dead - (NOW - nowMs) / MINUTE / 6))) : 0;
    return { workflow: workflow.name, step, queued: Math.round(wave), inFlight: 2, dead: given, undelivered: 0 };
  });
}

/** Two hours of samples in no time; then it stands still. */
function hurriedClock(): Clock {
  let now = NOW - 120 * MINUTE;
  return {
    ...systemClock,
    now: () => now,
    monotonic: () => now,
    async sleep(ms, signal) {
      if (now + ms > NOW) {
        now = NOW;
        return systemClock.sleep(1_000_000, signal);
      }
      now += ms;
    },
  };
}
