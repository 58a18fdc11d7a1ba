/** Steps, machines, tasks and snapshots with ordinary values, for tests that name only what they are about. */
import type { Machine, Snapshot, StepNow, TaskNow } from "../../lambda/snapshot.ts";
import { EMPTY_REPORT, type ScalerReport, type StepReport } from "../../src/desired/scaler-report.ts";
import type { StepDescription } from "../../src/desired/step-description.ts";

export const NOW_MS = Date.parse("2026-01-01T12:00:00Z");
export const MINUTE_MS = 60_000;

type Deep<T> = { readonly [K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : Partial<T[K]> };

export function description(more: Deep<StepDescription> = {}): StepDescription {
  const workflow = (more.workflow as string | undefined) ?? "plants";
  const step = (more.step as string | undefined) ?? "grey";
  const base = `pw-${workflow}-${step}`;
  const queue = (name: string) => ({ name, url: `https://sqs.us-east-1.amazonaws.com/123456789012/${name}` });
  return {
    version: 1,
    generation: (more.generation as string | undefined) ?? "a",
    owner: "default",
    workflow,
    step,
    index: 0,
    algorithm: step,
    image: "example/grey",
    cluster: "pipewright",
    share: { cluster: "pipewright", retentionDays: 30, spot: false, ingress: [], secrets: [], adopt: [] },
    input: { bucket: "plants-in", prefix: "", suffix: "" },
    output: { bucket: "plants-out", key: "Result-{file}" },
    queue: queue(base),
    deadLetters: queue(`${base}-dead-letters`),
    undelivered: queue(`${base}-undelivered`),
    task: {
      family: base,
      memoryMiB: 500,
      cpuUnits: 512,
      gpus: 0,
      ports: [],
      logGroup: "/pipewright/plants/grey",
      filesPerTask: 4,
      max: 50,
      tags: { "pipewright:owner": "default", "pipewright:workflow": workflow },
      ...more.task,
    },
    instances: {
      launchTemplate: base,
      type: "t3.small",
      memoryMiB: 1779,
      cpuUnits: 2048,
      gpus: 0,
      max: 4,
      idleMinutes: 15,
      spot: false,
      subnets: [],
      ...more.instances,
    },
  };
}

export function step(more: Deep<StepDescription> = {}, depth: Partial<StepNow> = {}): StepNow {
  const described = description(more);
  return {
    key: `${described.workflow}/${described.step}`,
    description: described,
    fingerprint: "a:1",
    templateVersion: 1,
    waiting: 0,
    inFlight: 0,
    backlog: (depth.waiting ?? 0) + (depth.inFlight ?? 0),
    ...depth,
  };
}

/** An instance of the ordinary step, an hour old and without a task; what is named otherwise is otherwise. */
export function machine(
  id: string,
  more: Partial<Omit<Machine, "joined">> & { readonly joined?: Partial<Machine["joined"]> | null } = {},
): Machine {
  const { joined, ...rest } = more;
  return {
    id,
    ours: true,
    step: "plants/grey",
    type: "t3.small",
    spot: false,
    subnetId: "subnet-a",
    launchedMs: NOW_MS - 60 * MINUTE_MS,
    ended: undefined,
    ghostArn: undefined,
    guarded: true,
    tags: {},
    ...rest,
    joined:
      joined === null
        ? undefined
        : {
            arn: arnOf(id),
            ready: true,
            draining: false,
            connected: true,
            registeredMs: NOW_MS - 58 * MINUTE_MS,
            tasks: 0,
            total: { memoryMiB: 1900, cpuUnits: 2048, gpus: 0 },
            free: { memoryMiB: 1900, cpuUnits: 2048, gpus: 0 },
            takenPorts: [],
            ...joined,
          },
  };
}

export const arnOf = (id: string): string => `arn:aws:ecs:us-east-1:123456789012:container-instance/pipewright/${id}`;

export const task = (arn: string, more: Partial<TaskNow> = {}): TaskNow => ({
  arn,
  family: "pw-plants-grey",
  containerInstanceArn: arnOf("i-1"),
  createdMs: NOW_MS - 10 * MINUTE_MS,
  startedMs: NOW_MS - 9 * MINUTE_MS,
  stopping: false,
  stopped: undefined,
  ...more,
});

export const snapshot = (more: Partial<Snapshot> = {}): Snapshot => ({
  nowMs: NOW_MS,
  steps: [],
  tasks: [],
  machines: [],
  defaultSubnets: ["subnet-a", "subnet-b", "subnet-c"],
  warned: [],
  ...more,
});

/** That instances of the ordinary step have joined before, and more of what is remembered of it. */
export const report = (
  more: Partial<StepReport> = {},
  machines: ScalerReport["machines"] = {},
  key = "plants/grey",
): ScalerReport => ({
  ...EMPTY_REPORT,
  steps: {
    [key]: { fingerprint: "a:1", proven: true, troubles: {}, shunned: {}, heedFromMs: { start: 0, boot: 0 }, ...more },
  },
  machines,
});
