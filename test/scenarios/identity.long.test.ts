/** The daemon's policy is enough for a workflow's whole life, and what it does not grant is refused. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DeleteAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CreateSecurityGroupCommand, CreateTagsCommand, DeleteSecurityGroupCommand } from "@aws-sdk/client-ec2";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { AttachRolePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateQueueCommand, DeleteQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Ecs } from "../../localcloud/services/ecs.ts";
import { createSdk } from "../support/sdk.ts";
import { accountOf, keysIn } from "./account.ts";
import { eventually, pipewright } from "./program.ts";
import { queueUrl } from "./tampering.ts";
import { createWorld, example, localOnly, type World } from "./world.ts";

const IAM_FOLDER = join(import.meta.dirname, "../../docs/iam");
const ROLE = "pipewright-daemon";
const STEP = "pw-change123-change123-s3";
const OUTPUT = "container-clouds-output";

describe("an identity that may do what docs/iam allows", { skip: localOnly }, () => {
  test("sets up, repairs, sends files, tries again, reads logs and cleans up, and is refused nothing", async (t) => {
    const world = await createWorld(t, { running: true });
    const identity = await daemonIdentity(world);
    const as = async (...args: string[]) => {
      const { code, out, err } = await pipewright(world, args, identity);
      assert.equal(code, 0, `${args.join(" ")}: ${out}${err}`);
      return out;
    };
    await world.write("change123.json", await example("change123"));
    await world.write("notes.txt", "one\ntwo\n");

    await as("apply");
    // The file asks for more: a rule in the security group, another version of the launch template, one more linked role.
    await world.write("change123.json", await more());
    // Somebody else changes a setting, and takes a thing away.
    const { sqs, cloudwatch } = world.sdk;
    const QueueUrl = queueUrl(world, STEP);
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "7" } }));
    await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [`${STEP}-backlog`] }));
    await as("run", "--once");

    await as("upload", "change123", join(world.folder, "notes.txt"));
    await eventually("the result is there", async () => (await keysIn(world.sdk.s3, OUTPUT)).length === 1);
    await as("results", "change123", "--download", join(world.root, "results"));
    assert.match(await as("logs", "change123"), /notes\.txt/);
    await as("redrive", "change123");
    await world.remove("change123.json");
    // ECS does not learn of the end of machines that it had lost touch with.
    world.backend.cloud!.world.service<Ecs>("ecs").agentsLost(world.backend.account, "pipewright");
    await as("clean-up", "--all", "--force");
    assert.ok(world.backend.cloud!.calls.count({ service: "ecs", operation: "DeregisterContainerInstance" }) > 0);

    assert.deepEqual(refusals(world, identity.AWS_ACCESS_KEY_ID), []);
    const { queue, bucket, role } = await accountOf(world.sdk);
    assert.deepEqual([queue, bucket, role!.filter((name) => !name.startsWith("AWSServiceRole"))], [[], [], [ROLE]]);
  });

  test("may not touch what is not Pipewright's", async (t) => {
    const world = await createWorld(t);
    const keys = await daemonIdentity(world);
    const { sdk, backend } = world;
    const credentials = {
      accessKeyId: keys.AWS_ACCESS_KEY_ID!,
      secretAccessKey: keys.AWS_SECRET_ACCESS_KEY!,
      sessionToken: keys.AWS_SESSION_TOKEN!,
    };
    const daemon = createSdk({ endpoint: backend.endpoint, region: backend.region, credentials });
    t.after(() => Object.values(daemon).forEach((client) => void client.destroy()));
    await sdk.sqs.send(new CreateQueueCommand({ QueueName: "payroll" }));
    const { GroupId } = await sdk.ec2.send(new CreateSecurityGroupCommand({ GroupName: "office", Description: "x" }));
    const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
    const rejected = {
      "sqs:DeleteQueue": daemon.sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl(world, "payroll") })),
      "ec2:DeleteSecurityGroup": daemon.ec2.send(new DeleteSecurityGroupCommand({ GroupId })),
      "ec2:CreateTags": daemon.ec2.send(
        new CreateTagsCommand({ Resources: [GroupId!], Tags: [{ Key: "pipewright:owner", Value: "default" }] }),
      ),
      "iam:PutRolePolicy": daemon.iam.send(
        new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: "more", PolicyDocument: "{}" }),
      ),
      "iam:AttachRolePolicy": daemon.iam.send(new AttachRolePolicyCommand({ RoleName: "pw-task-x", PolicyArn })),
      "ecs:CreateCluster": daemon.ecs.send(new CreateClusterCommand({ clusterName: "without-our-tag" })),
    };
    for (const [action, call] of Object.entries(rejected)) {
      await assert.rejects(call, (error: Error) => error.message.includes(action) || /Unauthorized/.test(error.name));
    }
  });
});

/** The example with a published port, another machine, and Spot. */
const more = () =>
  example("change123", {
    process: {
      type: "single_run",
      algorithms: [{ name: "change123-s3", port: [9090], variables: { TEST_ENV: "blah" } }],
    },
    compute: { instance_type: "m5.large", spot: true, ingress_cidrs: ["192.0.2.0/24"] },
  });

/** Calls with the identity's keys that were not permitted. */
function refusals({ backend }: World, accessKeyId: string | undefined): string[] {
  const calls = backend.cloud!.calls.list().filter((call) => call.accessKeyId === accessKeyId);
  assert.ok(calls.length > 500, `only ${calls.length} calls were the identity's`);
  return calls
    .filter(({ error = "", status }) => status === 403 || /AccessDenied|Unauthorized/.test(error))
    .map(({ service, operation, resource }) => `${service}:${operation} on ${resource}`);
}

/** A role with these policies and nothing else, and the environment of a program that runs under it. */
async function daemonIdentity({ backend, sdk }: World): Promise<Record<string, string>> {
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  const created = await sdk.iam.send(
    new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  for (const part of ["files", "machines"]) {
    const PolicyDocument = await readFile(join(IAM_FOLDER, `daemon-${part}.json`), "utf8");
    await sdk.iam.send(new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: part, PolicyDocument }));
  }
  const keys = backend.cloud!.world.sessions.issue({ roleArn: created.Role!.Arn!, name: "ops-host" });
  return {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: keys.sessionToken,
  };
}
