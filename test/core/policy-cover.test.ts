import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Policy, policy, type Statement } from "../../src/core/policy.ts";
import { uncovered } from "../../src/core/policy-cover.ts";

const allow = (Action: string | string[], Resource: string | string[] = "*"): Statement => ({
  Effect: "Allow",
  Action,
  Resource,
});
const lacking = (want: Statement, ...have: Statement[]) => uncovered(policy(want), [policy(...have)]).length > 0;

describe("what a policy made by hand lacks", () => {
  it("is nothing where the same stands in other words", () => {
    const want = { Sid: "Send", ...allow(["sqs:SendMessage", "sqs:GetQueueAttributes"], "arn:aws:sqs:*:1:pw-*") };
    assert.equal(lacking(want, allow(["SQS:GetQueueAttributes", "sqs:sendmessage"], ["arn:aws:sqs:*:1:pw-*"])), false);
  });

  it("is nothing where more is allowed: a wider action, a wider resource, no condition", () => {
    assert.equal(lacking(allow("s3:GetObject", "arn:aws:s3:::b/*"), allow("s3:*")), false);
    assert.equal(lacking(allow("s3:GetObject", "arn:aws:s3:::b/steps/*"), allow("s3:Get*", "arn:aws:s3:::b/*")), false);
    const bound = { ...allow("ecs:RunTask"), Condition: { StringEquals: { "ecs:cluster": "c" } } };
    assert.equal(lacking(bound, allow("ecs:RunTask")), false);
  });

  it("is nothing where several statements, or several policies, allow it together", () => {
    const want = allow(["sqs:SendMessage", "s3:GetObject"]);
    assert.equal(lacking(want, allow("sqs:*"), allow("s3:*")), false);
    const have: Policy[] = [policy(allow("sqs:*")), policy(allow("s3:*"))];
    assert.deepEqual(uncovered(policy(want), have), []);
  });

  it("is the whole statement where one of its actions is missing", () => {
    const want = allow(["sqs:SendMessage", "sqs:GetQueueAttributes"]);
    assert.deepEqual(uncovered(policy(want, allow("sqs:SendMessage")), [policy(allow("sqs:SendMessage"))]), [want]);
  });

  it("is a statement that stands there only under a condition, or narrower, or as a denial", () => {
    const bound = { ...allow("ecs:RunTask"), Condition: { StringEquals: { "ecs:cluster": "c" } } };
    assert.equal(lacking(allow("ecs:RunTask"), bound), true);
    assert.equal(lacking(allow("s3:GetObject"), allow("s3:GetObject", "arn:aws:s3:::b/*")), true);
    assert.equal(lacking(allow("s3:Get*"), allow("s3:GetObject")), true);
    assert.equal(lacking(allow("s3:*"), allow("s3:?")), true);
    assert.equal(lacking(allow("s3:GetObject"), { ...allow("s3:GetObject"), Effect: "Deny" }), true);
    assert.equal(lacking(allow("s3:GetObject"), { Effect: "Allow", NotAction: "sqs:*", Resource: "*" }), true);
  });

  it("takes a dot in a pattern as a dot", () => {
    assert.equal(lacking(allow("s3:GetObject", "arn:aws:s3:::a-b"), allow("s3:GetObject", "arn:aws:s3:::a.b")), true);
  });

  it("is a service that the trust does not name, and not one named among others", () => {
    const trust = (Service: string | string[]): Statement => ({
      Effect: "Allow",
      Principal: { Service },
      Action: "sts:AssumeRole",
    });
    assert.equal(lacking(trust("ec2.amazonaws.com"), trust(["lambda.amazonaws.com", "ec2.amazonaws.com"])), false);
    assert.equal(lacking(trust("ec2.amazonaws.com"), trust("lambda.amazonaws.com")), true);
    // How a deleted principal reads.
    assert.equal(lacking(trust("ec2.amazonaws.com"), { ...trust([]), Principal: { AWS: "AROAEXAMPLE" } }), true);
  });

  it("of a denial is anything but the same denial", () => {
    const deny: Statement = { Effect: "Deny", Action: "s3:*", Resource: "*" };
    assert.equal(lacking(deny, { Sid: "Other", ...deny }), false);
    assert.equal(lacking(deny, allow("s3:*")), true);
  });
});
