import assert from "node:assert/strict";
import { access, readdir } from "node:fs/promises";
import { describe, test } from "node:test";
import { GetBucketNotificationConfigurationCommand } from "@aws-sdk/client-s3";
import { accountOf, doublesIn } from "./account.ts";
import { pipewright } from "./program.ts";
import { createWorld, example, isLocal, localOnly } from "./world.ts";

describe("a folder of workflow files", { concurrency: isLocal }, () => {
  test("the plain sample becomes a pipeline, and a second apply writes nothing", async (t) => {
    const world = await createWorld(t);
    await world.write("change123.json", await example("change123"));
    const first = await world.apply();
    assert.equal(first.result.ok, true, JSON.stringify(first.result.status.workflows[0]?.conditions));
    const account = await accountOf(world.sdk);
    assert.deepEqual(account.queue, [
      "pw-change123-change123-s3",
      "pw-change123-change123-s3-dead-letters",
      "pw-change123-change123-s3-undelivered",
    ]);
    assert.deepEqual(account.function, ["pw-change123-change123-s3", "pw-scaler-pipewright"]);
    assert.deepEqual(account.definition, ["pw-change123-change123-s3:1"]);
    assert.deepEqual(account.bucket, [
      "container-clouds-input",
      "container-clouds-output",
      "pipewright-123456789012-us-east-1",
    ]);
    assert.deepEqual(account.notification, ["container-clouds-input#pw-change123-change123-s3"]);

    const second = await world.apply();
    assert.equal(second.result.ok, true);
    assert.deepEqual(second.writes, []);
    assert.deepEqual(await accountOf(world.sdk), account);
    console.log(`${world.backend.name}: second apply: ${second.writes.length} writing calls of ${second.calls.length}`);
  });

  test("a sequence of three steps becomes a chain of buckets, and a second apply writes nothing", async (t) => {
    const world = await createWorld(t);
    await world.write("river-gauges.json", await example("river-gauges"));
    const first = await world.apply();
    assert.equal(first.result.ok, true, JSON.stringify(first.result.status.workflows[0]?.conditions));
    const chain = [
      ["river-gauges-readings", "pw-river-gauges-drop-bad-readings"],
      ["pw-river-gauges-drop-bad-readings-123456789012-us-east-1", "pw-river-gauges-daily-means"],
      ["pw-river-gauges-daily-means-123456789012-us-east-1", "pw-river-gauges-find-floods"],
    ];
    for (const [Bucket, name] of chain) {
      const { LambdaFunctionConfigurations } = await world.sdk.s3.send(
        new GetBucketNotificationConfigurationCommand({ Bucket }),
      );
      assert.equal(LambdaFunctionConfigurations?.[0]?.LambdaFunctionArn?.split(":").at(-1), name);
    }
    const second = await world.apply();
    assert.equal(second.result.ok, true);
    assert.deepEqual(second.writes, []);
    assert.deepEqual(doublesIn(await accountOf(world.sdk)), []);
    console.log(`${world.backend.name}: second apply: ${second.writes.length} writing calls of ${second.calls.length}`);
  });

  test("plan says what would be done and by its exit code whether there is anything, and writes nothing anywhere", async (t) => {
    const world = await createWorld(t);
    await world.write("change123.json", await example("change123"));
    const nothing = await accountOf(world.sdk);
    const files = await readdir(world.folder, { recursive: true });

    const changes = await pipewright(world, ["plan"]);
    assert.equal(changes.code, 2, changes.err);
    assert.match(changes.out, /\+ queue\/pw-change123-change123-s3\n/);
    assert.match(changes.out, /\d+ to create, 0 to update/);
    assert.deepEqual(await accountOf(world.sdk), nothing);

    await world.write("typo.json", { ...(await example("change123")), keypair: "x" });
    const bad = await pipewright(world, ["plan"]);
    assert.equal(bad.code, 1);
    assert.match(bad.out, /typo\.json:\d+:\d+ keypair is not known; did you mean "key_pair"\?/);
    await world.remove("typo.json");

    assert.deepEqual(await readdir(world.folder, { recursive: true }), files);
    await assert.rejects(access(world.data));

    assert.equal((await world.apply()).result.ok, true);
    const standing = await accountOf(world.sdk);
    const inSync = await pipewright(world, ["plan"]);
    assert.equal(inSync.code, 0, inSync.out);
    assert.equal(inSync.out, "in sync: nothing to do\n");
    assert.deepEqual(await accountOf(world.sdk), standing);
  });

  test("what plan sends are reads only, before and after", { skip: localOnly }, async (t) => {
    const world = await createWorld(t);
    await world.write("river-gauges.json", await example("river-gauges"));
    const sent = () => world.backend.cloud!.calls.list({ write: true }).map((call) => call.operation);
    world.backend.cloud!.calls.clear();
    await world.plan();
    assert.deepEqual(sent(), []);
    await world.apply();
    world.backend.cloud!.calls.clear();
    await world.plan();
    assert.deepEqual(sent(), []);
  });
});
