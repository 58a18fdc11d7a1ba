/** A workflow of one step whose functions and worker act under the policies that were written for them, to be taken apart. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { DisableRuleCommand } from "@aws-sdk/client-eventbridge";
import { DeleteRolePolicyCommand, GetRolePolicyCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import type { Policy, Statement } from "../../src/core/policy.ts";
import { queueUrl } from "./tampering.ts";
import { createWorld } from "./world.ts";

export const INPUT = "permits-input";
export const OUTPUT = "permits-output";
export const QUEUE = "pw-permits-probe";
export const SCALER = "pw-scaler-pipewright";
export const CONTROL = "pipewright-123456789012-us-east-1";
const TASK_LOGS = "/pipewright/permits/probe";
const STEP = "steps/pipewright/permits/probe.json";
const REPORT = "scaler/pipewright/report.json";

export const ROLES = {
  LambdaExec: { RoleName: "lambda_exec_role", PolicyName: "LambdaExec" },
  Task: { RoleName: "pw-task-us-east-1-permits", PolicyName: "Task" },
} as const;
export type PolicyName = keyof typeof ROLES;

/** What is taken from a policy. */
export interface Part {
  readonly sid: string;
  /** Only this action of the statement. Left out: the statement. */
  readonly action?: string;
}

/** Leaves a file as it is. One that begins with `slow` takes longer than a worker waits before it renews its lease. */
const PROBE = `#!/bin/sh
set -eu
case "$(head -c 4 "$1")" in slow) sleep 12;; esac
cat -- "$1" > "$2"
`;
const ALGORITHM = {
  name: "probe",
  container_name: "example/probe:1",
  run_command: "sh /probe.sh $input $output",
  input_file_path: "/in",
  output_file_path: "/out",
  memory: { minimal: 64, suggested: 64 },
  CPU: 0.25,
  source: "probe",
};
const WORKFLOW = {
  name: "permits",
  input_s3_name: INPUT,
  output_s3_name: OUTPUT,
  process: { type: "single_run", algorithms: [{ name: "probe" }] },
  output: { key: "{dir}/{file}" },
  queue: { visibility_seconds: 30 },
  compute: { max_instances: 1, max_tasks: 1 },
};

export type Permits = Awaited<ReturnType<typeof createPermits>>;

export async function createPermits(t: TestContext) {
  const world = await createWorld(t, { running: true });
  const { sdk } = world;
  const cloud = world.backend.cloud!;
  // A person's own buckets, with a key of KMS; one of them keeps versions.
  for (const Bucket of [INPUT, OUTPUT]) {
    const byKey = { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: "11111111-2222-3333-4444-555555555555" };
    await sdk.s3.send(new CreateBucketCommand({ Bucket }));
    await sdk.s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: byKey }] },
      }),
    );
  }
  const VersioningConfiguration = { Status: "Enabled" as const };
  await sdk.s3.send(new PutBucketVersioningCommand({ Bucket: INPUT, VersioningConfiguration }));
  await world.write("algorithms/probe/probe.sh", PROBE);
  await world.write("algorithms/probe.json", ALGORITHM);
  await world.write("permits.json", WORKFLOW);
  const { result } = await world.apply();
  assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
  // The scaler runs when a test says so, and when it is nudged.
  await sdk.events.send(new DisableRuleCommand({ Name: SCALER }));

  const policyOf = async (name: PolicyName): Promise<Policy> => {
    const { PolicyDocument = "" } = await sdk.iam.send(new GetRolePolicyCommand(ROLES[name]));
    return JSON.parse(decodeURIComponent(PolicyDocument));
  };
  const written = { LambdaExec: await policyOf("LambdaExec"), Task: await policyOf("Task") };
  const setPolicy = async (name: PolicyName, policy: Policy) => {
    if (policy.Statement.length === 0) await sdk.iam.send(new DeleteRolePolicyCommand(ROLES[name]));
    else await sdk.iam.send(new PutRolePolicyCommand({ ...ROLES[name], PolicyDocument: JSON.stringify(policy) }));
  };

  return {
    world,
    sdk,
    cloud,
    /** As the reconciler wrote them. */
    written,
    /** Does something while a part of a policy is missing. */
    async without(name: PolicyName, part: Part, work: () => Promise<void>): Promise<void> {
      const policy = written[name];
      const left = policy.Statement.flatMap((statement) => reduced(statement, part));
      assert.notDeepEqual(left, policy.Statement, "there is such a part");
      await setPolicy(name, { ...policy, Statement: left });
      cloud.calls.clear();
      try {
        await work();
      } finally {
        await setPolicy(name, policy);
      }
    },
    /**
     * Operations that were refused since the last change of a policy, by `service:operation`. Not the report that is not
     * there: who may not list a bucket hears no more of what it lacks.
     */
    refused: (): string[] =>
      cloud.calls
        .list()
        .filter(({ resource = "" }) => !resource.endsWith(REPORT))
        .filter(({ status, error = "" }) => status === 403 || /AccessDenied|Unauthorized/.test(error))
        .map(({ service, operation }) => `${service}:${operation}`),
    /** Runs the scaler, with nothing that an earlier run wrote down or remembers of the step. */
    async scale(event: object = {}): Promise<{ failed: boolean }> {
      await sdk.s3.send(new DeleteObjectCommand({ Bucket: CONTROL, Key: REPORT }));
      const { Body } = await sdk.s3.send(new GetObjectCommand({ Bucket: CONTROL, Key: STEP }));
      const step = `${await Body!.transformToString()} `;
      await sdk.s3.send(new PutObjectCommand({ Bucket: CONTROL, Key: STEP, Body: step }));
      const answer = await sdk.lambda.send(new InvokeCommand({ FunctionName: SCALER, Payload: JSON.stringify(event) }));
      return { failed: answer.FunctionError !== undefined };
    },
    upload: (Key: string, Body: string | Buffer) => sdk.s3.send(new PutObjectCommand({ Bucket: INPUT, Key, Body })),
    async hasResult(Key: string): Promise<boolean> {
      return sdk.s3.send(new HeadObjectCommand({ Bucket: OUTPUT, Key })).then(
        () => true,
        () => false,
      );
    },
    emptyQueue: () => sdk.sqs.send(new PurgeQueueCommand({ QueueUrl: queueUrl(world, QUEUE) })),
    queueUrl: (name: string) => queueUrl(world, name),
    /** All that the functions and the worker ever wrote, each line once. */
    async lines(): Promise<string[]> {
      const found: string[] = [];
      for (const logGroupName of [`/aws/lambda/${QUEUE}`, `/aws/lambda/${SCALER}`, TASK_LOGS]) {
        for await (const { events = [] } of paginateFilterLogEvents({ client: sdk.logs }, { logGroupName })) {
          found.push(...events.map(({ eventId, message }) => `${eventId} ${message}`));
        }
      }
      return found;
    },
  };
}

function reduced(statement: Statement, { sid, action }: Part): Statement[] {
  if (statement.Sid !== sid) return [statement];
  const left = [statement.Action ?? []].flat().filter((one) => action !== undefined && one !== action);
  return left.length === 0 ? [] : [{ ...statement, Action: left }];
}

export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `it took too long until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
