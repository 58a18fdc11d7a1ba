import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Context } from "../../src/cli/context.ts";
import { asJson, isWell, printPlanned, printReport, showProgress, titleOf } from "../../src/cli/report.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import type { Engine, EngineEvent, PlannedWorkflow, Report } from "../../src/engine/engine.ts";
import type { WorkflowStatus } from "../../src/engine/status.ts";

function out(isTTY = false) {
  const said = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({
    isTTY,
    columns: 200,
    write(text: string) {
      said[name] += text;
    },
  });
  const terminal = createTerminal({ out: stream("out"), err: stream("err"), noColour: true });
  return { said, context: { terminal } as unknown as Context };
}

const planned = (more: object): PlannedWorkflow =>
  ({ name: "plants", steps: [], outcome: { is: "synced" }, ...more }) as unknown as PlannedWorkflow;

describe("a printed plan", () => {
  it("says step by step what would be done, field by field what would change, and why not", () => {
    const { context, said } = out();
    const steps = [
      { key: "queue/a", do: "create", spec: {} },
      {
        ...{ key: "queue/b", do: "update", spec: {}, actual: {} },
        changes: [{ path: "delay", want: 5, have: null }],
      },
      { key: "queue/c", do: "delete", actual: {} },
      { key: "queue/d", do: "wait", on: "queue/d", retryMs: 1 },
      { key: "queue/e", do: "wait", on: "role/r", retryMs: 1 },
      { key: "queue/f", do: "refuse", reason: "Foreign", why: "queue/f is theirs", blocks: true },
    ];
    printPlanned(context, planned({ steps, outcome: { is: "reported", why: "" } }));
    assert.deepEqual(said.out.split("\n"), [
      "plants",
      "  + queue/a",
      "  ~ queue/b",
      "      delay: unset → 5",
      "  - queue/c",
      "  … queue/d (settling)",
      "  … queue/e (after role/r)",
      "  ! queue/f is theirs",
      "",
      "",
    ]);
  });

  it("says nothing of what is in sync, and why something failed", () => {
    const { context, said } = out();
    printPlanned(context, planned({}));
    assert.equal(said.out, "");
    printPlanned(context, planned({ outcome: { is: "failed", why: "denied", reason: "AccessDenied" } }));
    assert.match(said.out, /plants\n {2}denied\n/);
  });

  it("calls the foundation by words that people know", () => {
    assert.equal(titleOf("plants"), "plants");
    assert.match(titleOf("@foundation"), /shared by all workflows/);
  });
});

describe("a printed report", () => {
  it("has a line for each workflow, and the reason where one is not ready", () => {
    const { context, said } = out();
    const ready = (status: string) => [{ type: "Ready", status, reason: "AccessDenied", message: "sqs:CreateQueue" }];
    const workflows = [
      { name: "good", conditions: ready("True"), keys: [{}, {}] },
      { name: "bad", conditions: ready("False"), keys: [] },
    ];
    const status = { workflows, problems: [], leftovers: [{ key: "bucket/in", workflow: "old", why: "2 objects" }] };
    printReport(context, { ok: false, gaveUp: true, status } as unknown as Report);
    assert.deepEqual(said.out.split("\n").slice(0, 4), [
      "✓ good: 2 resources",
      "✗ bad: AccessDenied: sqs:CreateQueue",
      "kept: bucket/in (old): 2 objects",
      "gave up: nothing has moved for ten minutes",
    ]);
  });

  it("tells of what stands and does not run, and once of what is to be known of everything", () => {
    const { context, said } = out();
    const ready = { type: "Ready", status: "True", reason: "WorkerBundleMissing", message: "pack one" };
    const stalled = { type: "Stalled", status: "True", reason: "TasksDoNotStart", message: "grey: no such image" };
    const item = (name: string, ...conditions: object[]) => ({ name, conditions: [ready, ...conditions], keys: [{}] });
    const workflows = [item("plants"), item("stars", stalled)];
    const status = { workflows, foundation: item("@foundation"), problems: [], leftovers: [] };
    printReport(context, { ok: true, gaveUp: false, status } as unknown as Report);
    assert.deepEqual(said.out.split("\n").slice(0, 3), [
      "✓ foundation (shared by all workflows): 1 resources; WorkerBundleMissing: pack one",
      "✓ plants: 1 resources",
      "✗ stars: TasksDoNotStart: grey: no such image",
    ]);
    assert.deepEqual((workflows as unknown as WorkflowStatus[]).map(isWell), [true, false]);
  });
});

describe("progress of an engine", () => {
  const events: EngineEvent[] = [
    { type: "step-started", workflow: "plants", key: "queue/a", do: "create" },
    { type: "step-started", workflow: "plants", key: "queue/b", do: "update" },
    { type: "step-done", workflow: "plants", key: "queue/a", do: "create" },
    { type: "step-failed", workflow: "plants", key: "queue/b", do: "update", why: "no" },
  ];
  const shown = (isTTY: boolean) => {
    const { context, said } = out(isTTY);
    let listener: (event: EngineEvent) => void = () => {};
    let listening = true;
    const subscribe = (told: typeof listener) => {
      listener = told;
      return () => {
        listening = false;
      };
    };
    const end = showProgress(context, { subscribe } as unknown as Engine);
    for (const event of events) listener(event);
    end();
    return { ...said, listening };
  };

  it("moves in one line on a terminal, and leaves nothing", () => {
    const { err, listening, out: lines } = shown(true);
    assert.match(err, /1\/2.*queue\/b.*2\/2/s);
    assert.ok(err.endsWith("\r\x1b[K"));
    assert.deepEqual([lines, listening], ["", false]);
  });

  it("is a line for each thing that was done elsewhere, and none for what failed", () => {
    const { err, out: lines } = shown(false);
    assert.deepEqual([err, lines], ["", "created queue/a\n"]);
  });
});

describe("JSON for machines", () => {
  it("has errors as their messages and maps as objects", () => {
    const text = asJson({ cause: new Error("no"), keys: new Map([["a", 1]]) });
    assert.deepEqual(JSON.parse(text), { cause: "no", keys: { a: 1 } });
  });
});
