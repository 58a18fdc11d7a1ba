/** Workflow in, desired set out, reviewed as text. `UPDATE=1` rewrites the texts. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { compile } from "../../src/desired/compile.ts";
import { compileFoundation } from "../../src/desired/foundation.ts";
import { print } from "./print.ts";
import { everything, facts, sample, sequence } from "./samples.ts";

function assertSnapshot(name: string, actual: string): void {
  const path = join(import.meta.dirname, "snapshots", `${name}.txt`);
  if (process.env.UPDATE === "1") writeFileSync(path, actual);
  assert.equal(actual, readFileSync(path, "utf8"));
}

describe("the desired set", () => {
  it("of the plain sample is as reviewed", () => {
    assertSnapshot("sample", print(compile(sample(), facts), { specs: true }));
  });

  it("of the plain sample's foundation is as reviewed", () => {
    assertSnapshot("sample-foundation", print(compileFoundation([sample()], facts), { specs: true }));
  });

  it("of a sequence of three steps is as reviewed", () => {
    assertSnapshot("sequence", print(compile(sequence(), facts), { specs: false }));
  });

  it("of a workflow that sets everything is as reviewed", () => {
    assertSnapshot("everything", print(compile(everything(), facts), { specs: true }));
  });

  it("of the foundation of three workflows in two clusters is as reviewed", () => {
    const workflows = [sample(), sequence(), everything()];
    assertSnapshot("three-foundation", print(compileFoundation(workflows, facts), { specs: true }));
  });
});
