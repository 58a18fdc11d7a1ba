import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Context } from "../../src/cli/context.ts";
import { asJson, isWell, printPlanned, printReport } from "../../src/cli/report.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import { titleOf } from "../../src/cli/words.ts";
import type { PlannedWorkflow, Report } from "../../src/engine/engine.ts";
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
    const LEFT = [
      { key: "bucket/in", workflow: "old", why: "2 objects" },
      { key: "", workflow: "older", why: "3 messages wait" },
    ];
    const workflows = [
      { name: "good", conditions: ready("True"), keys: [{}, {}] },
      { name: "bad", conditions: ready("False"), keys: [] },
    ];
    const status = { workflows, problems: [], leftovers: LEFT };
    printReport(context, { ok: false, gaveUp: true, status } as unknown as Report);
    assert.deepEqual(said.out.split("\n").slice(0, 5), [
      "✓ good: 2 resources",
      "✗ bad: AccessDenied: sqs:CreateQueue",
      "kept: bucket/in (old): 2 objects",
      "older: 3 messages wait",
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
      "✓ foundation (shared by all workflows): 1 resource; WorkerBundleMissing: pack one",
      "✓ plants: 1 resource",
      "✗ stars: TasksDoNotStart: grey: no such image",
    ]);
    assert.deepEqual((workflows as unknown as WorkflowStatus[]).map(isWell), [true, false]);
  });
});

describe("JSON for machines", () => {
  it("has errors as their messages and maps as objects", () => {
    const text = asJson({ cause: new Error("no"), keys: new Map([["a", 1]]) });
    assert.deepEqual(JSON.parse(text), { cause: "no", keys: { a: 1 } });
  });
});
