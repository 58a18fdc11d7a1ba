import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkAgainst, noticesOf } from "../../src/desired/check.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import { facts, sample } from "./samples.ts";

const messages = (workflow: Workflow) => checkAgainst(workflow, facts).map(({ path, message }) => `${path} ${message}`);

describe("before anything is written", () => {
  it("a workflow of this account and region passes", () => {
    assert.deepEqual(messages(sample()), []);
  });

  it("credentials of another account are refused, with what to do", () => {
    assert.deepEqual(messages({ ...sample(), accountId: "999999999999" }), [
      "account_id is 999999999999, but the credentials belong to account 123456789012; use credentials of 999999999999, or correct account_id",
    ]);
  });

  it("another region is refused, with what to do", () => {
    assert.deepEqual(messages({ ...sample(), region: "eu-west-1" }), [
      "region is eu-west-1, but Pipewright works in eu-central-1 here; run it with AWS_REGION=eu-west-1 for this file, or correct region",
    ]);
  });

  it("everything that is wrong is said at once", () => {
    assert.equal(messages({ ...sample(), accountId: "999999999999", region: "eu-west-1" }).length, 2);
  });

  it("a sequence whose names fill the policy of its role is refused", () => {
    const [step] = sample().steps;
    const steps = Array.from({ length: 20 }, (_, index) => ({
      ...step!,
      index,
      name: `${"long".repeat(13)}-${index}`,
    }));
    assert.match(messages({ ...sample(), name: "w".repeat(40), steps }).join(), /^process\.algorithms has 20 steps/);
  });

  it("twenty steps with names of ordinary length pass", () => {
    const [step] = sample().steps;
    const steps = Array.from({ length: 20 }, (_, index) => ({ ...step!, index, name: `grey-${index}` }));
    assert.deepEqual(messages({ ...sample(), name: "plants", steps }), []);
  });

  it("more openings than a security group holds are refused, unless the groups are the user's own", () => {
    const workflow = sample();
    const ports = Array.from({ length: 7 }, (_, index) => ({ port: 8000 + index, protocol: "tcp" as const }));
    const ingressCidrs = Array.from({ length: 9 }, (_, index) => `203.0.113.${index}/32`);
    const open = {
      ...workflow,
      steps: [{ ...workflow.steps[0]!, ports }],
      compute: { ...workflow.compute, ingressCidrs },
    };
    assert.match(messages(open).join(), /^compute\.ingress_cidrs opens 7 ports to 9 address blocks/);
    assert.deepEqual(messages({ ...open, compute: { ...open.compute, securityGroups: ["sg-0123456789abcdef0"] } }), []);
  });
});

it("an ignored field that no resource of the workflow has is a notice", () => {
  const workflow = sample();
  const ignore = ["queue/*:visibilityTimeoutSeconds", "queue/*:visibility"];
  assert.deepEqual(
    noticesOf({ ...workflow, ignore }, facts).map((one) => `${one.severity} ${one.path} ${one.message}`),
    [
      'notice ignore has "queue/*:visibility", which names no field of any resource of this workflow; `pipewright plan` shows how they are spelt',
    ],
  );
});
