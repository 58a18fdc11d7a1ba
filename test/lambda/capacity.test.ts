import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Action, decide } from "../../lambda/capacity.ts";
import type { Snapshot } from "../../lambda/snapshot.ts";
import { EMPTY_REPORT, type ScalerReport, type Trouble } from "../../src/desired/scaler-report.ts";
import { arnOf, MINUTE_MS, machine, NOW_MS, report, snapshot, step, task } from "./samples.ts";

/** Actions as a person would say them. */
function said(action: Action): string {
  switch (action.do) {
    case "start":
      return `start ${action.count} of ${action.step.key}`;
    case "launch":
      return `launch #${action.number} for ${action.step.key} in ${action.places.map(({ subnetId, market }) => `${subnetId} (${market})`).join(", ")}`;
    case "give-up":
      return `give up ${action.step.key}: ${action.why}`;
    case "evacuate":
      return `evacuate ${action.machine.id}: ${action.taskArns.join(", ")}`;
    case "guard":
      return `guard ${action.machine.id} (${action.minutes} min)`;
    default:
      return `${action.do} ${action.machine.id}`;
  }
}

const full = { free: { memoryMiB: 100, cpuUnits: 0, gpus: 0 }, tasks: 3 };
const idle = (minutes: number) => ({
  "i-1": { step: "plants/grey", launchedMs: 0, joined: true, idleSinceMs: NOW_MS - minutes * MINUTE_MS },
});
const SILENT = { ready: false, connected: false, tasks: 1 };
const silent = (minutes: number) => ({ "i-1": { ...idle(0)["i-1"], silentSinceMs: NOW_MS - minutes * MINUTE_MS } });
const trouble = (minutes: number): Trouble => ({
  count: 1,
  reason: "no",
  sinceMs: NOW_MS,
  retryAtMs: NOW_MS + minutes * MINUTE_MS,
});
const UNKNOWN = { type: "x9.large", memoryMiB: null, cpuUnits: null, gpus: null };
const WITH_GPU = {
  task: { gpus: 1 },
  instances: { type: "p3.8xlarge", memoryMiB: 224_806, cpuUnits: 32_768, gpus: 4 },
};
const roomFor = (gpus: number) => ({ memoryMiB: 200_000, cpuUnits: 32_000, gpus });
const ON_DEMAND_FROM_A = "subnet-a (on-demand), subnet-b (on-demand), subnet-c (on-demand)";

interface Example {
  readonly when: string;
  readonly seen: Partial<Snapshot>;
  readonly known?: ScalerReport;
  readonly does: readonly string[];
}

