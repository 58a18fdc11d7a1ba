import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type BucketLifecycleConfiguration,
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type NotificationConfiguration,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { BASE, DELETIONS, INPUT, queueUrl } from "./tampering.ts";
import { createWorld, example, isLocal, type World } from "./world.ts";

const OUTPUT = "container-clouds-output";

/** A bucket that somebody else uses too: with an entry, a policy statement, a lifecycle rule and a tag of theirs. */
async function makeTheirs(world: World, Bucket: string): Promise<void> {
  const { backend, sdk } = world;
  const { account, region } = backend.account;
  const queueArn = `arn:aws:sqs:${region}:${account}:theirs`;
  await sdk.s3.send(new CreateBucketCommand({ Bucket }));
  await sdk.sqs.send(new CreateQueueCommand({ QueueName: "theirs" }));
  const letIn = {
    Effect: "Allow",
    Principal: { Service: "s3.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: "*",
  };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [letIn] });
  await sdk.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl(world, "theirs"), Attributes: { Policy } }));
  const entry = { Id: "theirs", QueueArn: queueArn, Events: ["s3:ObjectRemoved:*" as const] };
  const NotificationConfiguration: NotificationConfiguration = { QueueConfigurations: [entry] };
  await sdk.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  const statement = {
    Sid: "Theirs",
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: "s3:GetObject",
    Resource: `arn:aws:s3:::${Bucket}/*`,
  };
  await sdk.s3.send(
    new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }) }),
  );
  const LifecycleConfiguration: BucketLifecycleConfiguration = {
    Rules: [{ ID: "theirs", Status: "Enabled", Filter: { Prefix: "old/" }, Expiration: { Days: 90 } }],
  };
  await sdk.s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
  await sdk.s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "team", Value: "theirs" }] } }));
}

/** Everything that can be configured of a bucket, as it is answered. */
async function configurationOf({ sdk: { s3 } }: World, Bucket: string): Promise<Record<string, unknown>> {
  const asked = {
    notification: s3.send(new GetBucketNotificationConfigurationCommand({ Bucket })),
    policy: s3.send(new GetBucketPolicyCommand({ Bucket })).then((answer) => JSON.parse(answer.Policy!)),
    lifecycle: s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
    tags: s3.send(new GetBucketTaggingCommand({ Bucket })),
    access: s3.send(new GetPublicAccessBlockCommand({ Bucket })),
    encryption: s3.send(new GetBucketEncryptionCommand({ Bucket })),
    ownership: s3.send(new GetBucketOwnershipControlsCommand({ Bucket })),
  };
  const answers = Object.entries(asked).map(async ([name, answer]) => {
    const { $metadata: _, ...content } = await answer.catch((error: Error) => ({ none: error.name, $metadata: {} }));
    return [name, content];
  });
  return Object.fromEntries(await Promise.all(answers));
}

interface Theirs {
  readonly notification: { QueueConfigurations?: { Id?: string }[]; LambdaFunctionConfigurations?: { Id?: string }[] };
  readonly policy: { Statement: { Sid?: string }[] };
  readonly lifecycle: { Rules: { ID?: string }[] };
  readonly tags: { TagSet: { Key?: string; Value?: string }[] };
}

/** What is theirs of it, and nothing else. */
async function theirsOf(world: World, bucket: string): Promise<unknown> {
  const { lifecycle, notification, policy, tags } = (await configurationOf(world, bucket)) as unknown as Theirs;
  return {
    entries: notification.QueueConfigurations,
    statements: policy.Statement.filter((one) => one.Sid === "Theirs"),
    rules: lifecycle.Rules.filter((one) => one.ID === "theirs"),
    tags: tags.TagSet.filter((one) => one.Key === "team"),
  };
}

