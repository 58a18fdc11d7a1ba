import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { accountOf, leftIn } from "./account.ts";
import { pipewright } from "./program.ts";
import { BASE, INPUT, queueUrl } from "./tampering.ts";
import { createWorld, example, isLocal, localOnly, type World } from "./world.ts";

const OUTPUT = "container-clouds-output";

/** The sample stands, and its file is gone. */
async function standing(t: Parameters<typeof createWorld>[0]): Promise<World> {
  const world = await createWorld(t);
  await world.write("change123.json", await example("change123"));
  assert.equal((await world.apply()).result.ok, true);
  await world.remove("change123.json");
  return world;
}

/** A second workflow, as small as the sample. */
const other = (): Promise<object> =>
  example("change123", { input_s3_name: "others-input", output_s3_name: "others-output" });

const cleanUp = async (world: World, names: readonly string[] | "all", force = false) =>
  (await world.doing(({ engine }) => engine.cleanUp({ names, force }))).result;

const put = (world: World, Bucket: string) =>
  world.sdk.s3.send(new PutObjectCommand({ Bucket, Key: "results/Result-1.csv", Body: "1,2\n" }));

describe("clean-up", { concurrency: isLocal }, () => {
  test("takes one workflow away whole, leaves the other and what they share, and can be run twice", async (t) => {
    const world = await standing(t);
    await world.write("other.json", await other());
    assert.equal((await world.apply()).result.ok, true);
    const first = await pipewright(world, ["clean-up", "change123"]);
    assert.equal(first.code, 0, first.out + first.err);
    assert.match(first.out, /\d+ resources deleted\n$/);
    const left = await leftIn(world.sdk);
    assert.deepEqual(
      left.filter((name) => /pw-change123|-1-change123|container-clouds|change123\/change123/.test(name)),
      [],
    );
    // In its own order: no event before the rest goes.
    assert.equal(/^deleted (\S+)$/m.exec(first.out)?.[1], `notification/${INPUT}`);
    assert.equal((await world.plan()).result.workflows.flatMap((one) => one.steps).length, 0);

    const second = await pipewright(world, ["clean-up", "change123"]);
    assert.equal(second.code, 0, second.out + second.err);
    assert.match(second.out, /change123: nothing in the account carries this name\n0 resources deleted\n/);
    assert.deepEqual(await leftIn(world.sdk), left);
  });

  test("--all leaves nothing of ours, and can be run twice", async (t) => {
    const world = await standing(t);
    const first = await cleanUp(world, "all");
    assert.equal(first.ok, true, JSON.stringify(first));
    assert.deepEqual(await leftIn(world.sdk), []);
    const second = await world.doing(({ engine }) => engine.cleanUp({ names: "all", force: false }));
    assert.deepEqual([second.result.ok, second.result.deleted, second.writes], [true, [], []]);
  });

  test("--all leaves nothing of ours where the tagging API is refused either", { skip: localOnly }, async (t) => {
    const world = await standing(t);
    world.backend.cloud!.faults.add({ kind: "denied", operation: "GetResources" });
    const { ok, deleted } = await cleanUp(world, "all");
    assert.equal(ok, true);
    assert.ok(deleted.some((key) => key.startsWith("log-group//pipewright/")));
    world.backend.cloud!.faults.clear();
    assert.deepEqual(await leftIn(world.sdk), []);
  });

  test("messages that wait are lost only with --force", async (t) => {
    const world = await standing(t);
    await world.sdk.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(world, BASE), MessageBody: "a file" }));
    const kept = await cleanUp(world, ["change123"]);
    assert.equal(kept.ok, false);
    assert.match(kept.failed[0]?.why ?? "", /1 messages wait in pw-change123-change123-s3.*--force/);
    const { function: functions, notification, queue } = await accountOf(world.sdk);
    // What works on them stands, and nothing new arrives.
    assert.ok(queue?.includes(BASE) && functions?.includes(BASE));
    assert.ok(!notification?.some((one) => one.startsWith(INPUT)));

    assert.equal((await cleanUp(world, ["change123"], true)).ok, true);
    assert.deepEqual(
      (await leftIn(world.sdk)).filter((name) => name.includes("change123")),
      [],
    );
  });

  test("a bucket with files is kept and named, exit 0; with --force it goes", async (t) => {
    const world = await standing(t);
    await put(world, OUTPUT);
    const kept = await pipewright(world, ["clean-up", "--all"]);
    assert.equal(kept.code, 0, kept.out + kept.err);
    assert.match(kept.out, /kept: bucket\/container-clouds-output: files are in it\n\d+ resources deleted, 1 kept\n/);
    assert.deepEqual(await leftIn(world.sdk), [`bucket/${OUTPUT}`, `object/${OUTPUT}/results/Result-1.csv`]);

    assert.equal((await cleanUp(world, "all", true)).ok, true);
    assert.deepEqual(await leftIn(world.sdk), []);
  });

  test("a workflow whose file still stands is refused with advice, and nothing is touched", async (t) => {
    const world = await standing(t);
    await world.write("change123.json", await example("change123"));
    const before = await accountOf(world.sdk);
    for (const args of [
      ["clean-up", "change123"],
      ["clean-up", "--all"],
    ]) {
      const refused = await pipewright(world, args);
      assert.equal(refused.code, 1, refused.out + refused.err);
      assert.match(refused.out, /change123: .*change123\.json still stands .*remove the file first/);
    }
    assert.deepEqual(await accountOf(world.sdk), before);
  });
});
