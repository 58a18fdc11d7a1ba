/** A workflow of one step whose functions and worker act under the policies that were written for them, to be taken apart. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import {
  DescribeContainerInstancesCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  UpdateContainerInstancesStateCommand,
} from "@aws-sdk/client-ecs";
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
import { PurgeQueueCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Ecs } from "../../localcloud/services/ecs.ts";
import { type Policy, policy, type Statement } from "../../src/core/policy.ts";
import { DEFAULT_CLUSTER } from "../../src/desired/names.ts";
import { queueUrl } from "./tampering.ts";
import { createWorld } from "./world.ts";

export const INPUT = "permits-input";
export const OUTPUT = "permits-output";
export const QUEUE = "pw-permits-probe";
export const CONTROL = "pipewright-123456789012-us-east-1";
const PLACE = { account: "123456789012", region: "us-east-1" };
const TASK_LOGS = "/pipewright/permits/probe";

export const ROLES = {
  LambdaExec: { RoleName: "lambda_exec_role", PolicyName: "LambdaExec" },
  /** For clusters of the workflows' own choice: there where one is chosen. */
  Regional: { RoleName: "lambda_exec_role", PolicyName: "LambdaExec-us-east-1" },
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
};

export type Permits = Awaited<ReturnType<typeof createPermits>>;

/** @param cluster of the workflow */
export async function createPermits(t: TestContext, cluster = DEFAULT_CLUSTER) {
  const scaler = `pw-scaler-${cluster}`;
  const step = `steps/${cluster}/permits/probe.json`;
  const report = `scaler/${cluster}/report.json`;
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
  await world.write("permits.json", { ...WORKFLOW, compute: { cluster, max_instances: 1, max_tasks: 1 } });
  const { result } = await world.apply();
  assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
  // The scaler runs when a test says so, and when it is nudged.
  await sdk.events.send(new DisableRuleCommand({ Name: scaler }));

  const policyOf = async (name: PolicyName): Promise<Policy> => {
    const { PolicyDocument = "" } = await sdk.iam.send(new GetRolePolicyCommand(ROLES[name]));
    return JSON.parse(decodeURIComponent(PolicyDocument));
  };
  const isChosen = cluster !== DEFAULT_CLUSTER;
  const written = {
    LambdaExec: await policyOf("LambdaExec"),
    Regional: isChosen ? await policyOf("Regional") : policy(),
    Task: await policyOf("Task"),
  };
  const setPolicy = async (name: PolicyName, policy: Policy) => {
    if (policy.Statement.length === 0) await sdk.iam.send(new DeleteRolePolicyCommand(ROLES[name]));
    else await sdk.iam.send(new PutRolePolicyCommand({ ...ROLES[name], PolicyDocument: JSON.stringify(policy) }));
  };

  const member = async () => {
    const { containerInstanceArns: containerInstances = [] } = await sdk.ecs.send(
      new ListContainerInstancesCommand({ cluster }),
    );
    if (containerInstances.length === 0) return undefined;
    const described = await sdk.ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances }));
    return described.containerInstances?.[0];
  };

  return {
    world,
    sdk,
    cloud,
    /** The one container instance that there is. */
    member,
    async setState(status: "ACTIVE" | "DRAINING"): Promise<void> {
      const containerInstances = [(await member())!.containerInstanceArn!];
      await sdk.ecs.send(new UpdateContainerInstancesStateCommand({ cluster, containerInstances, status }));
    },
    async tasks(): Promise<string[]> {
      const { taskArns = [] } = await sdk.ecs.send(new ListTasksCommand({ cluster }));
      return taskArns;
    },
    /** Those that cost money. */
    async instances(): Promise<string[]> {
      const Filters = [{ Name: "instance-state-name", Values: ["pending", "running"] }];
      const { Reservations = [] } = await sdk.ec2.send(new DescribeInstancesCommand({ Filters }));
      return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId = "" }) => InstanceId));
    },
    /** No run holds the lease; it is there, as after the first one. */
    freeLease: () =>
      sdk.s3.send(
        new PutObjectCommand({
          Bucket: CONTROL,
          Key: `scaler/${cluster}/lease.json`,
          Body: '{"holder":"nobody","untilMs":0}',
        }),
      ),
    /** The connection to the instance's agent is lost. */
    loseAgent: () => cloud.world.service<Ecs>("ecs").agentsLost(PLACE, cluster),
    sendMessage: (key: string) =>
      sdk.sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl(world, QUEUE),
          MessageBody: JSON.stringify({ bucket: INPUT, key, attempt: 1 }),
        }),
      ),
    /** As the reconciler wrote them. */
    written,
    /** Does something while a part of a policy is missing. */
    async without(name: PolicyName, part: Part, work: () => Promise<void>): Promise<void> {
      const whole = written[name];
      const left = whole.Statement.flatMap((statement) => reduced(statement, part));
      assert.notDeepEqual(left, whole.Statement, "there is such a part");
      await setPolicy(name, { ...whole, Statement: left });
      cloud.calls.clear();
      try {
        await work();
      } finally {
        await setPolicy(name, whole);
      }
    },
    /**
     * Operations that were refused since the last change of a policy, by `service:operation`. Not the report that is not
     * there: who may not list a bucket hears no more of what it lacks.
     */
    refused: (): string[] =>
      cloud.calls
        .list()
        .filter(({ resource = "" }) => !resource.endsWith(report))
        .filter(({ status, error = "" }) => status === 403 || /AccessDenied|Unauthorized/.test(error))
        .map(({ service, operation }) => `${service}:${operation}`),
    /** Runs the scaler, with nothing that an earlier run wrote down or remembers of the step. */
    async scale(event: object = {}): Promise<{ failed: boolean }> {
      await sdk.s3.send(new DeleteObjectCommand({ Bucket: CONTROL, Key: report }));
      const { Body } = await sdk.s3.send(new GetObjectCommand({ Bucket: CONTROL, Key: step }));
      const changed = `${await Body!.transformToString()} `;
      await sdk.s3.send(new PutObjectCommand({ Bucket: CONTROL, Key: step, Body: changed }));
      const answer = await sdk.lambda.send(new InvokeCommand({ FunctionName: scaler, Payload: JSON.stringify(event) }));
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
      for (const logGroupName of [`/aws/lambda/${QUEUE}`, `/aws/lambda/${scaler}`, TASK_LOGS]) {
        for await (const { events = [] } of paginateFilterLogEvents({ client: sdk.logs }, { logGroupName })) {
          found.push(...events.map(({ eventId, message }) => `${eventId} ${message}`));
        }
      }
      return found;
    },
  };
}

/** As a test's name has it. */
export const titleOf = ({ sid, action }: Part): string => (action === undefined ? sid : `${sid}, ${action}`);

/** Each statement, and each action of those with several. */
export function partsOf(whole: Policy): Part[] {
  return whole.Statement.flatMap(({ Sid: sid = "", Action }) => {
    const actions = [Action ?? []].flat();
    return [{ sid }, ...(actions.length > 1 ? actions.map((action) => ({ sid, action })) : [])];
  });
}

function reduced(statement: Statement, { sid, action }: Part): Statement[] {
  if (statement.Sid !== sid) return [statement];
  const left = [statement.Action ?? []].flat().filter((one) => action !== undefined && one !== action);
  return left.length === 0 ? [] : [{ ...statement, Action: left }];
}

export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `it took too long until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