describe("a bucket that others use too", { concurrency: isLocal }, () => {
  test("used: it gets our one entry and nothing else, through drift repair, and is as before once the workflow is gone", async (t) => {
    const world = await createWorld(t);
    await makeTheirs(world, INPUT);
    const before = await configurationOf(world, INPUT);
    const changed = async (): Promise<string[]> => {
      const now = await configurationOf(world, INPUT);
      return Object.keys(before).filter((part) => JSON.stringify(now[part]) !== JSON.stringify(before[part]));
    };
    await world.write("change123.json", await example("change123"));
    const { result, writes } = await world.apply();
    assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
    const toBucket = writes.filter(({ input }) => (input as { Bucket?: string }).Bucket === INPUT);
    assert.deepEqual([...new Set(toBucket.map((one) => one.operation))], ["PutBucketNotificationConfiguration"]);
    assert.deepEqual(await changed(), ["notification"]);
    const theirs = await theirsOf(world, INPUT);

    // Our entry is taken away by somebody, who leaves theirs.
    const { LambdaFunctionConfigurations: _, ...others } = before.notification as NotificationConfiguration;
    await world.sdk.s3.send(
      new PutBucketNotificationConfigurationCommand({ Bucket: INPUT, NotificationConfiguration: others }),
    );
    assert.deepEqual(await changed(), []);
    assert.equal((await world.apply()).result.ok, true);
    assert.deepEqual(await changed(), ["notification"]);
    assert.deepEqual(await theirsOf(world, INPUT), theirs);
    assert.deepEqual((await world.apply()).writes, []);

    await world.remove("change123.json");
    const cleaned = await world.doing(({ engine }) => engine.cleanUp({ names: ["change123"], force: true }));
    assert.equal(cleaned.result.ok, true, JSON.stringify(cleaned.result));
    assert.deepEqual(await changed(), []);
  });

  test("adopted: it becomes as declared, theirs survives apply and drift repair, and it is never deleted", async (t) => {
    const world = await createWorld(t);
    await makeTheirs(world, OUTPUT);
    const before = await theirsOf(world, OUTPUT);
    await world.write("change123.json", await example("change123", { adopt: [`bucket/${OUTPUT}`] }));
    assert.equal((await world.apply()).result.ok, true);
    assert.deepEqual(await theirsOf(world, OUTPUT), before);
    const declared = (await configurationOf(world, OUTPUT)) as unknown as Theirs & { access: object };
    assert.deepEqual(declared.access, {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    assert.ok(declared.lifecycle.Rules.some((rule) => rule.ID === "pipewright-abort-uploads"));
    assert.ok(declared.tags.TagSet.some((tag) => tag.Key === "pipewright:adopted"));

    // Somebody takes out what is ours of what is shared.
    await world.sdk.s3.send(new DeletePublicAccessBlockCommand({ Bucket: OUTPUT }));
    const Rules = declared.lifecycle.Rules.filter(
      (rule) => rule.ID === "theirs",
    ) as BucketLifecycleConfiguration["Rules"];
    await world.sdk.s3.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket: OUTPUT, LifecycleConfiguration: { Rules } }),
    );
    const TagSet = declared.tags.TagSet.filter((tag) => tag.Key !== "pipewright:resource") as {
      Key: string;
      Value: string;
    }[];
    await world.sdk.s3.send(new PutBucketTaggingCommand({ Bucket: OUTPUT, Tagging: { TagSet } }));
    const { result } = await world.plan();
    const [step, ...rest] = result.workflows.flatMap((one) => one.steps);
    assert.deepEqual(rest, []);
    assert.equal(step?.do, "update");
    assert.deepEqual(step?.do === "update" && step.changes.map((change) => change.path).sort(), [
      "lifecycle",
      "publicAccessBlocked",
      "tags.pipewright:resource",
    ]);
    assert.equal((await world.apply()).result.ok, true);
    assert.deepEqual(await theirsOf(world, OUTPUT), before);
    assert.deepEqual(
      (await world.plan()).result.workflows.flatMap((one) => one.steps),
      [],
    );

    await world.remove("change123.json");
    const cleaned = await world.doing(({ engine }) => engine.cleanUp({ names: "all", force: true }));
    assert.equal(cleaned.result.ok, true, JSON.stringify(cleaned.result));
    assert.deepEqual(
      cleaned.result.kept.map((one) => [one.key, one.why]),
      [[`bucket/${OUTPUT}`, "adopted: never deleted"]],
    );
    assert.deepEqual(await theirsOf(world, OUTPUT), before);
  });

  test("an input bucket of theirs that is gone and comes back is ours then, as any other", async (t) => {
    const world = await createWorld(t);
    await world.write("change123.json", await example("change123"));
    assert.equal((await world.apply()).result.ok, true);
    await DELETIONS.bucket!(world);
    assert.equal((await world.apply()).result.ok, true);
    await world.sdk.s3.send(new HeadBucketCommand({ Bucket: INPUT }));
    const entries = (await configurationOf(world, INPUT)) as unknown as Theirs;
    assert.deepEqual(
      entries.notification.LambdaFunctionConfigurations?.map((one) => one.Id),
      [BASE],
    );
  });
});
