import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, it } from "node:test";
import type { EngineEvent } from "../../src/engine/events.ts";
import type { HistoryEntry } from "../../src/engine/history.ts";
import type { DaemonStatus, WorkflowStatus } from "../../src/engine/status.ts";
import { createMetrics, type Metrics } from "../../src/server/metrics.ts";
import { type Server, startServer } from "../../src/server/server.ts";

const workflow = (more: Partial<WorkflowStatus> = {}): WorkflowStatus => ({
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

function condition(type: "Ready" | "Drifted", status: "True" | "False") {
  return { type, status, reason: "R", message: "", since: "2026-01-01T00:00:00.000Z", observedGeneration: "abc" };
}

const daemon = (more: Partial<DaemonStatus> = {}): DaemonStatus => ({
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

const entry = (event: HistoryEntry["event"], at: string): HistoryEntry =>
  ({ at, event, key: "queue/pw-a", path: "redrive.maxReceives", want: 3, have: 5 }) as unknown as HistoryEntry;

let server: Server | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** A server in front of an engine that says what it is told to say. */
async function serving(status: () => DaemonStatus = daemon, port = 0) {
  const listeners: ((event: EngineEvent) => void)[] = [];
  const engine = {
    status,
    history: async (name: string) => (name === "plants" ? [entry("drift-detected", "2026-01-01T00:00:00.000Z")] : []),
    subscribe(listener: (event: EngineEvent) => void) {
      listeners.push(listener);
      return () => {};
    },
    queue: { depth: 3, longestRunningMs: 1_500 },
  };
  const metrics: Metrics = createMetrics(engine);
  server = await startServer({ engine, metrics, port });
  const { url } = server;
  return {
    url,
    metrics,
    tell: (event: EngineEvent) => {
      for (const listener of listeners) listener(event);
    },
    get: async (path: string) => {
      const answer = await fetch(url + path);
      return { code: answer.status, type: answer.headers.get("content-type"), body: await answer.text() };
    },
    sample: async (line: string) => (await metrics.text()).split("\n").find((one) => one.startsWith(`${line} `)),
  };
}

describe("the server", () => {
  it("listens on this machine only, unless it is told otherwise", async () => {
    const { url } = await serving();
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("does not start on a port that is taken, and says so", async () => {
    const other = createServer();
    await new Promise<void>((ready) => other.listen(0, "127.0.0.1", ready));
    const { port } = other.address() as AddressInfo;
    await assert.rejects(serving(daemon, port), { code: "EADDRINUSE" });
    await new Promise((closed) => other.close(closed));
  });

  it("gives its port back when it stops", async () => {
    const { url } = await serving();
    await server!.stop();
    server = undefined;
    await assert.rejects(fetch(`${url}/healthz`));
    assert.equal((await serving(daemon, Number(new URL(url).port))).url, url);
  });

  it("only answers what is asked for with GET", async () => {
    const { url } = await serving();
    for (const method of ["POST", "PUT", "DELETE"])
      assert.equal((await fetch(`${url}/api/v1/status`, { method })).status, 404, method);
  });

  it("has nothing under other addresses", async () => {
    const { get } = await serving();
    for (const path of ["/nothing", "/api/v1", "/api/v1/workflows/", "/healthz/x"])
      assert.equal((await get(path)).code, 404, path);
  });
});

describe("health", () => {
  it("is alive as long as it answers, ready or not", async () => {
    const { get } = await serving(() => daemon({ stopping: true }));
    assert.equal((await get("/healthz")).code, 200);
  });

  const { lastPass: _none, ...unseen } = workflow({ name: "fresh" });
  for (const [what, status, code] of [
    ["every workflow was looked at", daemon(), 200],
    ["the folder is empty", daemon({ workflows: [] }), 200],
    ["it only watches another daemon act", daemon({ leader: false }), 200],
    ["a workflow was never looked at", daemon({ workflows: [workflow(), unseen] }), 503],
    ["the folder cannot be read", daemon({ folderProblem: "gone" }), 503],
    ["it is stopping", daemon({ stopping: true }), 503],
  ] as const) {
    it(`is ${code === 200 ? "" : "not "}ready when ${what}`, async () => {
      const { get } = await serving(() => status);
      const answer = await get("/readyz");
      assert.equal(answer.code, code);
      assert.equal(JSON.parse(answer.body).ready, code === 200);
    });
  }

  it("names the workflows that it waits for", async () => {
    const { get } = await serving(() => daemon({ workflows: [workflow(), unseen] }));
    assert.deepEqual(JSON.parse((await get("/readyz")).body).waiting, ["fresh"]);
  });
});

describe("the status", () => {
  it("is told whole, and for each workflow", async () => {
    const { get } = await serving();
    assert.deepEqual(JSON.parse((await get("/api/v1/status")).body), daemon());
    assert.deepEqual(JSON.parse((await get("/api/v1/workflows/plants")).body), workflow());
  });

  it("of a workflow that there is not is 404 and says its name", async () => {
    const answer = await (await serving()).get("/api/v1/workflows/zebra%2F..");
    assert.equal(answer.code, 404);
    assert.match(JSON.parse(answer.body).error, /zebra\/\.\./);
  });

  it("has a history, which outlives the workflow", async () => {
    const { get } = await serving(() => daemon({ workflows: [] }));
    assert.equal(JSON.parse((await get("/api/v1/workflows/plants/history")).body).length, 1);
    assert.deepEqual(JSON.parse((await get("/api/v1/workflows/zebra/history")).body), []);
  });
});

describe("the metrics", () => {
  it("have the names that dashboards know, each with its help", async () => {
    const { get } = await serving();
    const { body, type } = await get("/metrics");
    assert.match(type!, /^text\/plain/);
    const names = [...body.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name);
    assert.deepEqual(
      [...names].sort().filter((name) => name !== "pipewright_queue_messages"),
      [
        "controller_runtime_reconcile_errors_total",
        "controller_runtime_reconcile_time_seconds",
        "controller_runtime_reconcile_total",
        "leader_election_master_status",
        "pipewright_aws_request_seconds",
        "pipewright_aws_requests_total",
        "pipewright_drift_detected_total",
        "pipewright_drift_repair_seconds",
        "pipewright_drift_repaired_total",
        "pipewright_workflow_condition",
        "workqueue_adds_total",
        "workqueue_depth",
        "workqueue_longest_running_processor_seconds",
        "workqueue_queue_duration_seconds",
        "workqueue_retries_total",
        "workqueue_work_duration_seconds",
      ],
    );
  });

  it("show queue, lease and conditions as they are when they are asked for", async () => {
    let status = daemon();
    const { sample } = await serving(() => status);
    const condition = 'pipewright_workflow_condition{workflow="plants",type="Ready"}';
    assert.equal(await sample('workqueue_depth{name="workflow"}'), 'workqueue_depth{name="workflow"} 3');
    assert.match((await sample('workqueue_longest_running_processor_seconds{name="workflow"}'))!, / 1\.5$/);
    assert.match((await sample('leader_election_master_status{name="pipewright"}'))!, / 1$/);
    assert.match((await sample(condition))!, / 1$/);
    assert.match((await sample('pipewright_workflow_condition{workflow="plants",type="Drifted"}'))!, / 0$/);
    status = daemon({ workflows: [], leader: false });
    assert.equal(await sample(condition), undefined);
    assert.match((await sample('leader_election_master_status{name="pipewright"}'))!, / 0$/);
  });

  it("count passes by result, and what failed apart", async () => {
    const { sample, tell } = await serving();
    const outcomes = [
      { is: "synced" },
      { is: "waiting", on: "queue/a", retryMs: 1 },
      { is: "failed", reason: "AccessDenied", why: "no", retry: false, cause: new Error("no") },
    ] as unknown as Extract<EngineEvent, { type: "pass-done" }>["outcome"][];
    for (const outcome of outcomes) tell({ type: "pass-done", workflow: "plants", outcome, workedMs: 2_000 });
    for (const result of ["success", "requeue_after", "error"])
      assert.match(
        (await sample(`controller_runtime_reconcile_total{controller="workflow",result="${result}"}`))!,
        / 1$/,
      );
    assert.match((await sample('controller_runtime_reconcile_errors_total{controller="workflow"}'))!, / 1$/);
    assert.match((await sample('controller_runtime_reconcile_time_seconds_sum{controller="workflow"}'))!, / 6$/);
  });

  it("count what the queue does", async () => {
    const { sample, tell } = await serving();
    tell({ type: "queue-added", item: "plants" });
    tell({ type: "queue-retried", item: "plants" });
    tell({ type: "queue-started", item: "plants", queuedMs: 500 });
    tell({ type: "queue-finished", item: "plants", workedMs: 250 });
    assert.match((await sample('workqueue_adds_total{name="workflow"}'))!, / 1$/);
    assert.match((await sample('workqueue_retries_total{name="workflow"}'))!, / 1$/);
    assert.match((await sample('workqueue_queue_duration_seconds_sum{name="workflow"}'))!, / 0\.5$/);
    assert.match((await sample('workqueue_work_duration_seconds_sum{name="workflow"}'))!, / 0\.25$/);
  });

  it("count AWS requests by their real status", async () => {
    const { metrics, sample } = await serving();
    metrics.awsCall({ service: "sqs", operation: "CreateQueue", status: 503, seconds: 0.2 });
    metrics.awsCall({ service: "sqs", operation: "CreateQueue", status: 200, seconds: 0.1 });
    for (const status of [503, 200]) {
      const labels = `{service="sqs",operation="CreateQueue",status_code="${status}"}`;
      assert.match((await sample(`pipewright_aws_requests_total${labels}`))!, / 1$/);
    }
    assert.match((await sample('pipewright_aws_request_seconds_count{service="sqs",operation="CreateQueue"}'))!, / 2$/);
  });

  it("tell drift from detection to repair, by the field's first word", async () => {
    const { sample, tell } = await serving();
    tell({ type: "history", entry: entry("drift-detected", "2026-01-01T00:00:00.000Z") });
    tell({ type: "history", entry: entry("drift-repaired", "2026-01-01T00:00:04.000Z") });
    const labels = '{kind="queue",field="redrive"}';
    assert.match((await sample(`pipewright_drift_detected_total${labels}`))!, / 1$/);
    assert.match((await sample(`pipewright_drift_repaired_total${labels}`))!, / 1$/);
    assert.match((await sample('pipewright_drift_repair_seconds_sum{kind="queue"}'))!, / 4$/);
  });
});
