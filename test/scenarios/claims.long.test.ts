import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  GetRoleCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { zipSync } from "fflate";
import { accountOf, entryIds } from "./account.ts";
import { pipewright } from "./program.ts";
import { BASE, INPUT, makeRole, putInlinePolicy, queueUrl } from "./tampering.ts";
import { createLambdaExecRole, createWorld, example, isLocal, type World } from "./world.ts";

/** The three roles as today's instructions have people make them, with one policy of their own on each. */
async function makeRolesByHand({ sdk }: World, lambdaActions: readonly string[]): Promise<void> {
  const { iam } = sdk;
  await makeRole(sdk, "EC2ActionsAccess", "swf.amazonaws.com", "/actions/");
  await makeRole(sdk, "ecsInstanceRole", "ec2.amazonaws.com");
  await makeRole(sdk, "lambda_exec_role", "lambda.amazonaws.com");
  for (const [RoleName, name] of [
    ["EC2ActionsAccess", "CloudWatchActionsEC2Access"],
    ["ecsInstanceRole", "service-role/AmazonEC2ContainerServiceforEC2Role"],
  ]) {
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: `arn:aws:iam::aws:policy/${name}` }));
  }
  const InstanceProfileName = "ecsInstanceRole";
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: "ecsInstanceRole" }));
  const statement = { Effect: "Allow", Action: lambdaActions, Resource: "*" };
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await iam.send(new PutRolePolicyCommand({ RoleName: "lambda_exec_role", PolicyName: "LambdaExec", PolicyDocument }));
  for (const name of HAND_MADE) await putInlinePolicy(sdk, name, "TheirOwn");
}

const HAND_MADE = ["EC2ActionsAccess", "ecsInstanceRole", "lambda_exec_role"];

