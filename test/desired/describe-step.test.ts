/** The scaler forgets old failures of a step as soon as its description changes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compile } from "../../src/desired/compile.ts";
import { readStepDescription } from "../../src/desired/step-description.ts";
import type { ObjectSpec } from "../../src/kinds/object.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import { facts, sample } from "./samples.ts";

const descriptionOf = (workflow: Workflow): string =>
  (compile(workflow, facts).find((one) => one.key.startsWith("object/"))!.spec as ObjectSpec).body;

const mended = (change: object): Workflow => {
  const workflow = sample();
  const steps = workflow.steps.map((step) => ({ ...step, algorithm: { ...step.algorithm, ...change } }));
  return { ...workflow, steps };
};

describe("the description of a step", () => {
  it("is the same as long as nothing was changed", () => {
    assert.equal(descriptionOf(sample()), descriptionOf(sample()));
  });

  for (const [what, change] of [
    ["image", { image: "wangyx2005/change124" }],
    ["command", { command: ["sh", "/change124.sh", "$input", "$output"] }],
    [
      "registry's secret",
      { registryCredentials: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:other-AbCdEf" },
    ],
    ["exit code that gives a file up", { failExitCodes: [64] }],
  ] as const) {
    it(`becomes another one with another ${what}`, () => {
      assert.notEqual(descriptionOf(mended(change)), descriptionOf(sample()));
    });
  }

  it("becomes another one with another key pair, which the instances start with", () => {
    assert.notEqual(descriptionOf({ ...sample(), keyPair: "other-key" }), descriptionOf(sample()));
  });

  it("is read though it was written before there was anything to say of GPUs", () => {
    const { task, instances, ...rest } = JSON.parse(descriptionOf(sample()));
    delete task.gpus;
    delete instances.gpus;
    const before = readStepDescription(JSON.stringify({ ...rest, task, instances }));
    assert.deepEqual([before.task.gpus, before.instances.gpus], [0, null]);
  });
});
