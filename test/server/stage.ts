/** The real server in front of an engine and data that say what they are told to say. */
import { join } from "node:path";
import type { TestContext } from "node:test";
import { readPageFiles } from "../../src/bundles.ts";
import type { StepCounts, StepState, WorkflowData } from "../../src/data/data.ts";
import { createQueueSamples } from "../../src/data/queue-samples.ts";
import type { EngineEvent } from "../../src/engine/events.ts";
import type { HistoryEntry } from "../../src/engine/history.ts";
import type { DaemonStatus, WorkflowStatus } from "../../src/engine/status.ts";
import { systemClock } from "../../src/io/clock.ts";
import { type Server, type ServerDeps, startServer } from "../../src/server/server.ts";
import { silent } from "../support/silent.ts";

export const TOKEN = "a token of a test";

export const workflow = (more: Partial<WorkflowStatus> = {}): WorkflowStatus => ({
  name: "plants",
  file: "pipelines/plants.json",
  generation: "abc",
  conditions: [condition("Ready", "True"), condition("Drifted", "False")],
  keys: [],
  drift: [],
  problems: [],
  lastPass: "2026-01-01T00:00:00.000Z",
  ...more,
});

export function condition(
  type: WorkflowStatus["conditions"][number]["type"],
  status: "True" | "False" | "Unknown",
  reason = "R",
  message = "",
) {
  return { type, status, reason, message, since: "2026-01-01T00:00:00.000Z", observedGeneration: "abc" };
}

export const daemon = (more: Partial<DaemonStatus> = {}): DaemonStatus => ({
  owner: "default",
  account: "123456789012",
  region: "us-east-1",
  folder: "pipelines",
  workflows: [workflow()],
  problems: [],
  leftovers: [],
  leader: true,
  stopping: false,
  ...more,
});

export const entry = (event: HistoryEntry["event"], at: string, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  ...{ at, event, workflow: "plants", key: "queue/pw-a", path: "redrive.maxReceives", want: 3, have: 5, pass: "p-1" },
  ...more,
});

export const counts = (more: Partial<StepCounts> = {}): StepCounts => ({
  ...{ workflow: "plants", step: "grey", queued: 4, inFlight: 1, dead: 0, undelivered: 0 },
  ...more,
});

export const step = (more: Partial<StepState> = {}): StepState => ({
  ...{ step: "grey", algorithm: "grey", queued: 4, inFlight: 1, dead: 0, undelivered: 0 },
  ...{ tasks: { running: 1, starting: 0 }, instances: 1, troubles: [] },
  ...more,
});

export interface Say {
  status?(): DaemonStatus;
  history?(name: string): readonly HistoryEntry[];
  /** undefined: the workflow is not set up. */
  states?(name: string): Promise<readonly StepState[]> | readonly StepState[] | undefined;
  counts?(): readonly StepCounts[];
  readonly clock?: ServerDeps["clock"];
  readonly token?: string | undefined;
  readonly port?: number;
  readonly host?: string;
}

export async function serving(t: Pick<TestContext, "after">, say: Say = {}) {
  const listeners: ((event: EngineEvent) => void)[] = [];
  const asked: string[] = [];
  const dataOf = async (name: string) => {
    const states = say.states?.(name);
    if (states === undefined) return undefined;
    return {
      states: async () => states,
      async redrive() {
        asked.push(`redrive ${name}`);
        return { moved: { grey: 2 }, delivered: { grey: 1 }, hidden: { grey: 0 } };
      },
    } as unknown as WorkflowData;
  };
  const samples = createQueueSamples({
    ...{ clock: say.clock ?? systemClock, log: silent, everyMs: 60_000 },
    async *counts() {
      for (const one of say.counts?.() ?? []) yield { ...one, count: async () => one };
    },
  });
  const deps: ServerDeps = {
    engine: {
      status: say.status ?? daemon,
      history: async (name) =>
        say.history?.(name) ?? (name === "plants" ? [entry("drift-detected", "2026-01-01T00:00:00.000Z")] : []),
      subscribe(listener) {
        listeners.push(listener);
        return () => {};
      },
      reconcileNow: (name) => asked.push(`reconcile ${name}`),
      queue: { depth: 3, longestRunningMs: 1_500 },
    },
    data: { of: dataOf },
    samples,
    clock: say.clock ?? systemClock,
    log: silent,
    version: "0.1.0",
    pageFiles: readPageFiles(join(import.meta.dirname, "../../src")),
  };
  const { port = 0, host, token } = say;
  const server: Server = await startServer(deps, { port, host, token });
  samples.start();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= server.stop().then(() => samples.stop()));
  t.after(stop);
  const { url } = server;
  const get = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(url + path, { redirect: "manual", ...init });
    const { headers, status: code } = answer;
    return { code, headers, type: headers.get("content-type"), body: await answer.text() };
  };
  return {
    ...{ url, stop, get },
    /** What the engine and the data were asked to do. */
    asked: asked as readonly string[],
    awsCall: server.awsCall,
    tell: (event: EngineEvent) => {
      for (const listener of listeners) listener(event);
    },
    post: (path: string, init: RequestInit = {}) => get(path, { method: "POST", ...init }),
    sample: async (line: string) => (await get("/metrics")).body.split("\n").find((one) => one.startsWith(`${line} `)),
  };
}
