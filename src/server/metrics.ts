/** Prometheus metrics, under the names that dashboards for Kubernetes controllers already have. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { SentCall } from "../aws/clients.ts";
import { type Key, kindOf } from "../core/resource.ts";
import type { QueueSamples } from "../data/queue-samples.ts";
import type { Engine } from "../engine/engine.ts";
import type { EngineEvent } from "../engine/events.ts";

export interface Metrics {
  /** Text in Prometheus' format. */
  text(): Promise<string>;
  readonly contentType: string;
  /** One attempt of one AWS request. */
  awsCall(call: SentCall): void;
}

/** The label `controller` of all our metrics: there is one controller. */
const CONTROLLER = "workflow";

const PASS_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const CALL_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

export function createMetrics(
  engine: Pick<Engine, "subscribe" | "status" | "queue">,
  samples: Pick<QueueSamples, "latest">,
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });

  const passes = counter("controller_runtime_reconcile_total", "Passes by result.", ["controller", "result"]);
  const errors = counter("controller_runtime_reconcile_errors_total", "Passes that failed.", ["controller"]);
  const passSeconds = histogram(
    "controller_runtime_reconcile_time_seconds",
    "Time of a pass.",
    ["controller"],
    PASS_SECONDS,
  );
  const adds = counter("workqueue_adds_total", "Names added to the queue.", ["name"]);
  const retries = counter("workqueue_retries_total", "Names added again after a failure.", ["name"]);
  const queuedSeconds = histogram("workqueue_queue_duration_seconds", "Time in the queue.", ["name"], PASS_SECONDS);
  const workSeconds = histogram("workqueue_work_duration_seconds", "Time at work on a name.", ["name"], PASS_SECONDS);
  const requests = counter("pipewright_aws_requests_total", "AWS requests by HTTP status; 0: no answer.", [
    "service",
    "operation",
    "status_code",
  ]);
  const requestSeconds = histogram(
    "pipewright_aws_request_seconds",
    "Time of an AWS request.",
    ["service", "operation"],
    CALL_SECONDS,
  );
  const detected = counter("pipewright_drift_detected_total", "Owned fields seen to differ.", ["kind", "field"]);
  const repaired = counter("pipewright_drift_repaired_total", "Owned fields put right.", ["kind", "field"]);
  const repairSeconds = histogram(
    "pipewright_drift_repair_seconds",
    "From detection to repair.",
    ["kind"],
    PASS_SECONDS,
  );

  const depth = gauge("workqueue_depth", "Names waiting to run now.", ["name"]);
  const longest = gauge("workqueue_longest_running_processor_seconds", "Age of the longest running pass.", ["name"]);
  const leads = gauge("leader_election_master_status", "1: this daemon acts; 0: it watches another one act.", ["name"]);
  const holds = gauge("pipewright_workflow_condition", "1 where a condition of a workflow is True.", [
    "workflow",
    "type",
  ]);
  const messages = gauge(
    "pipewright_queue_messages",
    "Files in a step's queues, as last sampled: queued, in_flight, dead, undelivered.",
    ["workflow", "step", "state"],
  );

  /** What stands rather than happens is looked at when somebody asks. */
  function look(): void {
    const { leader, workflows } = engine.status();
    depth.set({ name: CONTROLLER }, engine.queue.depth);
    longest.set({ name: CONTROLLER }, engine.queue.longestRunningMs / 1_000);
    leads.set({ name: "pipewright" }, leader ? 1 : 0);
    holds.reset();
    for (const { name, conditions } of workflows) {
      for (const { type, status } of conditions) holds.set({ workflow: name, type }, status === "True" ? 1 : 0);
    }
    messages.reset();
    for (const { workflow, step, queued, inFlight, dead, undelivered } of samples.latest()) {
      const states = { queued, in_flight: inFlight, dead, undelivered };
      for (const [state, count] of Object.entries(states)) messages.set({ workflow, step, state }, count);
    }
  }

  const detectedAt = new Map<string, number>();
  engine.subscribe((event: EngineEvent) => {
    if (event.type === "pass-done") {
      const failed = event.outcome.is === "failed";
      passes.inc({ controller: CONTROLLER, result: RESULTS[event.outcome.is] });
      if (failed) errors.inc({ controller: CONTROLLER });
      passSeconds.observe({ controller: CONTROLLER }, event.workedMs / 1_000);
    }
    if (event.type === "queue-added") adds.inc({ name: CONTROLLER });
    if (event.type === "queue-retried") retries.inc({ name: CONTROLLER });
    if (event.type === "queue-started") queuedSeconds.observe({ name: CONTROLLER }, event.queuedMs / 1_000);
    if (event.type === "queue-finished") workSeconds.observe({ name: CONTROLLER }, event.workedMs / 1_000);
    if (event.type !== "history") return;
    const { key, path, at } = event.entry;
    const kind = kindOf(key as Key);
    const field = path.split(".")[0] ?? "";
    const id = `${key} ${path}`;
    if (event.entry.event === "drift-detected") {
      detected.inc({ kind, field });
      detectedAt.set(id, Date.parse(at));
    }
    if (event.entry.event === "drift-repaired") {
      repaired.inc({ kind, field });
      const since = detectedAt.get(id);
      if (since !== undefined) repairSeconds.observe({ kind }, (Date.parse(at) - since) / 1_000);
      detectedAt.delete(id);
    }
  });

  return {
    text() {
      look();
      return registry.metrics();
    },
    contentType: registry.contentType,
    awsCall({ service, operation, status, seconds }) {
      requests.inc({ service, operation, status_code: String(status) });
      requestSeconds.observe({ service, operation }, seconds);
    },
  };
}

/** controller-runtime's words for how a pass ended. */
const RESULTS = {
  synced: "success",
  reported: "success",
  waiting: "requeue_after",
  refused: "error",
  failed: "error",
} as const;
