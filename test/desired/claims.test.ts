import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkClaims, type Flow, flowIn } from "../../src/desired/claims.ts";
import { intermediateBucket } from "../../src/desired/names.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import { facts, sample, sequence } from "./samples.ts";

const mine = { ...sample(), name: "mine", inputBucket: "in", outputBucket: "out" };
const flow = (workflow: string, input: string, output: string, step = "grey"): Flow => ({
  ...{ workflow, step, input, output },
});
const messages = (elsewhere: readonly Flow[], beside: readonly Workflow[] = [], workflow: Workflow = mine) =>
  checkClaims(workflow, [workflow, ...beside], elsewhere, facts).map(({ message, path }) => `${path} ${message}`);

describe("a workflow beside those that were set up from elsewhere", () => {
  it("may share their outputs, take in what they give out, and give out what they take in", () => {
    assert.deepEqual(messages([flow("a", "x", "out"), flow("b", "y", "in"), flow("c", "out", "z")]), []);
  });

  it("may not have an input bucket of theirs, and is told whose it is and what to do", () => {
    const [message, ...others] = messages([flow("theirs", "in", "elsewhere")]);
    assert.match(message!, /^input_s3_name .*"in" go to the workflow "theirs".*pipewright clean-up theirs$/);
    assert.deepEqual(others, []);
  });

  it("may not have a bucket between two of its steps that they wait at", () => {
    const steps = sequence();
    const between = intermediateBucket(steps.name, steps.steps[0]!.name, facts);
    assert.equal(messages([flow("theirs", between, "elsewhere")], [], steps).length, 1);
  });

  it("may not share the name of a queue or a function with one of their steps", () => {
    // "mine" with step "change123-s3", and "mine-change123" with step "s3".
    const [message] = messages([flow("mine-change123", "x", "y", "s3")]);
    assert.match(message!, /^name .*the step "s3" of the workflow "mine-change123"/);
    assert.deepEqual(messages([flow("mine-change123", "x", "y", "s4")]), []);
  });

  it("closes no loop through them, however long, nor through those of its own folder", () => {
    const beside = { ...mine, name: "beside", inputBucket: "y", outputBucket: "z" };
    const elsewhere = [flow("a", "out", "x"), flow("a", "x", "y"), flow("b", "z", "in")];
    assert.match(messages(elsewhere, [beside])[0]!, /^output_s3_name .*: mine → a → beside → b → mine;/);
    assert.deepEqual(messages(elsewhere), []);
    assert.deepEqual(messages([flow("a", "out", "x"), flow("b", "x", "out")]), []);
  });
});

describe("a step description", () => {
  it("tells the buckets, whatever else it holds", () => {
    const text = JSON.stringify({
      version: 9,
      step: "grey",
      input: { bucket: "i", more: 1 },
      output: { bucket: "o" },
      news: {},
    });
    assert.deepEqual(flowIn("plants", text), flow("plants", "i", "o"));
    for (const odd of ["", "{}", "null", '{"input":{"bucket":"i"}}']) assert.equal(flowIn("plants", odd), undefined);
  });
});