async function tagsAndPolicies({ sdk: { iam } }: World): Promise<unknown> {
  return Promise.all(
    HAND_MADE.map(async (RoleName) => ({
      tags: (await iam.send(new GetRoleCommand({ RoleName }))).Role?.Tags ?? [],
      inline: (await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames,
    })),
  );
}

describe("what was there before us", { concurrency: isLocal }, () => {
  test("hand-made roles that lack nothing are used as they are, and clean-up leaves them", async (t) => {
    const world = await createWorld(t);
    await makeRolesByHand(world, [
      "logs:*",
      "sqs:*",
      "s3:*",
      "ecs:*",
      "ec2:*",
      "cloudwatch:*",
      "iam:PassRole",
      "lambda:*",
      "ssm:*",
    ]);
    const before = await tagsAndPolicies(world);
    await world.write("change123.json", await example("change123"));
    const { result, writes } = await world.apply();
    assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
    const toThem = writes.filter(({ input }) => HAND_MADE.includes((input as { RoleName?: string }).RoleName ?? ""));
    assert.deepEqual(toThem, []);
    assert.deepEqual(await tagsAndPolicies(world), before);

    await world.remove("change123.json");
    const cleaned = await world.doing(({ engine }) => engine.cleanUp({ names: "all", force: true }));
    assert.equal(cleaned.result.ok, true, JSON.stringify(cleaned.result));
    assert.deepEqual(await tagsAndPolicies(world), before);
  });

  test("an incomplete one is named with what it lacks, the rest is set up, and create-lambda-exec-role completes it", async (t) => {
    const world = await createWorld(t);
    // Without the second, Lambda would not take the queue that undelivered events go to.
    await makeRolesByHand(world, ["logs:*", "sqs:SendMessage"]);
    await world.write("change123.json", await example("change123"));
    const once = await pipewright(world, ["run", "--once"]);
    assert.equal(once.code, 1, once.out + once.err);
    assert.match(once.out, /change123: RoleIncomplete: role\/lambda_exec_role: inline\.LambdaExec/);
    assert.match(once.out, /Run `pipewright create-lambda-exec-role` to complete it/);
    const { function: functions, notification } = await accountOf(world.sdk);
    assert.deepEqual(functions, [BASE, "pw-scaler-pipewright"]);
    assert.deepEqual(notification, [`${INPUT}#${BASE}`]);

    const completed = await createLambdaExecRole(world);
    assert.deepEqual(completed.result.outcome, { is: "synced" });
    assert.deepEqual((await createLambdaExecRole(world)).writes, []);
    const { PolicyNames } = await world.sdk.iam.send(new ListRolePoliciesCommand({ RoleName: "lambda_exec_role" }));
    assert.ok(PolicyNames?.includes("LambdaExec") && PolicyNames.includes("TheirOwn"), String(PolicyNames));
    const { result, writes } = await world.apply();
    assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
    assert.deepEqual(writes, []);

    // Adopted: it stays when everything goes.
    await world.remove("change123.json");
    await world.doing(({ engine }) => engine.cleanUp({ names: "all", force: true }));
    const { role } = await accountOf(world.sdk);
    for (const name of HAND_MADE) assert.ok(role?.includes(name), `${name} in ${role}`);
  });

  test("a queue or a function of our name without our tags: refused before the first write, with what to do", async (t) => {
    const world = await createWorld(t);
    await makeRole(world.sdk, "theirs", "lambda.amazonaws.com");
    await world.sdk.sqs.send(new CreateQueueCommand({ QueueName: BASE }));
    await world.sdk.lambda.send(
      new CreateFunctionCommand({
        FunctionName: BASE,
        Role: `arn:aws:iam::${world.backend.account.account}:role/theirs`,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Code: { ZipFile: zipSync({ "index.js": new TextEncoder().encode("exports.handler = async () => 1;") }) },
      }),
    );
    await world.write("change123.json", await example("change123"));
    const before = await accountOf(world.sdk);
    const { result, writes } = await world.apply();
    assert.equal(result.ok, false);
    const ready = result.status.workflows[0]?.conditions.find((one) => one.type === "Ready");
    assert.equal(ready?.reason, "Foreign");
    for (const kind of ["queue", "function"]) {
      assert.match(
        ready?.message ?? "",
        new RegExp(
          `${kind}/${BASE} exists without our owner tag and is not touched; add "adopt": .* or choose another`,
        ),
      );
    }
    assert.deepEqual(writes, []);
    assert.deepEqual(await accountOf(world.sdk), before);
  });

  test("another's notification that overlaps ours: refused before the first write, with what to do", async (t) => {
    const world = await createWorld(t);
    const { account, region } = world.backend.account;
    const statement = {
      Effect: "Allow",
      Principal: { Service: "s3.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: "*",
    };
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await world.sdk.sqs.send(new CreateQueueCommand({ QueueName: "theirs" }));
    await world.sdk.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: queueUrl(world, "theirs"), Attributes: { Policy } }),
    );
    await world.sdk.s3.send(new CreateBucketCommand({ Bucket: INPUT }));
    const rule = { Name: "prefix" as const, Value: "photos/" };
    const entry = {
      Id: "theirs",
      QueueArn: `arn:aws:sqs:${region}:${account}:theirs`,
      Events: ["s3:ObjectCreated:Put" as const],
      Filter: { Key: { FilterRules: [rule] } },
    };
    await world.sdk.s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: INPUT,
        NotificationConfiguration: { QueueConfigurations: [entry] },
      }),
    );
    await world.write("change123.json", await example("change123"));
    const before = await accountOf(world.sdk);
    const { result, writes } = await world.apply();
    assert.equal(result.ok, false);
    const message = result.status.workflows[0]?.conditions.find((one) => one.type === "Ready")?.message ?? "";
    assert.match(message, /notification\/container-clouds-input.*theirs/);
    assert.match(message, /give another "input" prefix or suffix/);
    assert.deepEqual(writes, []);
    assert.deepEqual(await accountOf(world.sdk), before);

    // Another filter, as advised, and it is set up beside theirs.
    await world.write("change123.json", await example("change123", { input: { prefix: "scans/" } }));
    assert.equal((await world.apply()).result.ok, true);
    assert.deepEqual((await accountOf(world.sdk)).notification, [`${INPUT}#${BASE}`, `${INPUT}#theirs`]);
  });

  test("another input bucket in the file: the used one that it leaves keeps no entry of ours", async (t) => {
    const world = await createWorld(t);
    const { s3 } = world.sdk;
    for (const Bucket of [INPUT, "next-input"]) await s3.send(new CreateBucketCommand({ Bucket }));
    await world.write("change123.json", await example("change123"));
    assert.equal((await world.apply()).result.ok, true);
    assert.deepEqual(await entryIds(world.sdk, INPUT), [BASE]);

    await world.write("change123.json", await example("change123", { input_s3_name: "next-input" }));
    const { result } = await world.doing(({ engine }) => engine.once());
    assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
    assert.deepEqual(await entryIds(world.sdk, "next-input"), [BASE]);
    assert.deepEqual(await entryIds(world.sdk, INPUT), []);
  });
});
