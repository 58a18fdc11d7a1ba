import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Where reasons of conditions are made. */
const SOURCES = [
  "src/engine/{status,status-board,outcome,reconciler,converge}.ts",
  "src/core/plan.ts",
  "src/kinds/security-group.ts",
  "src/{flow,session}.ts",
];

/** Words of the same form in these files that are no reasons. */
const OTHERS = [
  ...["Ready", "Synced", "Reconciling", "Stalled", "Drifted", "Suspended"],
  ...["True", "False", "Unknown"],
  // Told as Conflict.
  "NotVisible",
];

describe("the runbook", () => {
  const runbook = read("docs/operating.md").split("\n## Runbook\n")[1]!;
  const sections = [...runbook.matchAll(/^### (\w+)$/gm)].map(([, reason]) => reason!);
  const inCode = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root })).flatMap((file) =>
    [...read(file).matchAll(/"([A-Z][a-z]+(?:[A-Z][a-z]+)*)"/g)].map(([, word]) => word!),
  );
  const reasons = new Set(inCode.filter((word) => !OTHERS.includes(word)));

  it("has a section for every reason in the code, and for no other", () => {
    assert.ok(reasons.size > 30, [...reasons].join());
    assert.deepEqual([...sections].sort(), [...reasons].sort());
  });

  it("says in each section what it means and what to do", () => {
    for (const section of runbook.split(/^### /m).slice(1)) {
      const [reason, ...lines] = section.trim().split("\n");
      const sentences = lines.join(" ").split(/[.;:] /).length;
      assert.ok(sentences >= 2, reason);
    }
  });
});
