import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PolicyStatement } from "../../../localcloud/services/policy-document.ts";
import { conditionsHold } from "../../../localcloud/world/policy/conditions.ts";
import { evaluate } from "../../../localcloud/world/policy/evaluate.ts";

const QUEUE = "arn:aws:sqs:us-east-1:123456789012:pw-grey";

/** What a role with these statements gets for one action on one resource, in a context. */
function verdict(
  statements: readonly Omit<PolicyStatement, "Sid">[],
  { action = "sqs:SendMessage", resource = QUEUE, context = {} as Record<string, string[]> } = {},
) {
  return evaluate([{ Statement: statements }], { action, resource }, (key) => context[key]);
}

describe("a policy", () => {
  const allowAll: PolicyStatement = { Effect: "Allow", Action: "*", Resource: "*" };

  it("allows only what a statement names, whatever the case of the action", () => {
    const policy: PolicyStatement[] = [{ Effect: "Allow", Action: ["SQS:send*"], Resource: "arn:aws:sqs:*:*:pw-*" }];
    assert.equal(verdict(policy), "allow");
    assert.equal(verdict(policy, { action: "sqs:SendMessageBatch" }), "allow");
    assert.equal(verdict(policy, { action: "sqs:ReceiveMessage" }), "none");
    assert.equal(verdict(policy, { resource: QUEUE.replace("pw-", "PW-") }), "none");
    assert.equal(verdict([]), "none");
  });

  it("lets one Deny outweigh every Allow", () => {
    assert.equal(verdict([allowAll, { Effect: "Deny", Action: "sqs:*", Resource: QUEUE }]), "deny");
    assert.equal(verdict([allowAll, { Effect: "Deny", Action: "sqs:*", Resource: `${QUEUE}-other` }]), "allow");
  });

  it("takes NotAction and NotResource for all others", () => {
    const others: PolicyStatement[] = [{ Effect: "Allow", NotAction: "iam:*", NotResource: "arn:aws:s3:::*" }];
    assert.equal(verdict(others), "allow");
    assert.equal(verdict(others, { action: "iam:PassRole" }), "none");
    assert.equal(verdict(others, { resource: "arn:aws:s3:::bucket" }), "none");
  });

  it("takes ? for one character", () => {
    const policy: PolicyStatement[] = [{ Effect: "Allow", Action: "sqs:*", Resource: QUEUE.replace("grey", "gr?y") }];
    assert.equal(verdict(policy), "allow");
    assert.equal(verdict(policy, { resource: QUEUE.replace("grey", "groovy") }), "none");
  });

  it("counts a statement only where its conditions hold", () => {
    const policy: PolicyStatement[] = [{ ...allowAll, Condition: { StringEquals: { "ecs:CreateAction": "RunTask" } } }];
    assert.equal(verdict(policy, { context: { "ecs:createaction": ["RunTask"] } }), "allow");
    assert.equal(verdict(policy, { context: { "ecs:createaction": ["StartTask"] } }), "none");
    assert.equal(verdict(policy), "none");
  });
});

describe("a condition", () => {
  const holds = (operator: string, wanted: string | string[], actual: string[] | undefined) =>
    conditionsHold({ [operator]: { "aws:Key": wanted } }, (key) => (key === "aws:key" ? actual : undefined));

  it("compares texts, with wildcards only where it says Like", () => {
    assert.equal(holds("StringEquals", ["a", "b"], ["b"]), true);
    assert.equal(holds("StringEquals", "a*", ["ab"]), false);
    assert.equal(holds("StringLike", "a*", ["ab"]), true);
    assert.equal(holds("StringEquals", "A", ["a"]), false);
    assert.equal(holds("StringEqualsIgnoreCase", "A", ["a"]), true);
  });

  it("holds for what is not there only where it says Not or IfExists", () => {
    assert.equal(holds("StringEquals", "a", undefined), false);
    assert.equal(holds("StringNotEquals", "a", undefined), true);
    assert.equal(holds("StringEqualsIfExists", "a", undefined), true);
    assert.equal(holds("StringEqualsIfExists", "a", ["b"]), false);
    assert.equal(holds("Null", "true", undefined), true);
    assert.equal(holds("Null", "true", ["a"]), false);
  });

  it("compares ARNs part by part, so that a wildcard stays within its part", () => {
    const cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/pipewright";
    assert.equal(holds("ArnLike", "arn:aws:ecs:*:123456789012:cluster/pipewright", [cluster]), true);
    assert.equal(holds("ArnLike", "arn:aws:ecs:*:cluster/pipewright", [cluster]), false);
    assert.equal(holds("ArnEquals", cluster.replace("us-east-1", "eu-west-1"), [cluster]), false);
  });

  it("quantifies over several values", () => {
    const terminate = "arn:aws:automate:*:ec2:terminate";
    const [end, stop] = ["terminate", "stop"].map((verb) => `arn:aws:automate:us-east-1:ec2:${verb}`) as [
      string,
      string,
    ];
    assert.equal(holds("ForAllValues:StringLike", terminate, [end]), true);
    assert.equal(holds("ForAllValues:StringLike", terminate, [end, stop]), false);
    assert.equal(holds("ForAllValues:StringLike", terminate, undefined), true);
    assert.equal(holds("ForAnyValue:StringLike", terminate, [end, stop]), true);
    assert.equal(holds("ForAnyValue:StringLike", terminate, undefined), false);
  });

  it("that is none of these is refused aloud", () => {
    assert.throws(() => holds("DateLessThan", "2026-01-01", ["2025-01-01"]), { name: "NotImplemented" });
  });
});
