/** The functions' calls and the role's policy, held against each other. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { lambdaPolicies } from "../../src/desired/lambda-policy.ts";
import { LAMBDA_POLICY } from "../../src/desired/names.ts";
import { facts } from "../desired/samples.ts";

const root = dirname(dirname(import.meta.dirname));

/** Permissions whose name is not the operation's. */
const NAMED_OTHERWISE: Readonly<Record<string, string>> = {
  "lambda:Invoke": "lambda:InvokeFunction",
  "sqs:SendMessageBatch": "sqs:SendMessage",
  "s3:ListObjectsV2": "s3:ListBucket",
};

/** What AWS asks for beside the operation itself: tags at birth, roles handed on, the image's parameter; and the function's logs. */
const IMPLIED = [
  "cloudwatch:TagResource",
  "ec2:CreateTags",
  "ecs:TagResource",
  "iam:PassRole",
  "logs:CreateLogStream",
  "logs:PutLogEvents",
  "ssm:GetParameters",
];

function permissionsUsed(): string[] {
  const used = new Set<string>();
  for (const file of globSync("lambda/*.ts", { cwd: root })) {
    const text = readFileSync(join(root, file), "utf8");
    for (const [, names, client] of text.matchAll(/import \{([^}]*)\} from "@aws-sdk\/client-([a-z0-9]+)"/g)) {
      for (const [, command, paginated] of names!.matchAll(/\b(?:(\w+)Command|paginate(\w+))\b/g)) {
        const permission = `${client}:${command ?? paginated}`;
        used.add(NAMED_OTHERWISE[permission] ?? permission);
      }
    }
  }
  return [...used].sort();
}

const granted = (): string[] =>
  lambdaPolicies([], facts)
    [LAMBDA_POLICY]!.Statement.flatMap(({ Action }) => Action ?? [])
    .sort();

describe("the role of the functions", () => {
  it("may do every call that they make", () => {
    assert.deepEqual(
      permissionsUsed().filter((permission) => !granted().includes(permission)),
      [],
    );
  });

  it("may do nothing that they do not", () => {
    assert.deepEqual(
      granted().filter((permission) => !permissionsUsed().includes(permission) && !IMPLIED.includes(permission)),
      [],
    );
  });
});
