import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policy, readPolicy, type Statement } from "../../src/core/policy.ts";
import { type RoleActual, type RoleSpec, role } from "../../src/kinds/role.ts";
import { adopted, eachDifferenceIsOneChange, offline, paths, tagsOf } from "./diff-table.ts";

const kind = role(offline);
const EXECUTION = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
const ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess";
const trusting = (Service: string | string[]): Statement => ({
  Effect: "Allow",
  Principal: { Service },
  Action: "sts:AssumeRole",
});
const send: Statement = { Sid: "Send", Effect: "Allow", Action: ["sqs:SendMessage"], Resource: "*" };
const get: Statement = { Sid: "Get", Effect: "Allow", Action: ["s3:GetObject", "s3:ListBucket"], Resource: "*" };

const spec: RoleSpec = {
  path: "/",
  trust: policy(trusting("lambda.amazonaws.com")),
  inline: { LambdaExec: policy(send, get) },
  attached: [EXECUTION],
  tags: tagsOf("role/lambda_exec_role"),
};
const standing: RoleActual = {
  arn: "arn:aws:iam::123456789012:role/lambda_exec_role",
  ours: true,
  trust: spec.trust,
  inline: spec.inline,
  attached: [EXECUTION],
  tags: spec.tags,
};

describe("roles of ours, compared", () => {
  eachDifferenceIsOneChange(kind, spec, standing, {
    trust: (actual) => ({ ...actual, trust: policy(trusting(["lambda.amazonaws.com", "ec2.amazonaws.com"])) }),
    "trust (a deleted principal)": (actual) => ({
      ...actual,
      trust: policy({ ...trusting([]), Principal: { AWS: "AROAEXAMPLEID" } }),
    }),
    "inline.LambdaExec": (actual) => ({ ...actual, inline: { LambdaExec: policy(send) } }),
    "inline.LambdaExec (gone)": (actual) => ({ ...actual, inline: {} }),
    "inline.Intruder": (actual) => ({ ...actual, inline: { ...actual.inline, Intruder: policy(send) } }),
    [`attached.${EXECUTION}`]: (actual) => ({ ...actual, attached: [] }),
    [`attached.${ADMIN}`]: (actual) => ({ ...actual, attached: [ADMIN, EXECUTION] }),
    "tags.team": (actual) => ({ ...actual, tags: { ...actual.tags, team: "red" } }),
    "tags.pipewright:on-delete": ({ tags: { "pipewright:on-delete": _gone, ...tags }, ...actual }) => ({
      ...actual,
      tags,
    }),
  });

  it("takes documents as IAM answers them: encoded, reordered, single things without their list", () => {
    const encoded = encodeURIComponent(
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Sid: "Get", Effect: "Allow", Action: ["s3:ListBucket", "s3:GetObject"], Resource: ["*"] },
          { Sid: "Send", Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" },
        ],
      }),
    );
    const trust = encodeURIComponent(
      `\n{"Version":"2012-10-17","Statement":${JSON.stringify(spec.trust.Statement[0])}}`,
    );
    const answered = { ...standing, trust: readPolicy(trust), inline: { LambdaExec: readPolicy(encoded)! } };
    assert.deepEqual(kind.diff(spec, answered), []);
  });

  it("leaves alone other regions' tags", () => {
    const tags = { ...standing.tags, "pipewright:region:eu-west-1": "true" };
    assert.deepEqual(paths(kind, spec, { ...standing, tags }), []);
  });

  it("leaves alone the policy of another region that it serves, and of no other", () => {
    const tags = { ...standing.tags, "pipewright:region:eu-west-1": "true" };
    const mine = { ...spec, tags: { ...spec.tags, "pipewright:region:us-east-1": "true" } };
    const inline = (region: string) => ({ ...standing.inline, [`LambdaExec-${region}`]: policy(send) });
    const both = { ...standing, tags: { ...mine.tags, ...tags } };
    assert.deepEqual(paths(kind, mine, { ...both, inline: inline("eu-west-1") }), []);
    assert.deepEqual(paths(kind, mine, { ...both, inline: inline("eu-west-2") }), ["inline.LambdaExec-eu-west-2"]);
    assert.deepEqual(paths(kind, mine, { ...both, inline: inline("us-east-1") }), ["inline.LambdaExec-us-east-1"]);
  });
});

describe("roles made by hand, compared", () => {
  const byHand: RoleActual = {
    ...standing,
    ours: false,
    tags: {},
    trust: policy(trusting(["ec2.amazonaws.com", "lambda.amazonaws.com"])),
    inline: { Mine: policy({ Effect: "Allow", Action: ["sqs:*", "s3:*"], Resource: "*" }) },
    attached: [ADMIN, EXECUTION],
  };
  const untagged = { ...spec, tags: {} };

  it("lack nothing where they allow all that we need, whatever else they hold", () => {
    assert.deepEqual(kind.diff(untagged, byHand), []);
  });

  it("lack the statements that no inline policy of theirs covers, and the attachment that is not there", () => {
    const poorer = { ...byHand, inline: { Mine: policy({ ...send, Sid: "Mine" }) }, attached: [ADMIN] };
    assert.deepEqual(kind.diff(untagged, poorer), [
      { path: "inline.LambdaExec", want: [get], have: null },
      { path: `attached.${EXECUTION}`, want: EXECUTION, have: null },
    ]);
  });

  it("lack a trust that does not name our service", () => {
    const trust = policy(trusting("ec2.amazonaws.com"));
    assert.deepEqual(paths(kind, untagged, { ...byHand, trust }), ["trust"]);
  });

  it("count the same way once adopted, and their tags count then", () => {
    const tags = adopted(spec.tags);
    assert.deepEqual(paths(kind, { ...spec, tags }, { ...byHand, ours: true, tags }), []);
    assert.deepEqual(paths(kind, { ...spec, tags: { team: "green" } }, byHand), ["tags.team"]);
  });
});
