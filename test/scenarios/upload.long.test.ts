import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { keysIn } from "./account.ts";
import { deleteRole, queueUrl } from "./tampering.ts";
import { createWorld, example, localOnly, type World } from "./world.ts";

const SAMPLE = { input: "container-clouds-input", output: "container-clouds-output" };
const RIVER = { input: "river-gauges-readings", output: "river-gauges-floods" };
const STEPS = ["drop-bad-readings", "daily-means", "find-floods"].map((step) => `pw-river-gauges-${step}`);

describe("an uploaded file", { skip: localOnly, concurrency: true }, () => {
  test("comes back processed, exactly once, whatever it is called", async (t) => {
    const { world, upload, written } = await standing(t, "change123");
    const names = ["plain.txt", "two words+100%.txt", "sub/Ünïcode 'quoted' \"twice\".txt", "$output & $(date);.txt"];
    for (const name of names) await upload(SAMPLE.input, name, `about ${name}\nend\n`);

    const results = names.map((name) => name.replace(/[^/]*$/, "Result-change123-s3-$&")).sort();
    await until(
      "every result is there",
      async () => (await keysIn(world.sdk.s3, SAMPLE.output)).length >= names.length,
    );
    assert.deepEqual((await keysIn(world.sdk.s3, SAMPLE.output)).sort(), results);
    for (const name of names) {
      const result = name.replace(/[^/]*$/, "Result-change123-s3-$&");
      assert.equal(await textOf(world, SAMPLE.output, result), `blah: 2 lines\nabout ${name}\nend\n`);
    }
    await until("no message is left", async () => (await messagesIn(world, "pw-change123-change123-s3")) === 0);
    assert.equal(await messagesIn(world, "pw-change123-change123-s3-dead-letters"), 0);
    assert.deepEqual(written(SAMPLE.output).sort(), results);
    assert.deepEqual(await instances(world), ["running"]);
  });

  test("comes back though the functions' role was deleted meanwhile and came back as another", async (t) => {
    const { world, upload } = await standing(t, "change123");
    await deleteRole(world.sdk, "lambda_exec_role");
    const { result } = await world.apply();
    assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
    await upload(SAMPLE.input, "after.txt", "a line\n");
    await until("the result is there", async () => (await keysIn(world.sdk.s3, SAMPLE.output)).length > 0);
  });

  test("goes through a sequence of three steps; a poison file ends in the dead letters and says why", async (t) => {
    const { world, upload, written } = await standing(t, "river-gauges");
    const rows = ["2026-05-01T06:00Z,north,650", "2026-05-01T18:00Z,north,770", "2026-05-02T06:00Z,north,610"];
    const bad = ["2026-05-01T07:00Z,north,99999", "2026-05-01T08:00Z,north,-3", "not a time,north,900"];
    await upload(RIVER.input, "may.csv", ["time,gauge,level_cm", ...rows, ...bad, ""].join("\n"));
    await upload(RIVER.input, "poison.csv", "this is no table\n");

    await until("the result is there", async () => (await keysIn(world.sdk.s3, RIVER.output)).length > 0);
    const letters = `${STEPS[0]}-dead-letters`;
    await until("the poison file is given up", async () => (await messagesIn(world, letters)) > 0);
    for (const queue of STEPS) await until(`${queue} is empty`, async () => (await messagesIn(world, queue)) === 0);

    assert.equal(await textOf(world, RIVER.output, "may.csv"), "day,gauge,mean_cm\n2026-05-01,north,710.0\n");
    assert.deepEqual(written(RIVER.output), ["may.csv"]);
    const { Messages = [] } = await world.sdk.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl(world, letters), MaxNumberOfMessages: 10 }),
    );
    assert.equal(Messages.length, 1);
    const { key, reason, detail, tries } = JSON.parse(Messages[0]!.Body!);
    assert.deepEqual([key, reason, tries], ["poison.csv", "exit-code", 1]);
    assert.match(detail, /exit code 65:\nthe first line is "this is no table", and should be time,gauge,level_cm/);
  });
});

/** An account in which everything runs, and the example stands. */
async function standing(t: Parameters<typeof createWorld>[0], name: "change123" | "river-gauges") {
  const world = await createWorld(t, { running: true });
  await world.write(`${name}.json`, await example(name));
  const { result } = await world.apply();
  assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
  const events: { bucket: string; key: string }[] = [];
  world.backend.cloud!.world.onEvent(({ source, type, detail }) => {
    if (source === "s3" && type.startsWith("ObjectCreated"))
      events.push({ bucket: String(detail.bucket), key: String(detail.key) });
  });
  return {
    world,
    upload: (Bucket: string, Key: string, Body: string) =>
      world.sdk.s3.send(new PutObjectCommand({ Bucket, Key, Body })),
    /** Keys of all that was ever written there, as often as it was. */
    written: (bucket: string) => events.filter((event) => event.bucket === bucket).map(({ key }) => key),
  };
}

async function textOf({ sdk }: World, Bucket: string, Key: string): Promise<string> {
  const { Body } = await sdk.s3.send(new GetObjectCommand({ Bucket, Key }));
  return Body!.transformToString();
}

/** Waiting ones and those that somebody has in hand. */
async function messagesIn(world: World, queue: string): Promise<number> {
  const AttributeNames = [
    "ApproximateNumberOfMessages" as const,
    "ApproximateNumberOfMessagesNotVisible" as const,
    "ApproximateNumberOfMessagesDelayed" as const,
  ];
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl(world, queue), AttributeNames });
  const { Attributes = {} } = await world.sdk.sqs.send(command);
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

async function instances({ backend }: World): Promise<string[]> {
  const { Reservations = [] } = await backend.sdk.ec2.send(new DescribeInstancesCommand({}));
  return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State!.Name!));
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 90_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `it took too long until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
