import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { EngineEvent } from "../../src/engine/events.ts";
import { eventually } from "../scenarios/program.ts";
import { counts, entry, serving } from "./stage.ts";

const read = (name: string): string => readFileSync(join(import.meta.dirname, "../../ops", name), "utf8");

/** Every expression of the alert rules and of the dashboard. */
function expressions(): string[] {
  const alerts = [...read("alerts.yaml").matchAll(/^\s+expr: (.+)$/gm)].map(([, expr]) => expr!);
  const dashboard = JSON.parse(read("grafana-dashboard.json"));
  const panels = dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) => targets);
  const variables = dashboard.templating.list.flatMap(({ query }: { query: { query?: string } }) => query.query ?? []);
  assert.ok(alerts.length >= 10 && panels.length >= 20);
  return [...alerts, ...panels.map(({ expr }: { expr: string }) => expr), ...variables];
}

interface Used {
  readonly name: string;
  readonly labels: readonly string[];
  readonly matches: readonly { readonly label: string; readonly value: string }[];
}

/** The metrics that an expression names, with the labels that it asks of them. */
function used(expression: string): Used[] {
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/,\s*/));
  const found = [
    ...expression.matchAll(/\b((?:pipewright|workqueue|controller_runtime|leader_election)_\w+)(\{[^}]*\})?/g),
  ];
  assert.ok(found.length > 0, `names no metric of ours: ${expression}`);
  return found.map(([, name, braces]) => {
    const matches = [...(braces ?? "").matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, label, , value]) => ({
      label: label!,
      value: value!,
    }));
    return { name: name!, labels: [...new Set([...matches.map((one) => one.label), ...grouped])], matches };
  });
}

describe("dashboard and alert rules", () => {
  it("name only metrics, labels and states that the daemon really tells", async (t) => {
    const { awsCall, get, sample, tell } = await serving(t, { counts: () => [counts({ dead: 1 })] });
    awsCall({ service: "sqs", operation: "CreateQueue", status: 200, seconds: 0.1 });
    for (const event of EVENTS) tell(event);
    await eventually("queues were counted", async () => {
      const labels = '{workflow="plants",step="grey",state="dead"}';
      return (await sample(`pipewright_queue_messages${labels}`)) !== undefined;
    });
    const lines = (await get("/metrics")).body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const served = Map.groupBy(lines, (line) => /^\w+/.exec(line)![0]);
    for (const expression of expressions()) {
      for (const { labels, matches, name } of used(expression)) {
        const samples = served.get(name);
        assert.ok(samples, `${name} is not served: ${expression}`);
        for (const label of labels)
          assert.ok(samples[0]!.includes(`${label}="`), `${name} has no label ${label}: ${expression}`);
        // Only where the values are a closed list.
        for (const { label, value } of matches.filter((one) => ["type", "state", "name"].includes(one.label))) {
          for (const one of value.split("|")) {
            const known = STATES[label] ?? [];
            assert.ok(known.includes(one), `${label} is never ${one}: ${expression}`);
          }
        }
      }
    }
  });

  it("leave no metric of ours out", () => {
    const named = new Set(
      expressions()
        .flatMap(used)
        .map(({ name }) => name.replace(/_(bucket|sum|count)$/, "")),
    );
    const text = readFileSync(join(import.meta.dirname, "../../src/server/metrics.ts"), "utf8");
    const ours = [...text.matchAll(/"((?:pipewright|workqueue|controller_runtime|leader_election)_\w+)"/g)];
    assert.ok(ours.length >= 17);
    for (const [, name] of ours) assert.ok(named.has(name!), name);
  });
});

const STATES: Readonly<Record<string, readonly string[]>> = {
  type: ["Ready", "Synced", "Reconciling", "Stalled", "Drifted", "Suspended"],
  state: ["queued", "in_flight", "dead", "undelivered"],
  name: ["pipewright", "workflow"],
};

const EVENTS: readonly EngineEvent[] = [
  { type: "queue-added", item: "plants" },
  { type: "queue-retried", item: "plants" },
  { type: "queue-started", item: "plants", queuedMs: 5 },
  { type: "queue-finished", item: "plants", workedMs: 5 },
  { type: "pass-done", workflow: "plants", workedMs: 5, outcome: { is: "failed", retry: true, reason: "R", why: "w" } },
  { type: "history", entry: entry("drift-detected", "2026-01-01T00:00:00.000Z") },
  { type: "history", entry: entry("drift-repaired", "2026-01-01T00:00:04.000Z") },
];
