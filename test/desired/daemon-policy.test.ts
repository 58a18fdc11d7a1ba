import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { iamAction } from "../../src/aws/actions.ts";
import type { Policy, Statement } from "../../src/core/policy.ts";
import { daemonPolicies, MANAGED_POLICY_MOST } from "../../src/desired/daemon-policy.ts";
import { policyLength } from "../../src/desired/policies.ts";
import { productOperations } from "../support/product-operations.ts";

/** Clients that the product calls otherwise than their packages are called. */
const CLIENT: Readonly<Record<string, string>> = {
  "cloudwatch-logs": "logs",
  eventbridge: "events",
  "resource-groups-tagging-api": "tagging",
};

/** What AWS asks for besides the action of the call itself (service authorization reference, "dependent actions"). */
const BESIDES: Readonly<Record<string, readonly string[]>> = {
  // Tags at birth; for other services the tagging action is called by itself as well.
  "s3:CreateBucket": ["s3:TagResource"],
  // Roles that are handed to a service.
  "lambda:CreateFunction": ["iam:PassRole"],
  "ecs:RegisterTaskDefinition": ["iam:PassRole"],
  "iam:AddRoleToInstanceProfile": ["iam:PassRole"],
  // `clean-up --force` takes older versions, too.
  "s3:DeleteObjects": ["s3:DeleteObjectVersion"],
};

/** Everybody may ask who they are; and a key pair is made in the embedded cloud only (src/local.ts). */
const UNASKED = ["sts:GetCallerIdentity", "ec2:CreateKeyPair"];

describe("the daemon's policy", () => {
  const policies = daemonPolicies("default", ["*"]);

  it("grants every action that the code calls, and no other", () => {
    const calls = productOperations("src/**/*.ts").filter((call) => !UNASKED.includes(call));
    const needed = calls.flatMap((call) => {
      const [client = "", operation = ""] = call.split(":");
      return [iamAction(CLIENT[client] ?? client, operation), ...(BESIDES[call] ?? [])];
    });
    assert.deepEqual(sortedSet(Object.values(policies).flatMap(actionsOf)), sortedSet(needed));
  });

  it("stays within the length of a managed policy, each document for itself", () => {
    for (const [name, policy] of Object.entries(policies)) {
      const length = policyLength(policy);
      assert.ok(length <= MANAGED_POLICY_MOST, `${name} has ${length} characters`);
    }
  });

  it("says * only where AWS knows no resources, or where what is made must carry our tag", () => {
    const everything = Object.values(policies).flatMap(({ Statement }) =>
      Statement.filter(({ Resource, Condition }) => Resource === "*" && !Condition),
    );
    const changing = everything.flatMap(({ Action }) => [Action].flat()).filter((action) => !isLook(action!));
    assert.deepEqual(changing, ["ecs:DeregisterTaskDefinition"]);
  });

  it("narrows to the buckets that it is told of, beside ours", () => {
    const { files } = daemonPolicies("default", ["lab-*"]);
    const named = files.Statement.flatMap(({ Resource }) => [Resource].flat()).filter((arn) => arn!.includes(":s3:"));
    assert.ok(named.includes("arn:aws:s3:::lab-*"));
    assert.ok(!named.includes("arn:aws:s3:::*"));
  });

  for (const name of ["files", "machines"] as const) {
    it(`docs/iam/daemon-${name}.json is what \`pipewright policy ${name}\` prints`, () => {
      const file = new URL(`../../docs/iam/daemon-${name}.json`, import.meta.url);
      assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), policies[name]);
    });
  }
});

const isLook = (action: string): boolean => /:(List|Describe|Get)/.test(action);

const actionsOf = ({ Statement }: Policy): string[] =>
  Statement.flatMap(({ Action }: Statement) => [Action ?? []].flat());

const sortedSet = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