const EXAMPLES: readonly Example[] = [
  { when: "nothing waits and nothing runs", seen: { steps: [step()] }, does: [] },
  {
    when: "files wait, an instance has room: a task for every four files",
    seen: { steps: [step({}, { waiting: 9 })], machines: [machine("i-1")] },
    does: ["start 3 of plants/grey"],
  },
  {
    when: "what is in flight counts as backlog, but starts nothing by itself",
    seen: {
      steps: [step({}, { inFlight: 40 })],
      machines: [machine("i-1", { joined: { tasks: 1 } })],
      tasks: [task("t")],
    },
    does: [],
  },
  {
    when: "enough tasks run or start already",
    seen: {
      steps: [step({}, { waiting: 8 })],
      machines: [machine("i-1", { joined: { tasks: 2 } })],
      tasks: [task("t1"), task("t2", { startedMs: undefined })],
    },
    does: [],
  },
  {
    when: "a task that is told to stop counts no more",
    seen: {
      steps: [step({}, { waiting: 4 })],
      machines: [machine("i-1", { joined: { tasks: 1 } })],
      tasks: [task("t1", { stopping: true })],
    },
    does: ["start 1 of plants/grey"],
  },
  {
    when: "max_tasks is reached",
    seen: {
      steps: [step({ task: { max: 2 } }, { waiting: 100 })],
      machines: [machine("i-1", { joined: { tasks: 1 } })],
      tasks: [task("t1")],
    },
    does: ["start 1 of plants/grey"],
  },
  {
    when: "no instance yet, and none has ever come up: one is tried, whatever waits",
    seen: { steps: [step({}, { waiting: 1000 })] },
    known: EMPTY_REPORT,
    does: [`launch #0 for plants/grey in ${ON_DEMAND_FROM_A}`],
  },
  {
    when: "instances have come up before: as many as the tasks need, in different zones, up to max_instances",
    seen: { steps: [step({ instances: { max: 2 } }, { waiting: 1000 })] },
    does: [
      `launch #0 for plants/grey in ${ON_DEMAND_FROM_A}`,
      "launch #1 for plants/grey in subnet-b (on-demand), subnet-c (on-demand), subnet-a (on-demand)",
    ],
  },
  {
    when: "the one that came up is full, and nobody has seen a task run well: no second one is bought",
    seen: {
      steps: [step({}, { waiting: 1000 })],
      machines: [machine("i-1", { joined: full })],
      tasks: [task("t", { startedMs: undefined })],
    },
    known: report({ proven: false }),
    does: [],
  },
  {
    when: "tasks did not start, and one is being tried: not another before it has shown what it is",
    seen: {
      steps: [step({}, { waiting: 1000 })],
      machines: [machine("i-1", { joined: { tasks: 1 } })],
      tasks: [task("t", { startedMs: NOW_MS - MINUTE_MS / 2 })],
    },
    known: report({ troubles: { start: trouble(0) } }),
    does: [],
  },
  {
    when: "an instance never joined in one subnet, and earlier in another: the next is bought elsewhere",
    seen: { steps: [step({}, { waiting: 1000 })] },
    known: report({ troubles: { boot: trouble(0) }, shunned: { "subnet-a": NOW_MS, "subnet-b": NOW_MS - MINUTE_MS } }),
    does: ["launch #0 for plants/grey in subnet-c (on-demand), subnet-b (on-demand), subnet-a (on-demand)"],
  },
  {
    when: "an instance is booting that will take the tasks",
    seen: {
      steps: [step({}, { waiting: 12 })],
      machines: [machine("i-1", { joined: null, launchedMs: NOW_MS - MINUTE_MS })],
    },
    does: [],
  },
  {
    when: "a new instance is not shown by EC2 yet: it counts by what its launch answered",
    seen: { steps: [step({}, { waiting: 12 })] },
    known: report(
      {},
      {
        "i-9": { step: "plants/grey", launchedMs: NOW_MS - MINUTE_MS, joined: false, idleSinceMs: null },
      },
    ),
    does: [],
  },
  {
    when: "what is there is full, and the rest needs one more",
    seen: {
      steps: [step({}, { waiting: 8, inFlight: 8 })],
      machines: [machine("i-1", { joined: full })],
      tasks: [task("t1"), task("t2")],
    },
    does: ["launch #1 for plants/grey in subnet-b (on-demand), subnet-c (on-demand), subnet-a (on-demand)"],
  },
  {
    when: "Spot is wanted: every subnet on the Spot market, then every subnet on demand",
    seen: { steps: [step({ instances: { spot: true, subnets: ["subnet-x", "subnet-y"] } }, { waiting: 1 })] },
    does: ["launch #0 for plants/grey in subnet-x (spot), subnet-y (spot), subnet-x (on-demand), subnet-y (on-demand)"],
  },
  {
    when: "an instance drains, or its agent does not answer: it takes nothing",
    seen: {
      steps: [step({ instances: { max: 2 } }, { waiting: 1 })],
      machines: [
        machine("i-1", { joined: { ready: false, draining: true, tasks: 1 } }),
        machine("i-2", { joined: { ready: false } }),
      ],
    },
    known: report({}, { "i-2": { ...idle(0)["i-1"] } }),
    does: [],
  },
  {
    when: "an instance is of another type",
    seen: {
      steps: [step({ instances: { max: 0 } }, { waiting: 1 })],
      machines: [machine("i-1", { ours: false, type: "m5.large" })],
    },
    does: [],
  },
  {
    when: "a published port is taken on one instance of two: one task per instance",
    seen: {
      steps: [
        step(
          { task: { ports: [{ port: 8080, protocol: "tcp" }], filesPerTask: 1 }, instances: { max: 2 } },
          { waiting: 5 },
        ),
      ],
      machines: [machine("i-1", { joined: { tasks: 1, takenPorts: ["22/tcp", "8080/tcp"] } }), machine("i-2")],
    },
    does: ["start 1 of plants/grey"],
  },
  {
    when: "two steps share a type: the one with fewer tasks is served first",
    seen: {
      steps: [
        step({ task: { filesPerTask: 1 }, instances: { max: 1 } }, { waiting: 100 }),
        step({ workflow: "roots", task: { filesPerTask: 1 }, instances: { max: 0 } }, { waiting: 100 }),
      ],
      machines: [machine("i-1")],
      tasks: [task("t1")],
    },
    does: ["start 1 of plants/grey", "start 2 of roots/grey"],
  },
  {
    when: "a task is larger than what its type registers",
    seen: { steps: [step({ task: { memoryMiB: 2000 } }, { waiting: 1 })] },
    does: [
      "give up plants/grey: a task needs 2000 MiB and 512 CPU units, but an instance of type t3.small registers 1779 MiB and 2048 CPU units",
    ],
  },
  {
    when: "tasks need a GPU each: as many on an instance as it has GPUs left",
    seen: {
      steps: [step(WITH_GPU, { waiting: 100 })],
      machines: [machine("i-1", { type: "p3.8xlarge", joined: { total: roomFor(4), free: roomFor(3) } })],
    },
    does: [
      "start 3 of plants/grey",
      "launch #1 for plants/grey in subnet-b (on-demand), subnet-c (on-demand), subnet-a (on-demand)",
      "launch #2 for plants/grey in subnet-c (on-demand), subnet-a (on-demand), subnet-b (on-demand)",
      "launch #3 for plants/grey in subnet-a (on-demand), subnet-b (on-demand), subnet-c (on-demand)",
    ],
  },
  {
    when: "the instance's GPU is none that ECS knows",
    seen: {
      steps: [step(WITH_GPU, { waiting: 1 })],
      machines: [machine("i-1", { type: "p3.8xlarge", joined: { total: roomFor(0), free: roomFor(0) } })],
    },
    does: [
      "give up plants/grey: a task needs 500 MiB and 512 CPU units (GPUs: 1), but an instance of type p3.8xlarge registers 200000 MiB and 32000 CPU units (GPUs: 0)",
    ],
  },
  {
    when: "nobody knows the type: one task per instance until the first has told",
    seen: {
      steps: [step({ instances: { ...UNKNOWN, max: 2, subnets: ["subnet-x"] } }, { waiting: 12 })],
    },
    does: ["launch #0 for plants/grey in subnet-x (on-demand)", "launch #1 for plants/grey in subnet-x (on-demand)"],
  },
  {
    when: "the launch template is missing",
    seen: { steps: [step({}, { waiting: 1, templateVersion: null })] },
    does: ["give up plants/grey: the launch template pw-plants-grey is not there"],
  },
  {
    when: "the account has no default VPC",
    seen: { steps: [step({}, { waiting: 1 })], defaultSubnets: [] },
    does: ["give up plants/grey: there is no default VPC, and the workflow names no subnets"],
  },
  {
    when: "tasks would not start a moment ago: neither task nor instance",
    seen: { steps: [step({}, { waiting: 100 })] },
    known: report({ troubles: { start: trouble(1) } }),
    does: [],
  },
  {
    when: "tasks would not start, and their wait is over: one is tried",
    seen: { steps: [step({}, { waiting: 100 })], machines: [machine("i-1")] },
    known: report({ troubles: { start: trouble(0) } }),
    does: ["start 1 of plants/grey"],
  },
  {
    when: "instances would not boot: no further one, but what is there works",
    seen: {
      steps: [step({}, { waiting: 100 })],
      machines: [machine("i-1", { joined: { free: { memoryMiB: 600, cpuUnits: 600, gpus: 0 } } })],
    },
    known: report({ troubles: { boot: trouble(10) } }),
    does: ["start 1 of plants/grey"],
  },
  {
    when: "EC2 had no capacity, and the wait is over: one is tried",
    seen: { steps: [step({}, { waiting: 100 })] },
    known: report({ troubles: { launch: trouble(0) } }),
    does: [`launch #0 for plants/grey in ${ON_DEMAND_FROM_A}`],
  },
  {
    when: "an instance could not be ended a while ago: none is begun",
    seen: { steps: [step({}, { waiting: 100 })] },
    known: report({ troubles: { upkeep: trouble(30) } }),
    does: [],
  },
  {
    when: "an instance has idled for long enough: it is drained, not ended yet",
    seen: { steps: [step()], machines: [machine("i-1")] },
    known: report({}, idle(15)),
    does: ["drain i-1"],
  },
  {
    when: "an instance idles, not for long",
    seen: { steps: [step()], machines: [machine("i-1")] },
    known: report({}, idle(14)),
    does: [],
  },
  {
    when: "an instance has idled for long, and a file has come",
    seen: { steps: [step({}, { waiting: 1 })], machines: [machine("i-1")] },
    known: report({}, idle(60)),
    does: ["start 1 of plants/grey"],
  },
  {
    when: "nothing will start for a good while: the instance is not kept waiting",
    seen: { steps: [step({}, { waiting: 1 })], machines: [machine("i-1")] },
    known: report({ troubles: { start: trouble(16) } }, idle(1)),
    does: ["drain i-1"],
  },
  {
    when: "tasks have failed again, and two instances stand: one is enough to try one task",
    seen: { steps: [step({}, { waiting: 100 })], machines: [machine("i-1"), machine("i-2")] },
    known: report({ troubles: { start: { ...trouble(3), count: 2 } } }, idle(1)),
    does: ["drain i-2"],
  },
  {
    when: "a drained instance is empty",
    seen: { steps: [step()], machines: [machine("i-1", { joined: { ready: false, draining: true } })] },
    does: ["terminate i-1"],
  },
  {
    when: "a drained instance still has a task",
    seen: {
      steps: [step()],
      machines: [machine("i-1", { joined: { ready: false, draining: true, tasks: 1 } })],
      tasks: [task("t1")],
    },
    does: [],
  },
  {
    when: "an agent has been silent for 29 minutes: its tasks count",
    seen: { steps: [step({}, { waiting: 4 })], machines: [machine("i-1", { joined: SILENT })], tasks: [task("t1")] },
    known: report({}, silent(29)),
    does: [],
  },
  {
    when: "an agent has been silent for 30 minutes, and nothing is in flight: its tasks hold back no others",
    seen: { steps: [step({}, { waiting: 4 })], machines: [machine("i-1", { joined: SILENT })], tasks: [task("t1")] },
    known: report({}, silent(30)),
    does: [
      "launch #1 for plants/grey in subnet-b (on-demand), subnet-c (on-demand), subnet-a (on-demand)",
      "terminate i-1",
    ],
  },
  {
    when: "an agent is silent, but its worker may hold a file",
    seen: { steps: [step({}, { inFlight: 1 })], machines: [machine("i-1", { joined: SILENT })], tasks: [task("t1")] },
    known: report({}, silent(359)),
    does: [],
  },
  {
    when: "an agent has been silent for longer than its workers' credentials last",
    seen: { steps: [step({}, { inFlight: 1 })], machines: [machine("i-1", { joined: SILENT })], tasks: [task("t1")] },
    known: report({}, silent(360)),
    does: ["terminate i-1"],
  },
  {
    when: "somebody else's instance has been silent for long: it stays, and its tasks hold back no others",
    seen: {
      steps: [step({}, { waiting: 4 })],
      machines: [machine("i-1", { ours: false, step: undefined, joined: SILENT }), machine("i-2")],
      tasks: [task("t1")],
    },
    known: report({}, silent(600)),
    does: ["start 1 of plants/grey"],
  },
  {
    when: "an instance has not joined ten minutes after its launch",
    seen: { steps: [step()], machines: [machine("i-1", { joined: null, launchedMs: NOW_MS - 10 * MINUTE_MS })] },
    does: ["terminate i-1"],
  },
  {
    when: "somebody else's instance idles in the cluster",
    seen: { steps: [step()], machines: [machine("i-1", { ours: false, step: undefined, guarded: false })] },
    known: report({}, idle(1000)),
    does: [],
  },
  {
    when: "an instance's step is gone",
    seen: { steps: [], machines: [machine("i-1", { step: undefined })] },
    known: report({}, idle(15)),
    does: ["drain i-1"],
  },
  {
    when: "a Spot warning has come: its tasks hand back their files",
    seen: {
      steps: [step({}, { waiting: 1 })],
      machines: [machine("i-1", { spot: true, joined: { tasks: 2 } })],
      tasks: [task("t1"), task("t2", { stopping: true }), task("t3", { containerInstanceArn: arnOf("i-2") })],
      warned: ["i-1"],
    },
    known: report({ troubles: { launch: trouble(1) } }),
    does: ["evacuate i-1: t1"],
  },
  {
    when: "a Spot instance drains by itself, since its agent has heard the warning",
    seen: {
      steps: [step()],
      machines: [machine("i-1", { spot: true, joined: { ready: false, draining: true, tasks: 1 } })],
      tasks: [task("t1")],
    },
    does: ["evacuate i-1: t1"],
  },
  {
    when: "an instance lacks its alarm, another has ended and left its own behind",
    seen: {
      steps: [step({ instances: { idleMinutes: 30 } })],
      machines: [
        machine("i-1", { guarded: false }),
        machine("i-2", { joined: null, ended: { code: "Client.UserInitiatedShutdown", reason: "" } }),
        machine("i-3", { joined: null, guarded: false, ended: { code: "Client.UserInitiatedShutdown", reason: "" } }),
      ],
    },
    known: report({}, idle(0)),
    does: ["guard i-1 (120 min)", "unguard i-2"],
  },
];

describe("what the scaler decides when", () => {
  for (const { when, seen, known = report(), does } of EXAMPLES) {
    it(when, () => assert.deepEqual(decide(snapshot(seen), known).map(said), does));
  }
});
