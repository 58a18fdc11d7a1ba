import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EngineEvent } from "../../src/engine/events.ts";
import { eventually } from "../scenarios/program.ts";
import { counts, daemon, entry, serving } from "./stage.ts";

describe("the metrics", () => {
  it("have the names that dashboards know, each with its help", async (t) => {
    const { get } = await serving(t);
    const { body, type } = await get("/metrics");
    assert.match(type!, /^text\/plain/);
    const names = [...body.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name);
    assert.deepEqual(names.sort(), [
      "controller_runtime_reconcile_errors_total",
      "controller_runtime_reconcile_time_seconds",
      "controller_runtime_reconcile_total",
      "leader_election_master_status",
      "pipewright_aws_request_seconds",
      "pipewright_aws_requests_total",
      "pipewright_drift_detected_total",
      "pipewright_drift_repair_seconds",
      "pipewright_drift_repaired_total",
      "pipewright_queue_messages",
      "pipewright_workflow_condition",
      "workqueue_adds_total",
      "workqueue_depth",
      "workqueue_longest_running_processor_seconds",
      "workqueue_queue_duration_seconds",
      "workqueue_retries_total",
      "workqueue_work_duration_seconds",
    ]);
  });

  it("show queue, lease and conditions as they are when they are asked for", async (t) => {
    let status = daemon();
    const { sample } = await serving(t, { status: () => status });
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

  it("count passes by result, and what failed apart", async (t) => {
    const { sample, tell } = await serving(t);
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

  it("count what the queue does", async (t) => {
    const { sample, tell } = await serving(t);
    tell({ type: "queue-added", item: "plants" });
    tell({ type: "queue-retried", item: "plants" });
    tell({ type: "queue-started", item: "plants", queuedMs: 500 });
    tell({ type: "queue-finished", item: "plants", workedMs: 250 });
    assert.match((await sample('workqueue_adds_total{name="workflow"}'))!, / 1$/);
    assert.match((await sample('workqueue_retries_total{name="workflow"}'))!, / 1$/);
    assert.match((await sample('workqueue_queue_duration_seconds_sum{name="workflow"}'))!, / 0\.5$/);
    assert.match((await sample('workqueue_work_duration_seconds_sum{name="workflow"}'))!, / 0\.25$/);
  });

  it("count AWS requests by their real status", async (t) => {
    const { awsCall, sample } = await serving(t);
    awsCall({ service: "sqs", operation: "CreateQueue", status: 503, seconds: 0.2 });
    awsCall({ service: "sqs", operation: "CreateQueue", status: 200, seconds: 0.1 });
    for (const status of [503, 200]) {
      const labels = `{service="sqs",operation="CreateQueue",status_code="${status}"}`;
      assert.match((await sample(`pipewright_aws_requests_total${labels}`))!, / 1$/);
    }
    assert.match((await sample('pipewright_aws_request_seconds_count{service="sqs",operation="CreateQueue"}'))!, / 2$/);
  });

  it("tell drift from detection to repair, by the field's first word", async (t) => {
    const { sample, tell } = await serving(t);
    tell({ type: "history", entry: entry("drift-detected", "2026-01-01T00:00:00.000Z") });
    tell({ type: "history", entry: entry("drift-repaired", "2026-01-01T00:00:04.000Z") });
    const labels = '{kind="queue",field="redrive"}';
    assert.match((await sample(`pipewright_drift_detected_total${labels}`))!, / 1$/);
    assert.match((await sample(`pipewright_drift_repaired_total${labels}`))!, / 1$/);
    assert.match((await sample('pipewright_drift_repair_seconds_sum{kind="queue"}'))!, / 4$/);
  });

  it("tell what waits in each step's queues", async (t) => {
    const { sample } = await serving(t, { counts: () => [counts({ dead: 2 })] });
    const labels = (state: string) => `pipewright_queue_messages{workflow="plants",step="grey",state="${state}"}`;
    await eventually("the first round is over", async () => (await sample(labels("dead"))) !== undefined);
    assert.match((await sample(labels("queued")))!, / 4$/);
    assert.match((await sample(labels("in_flight")))!, / 1$/);
    assert.match((await sample(labels("dead")))!, / 2$/);
    assert.match((await sample(labels("undelivered")))!, / 0$/);
  });
});
