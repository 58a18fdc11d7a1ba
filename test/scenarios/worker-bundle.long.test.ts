import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { test } from "node:test";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { controlBucket } from "../../src/desired/names.ts";
import { keysIn, leftIn } from "./account.ts";
import { createWorld, example, type World } from "./world.ts";

const packedFrom = (text: string) => {
  const bytes = Buffer.from(text.repeat(100_000));
  const sha256 = createHash("sha256").update(bytes).digest("base64");
  return { bytes, packed: { sha256, bytes: bytes.length, open: () => Readable.from(bytes) } };
};

test("the packed worker stands in the control bucket, is repaired, and is compared without being read", async (t) => {
  const { world, bucket, content } = await opened(t);
  const { bytes, packed } = packedFrom("worker");
  const worker = { version: "0.1.0", packed };
  assert.equal((await world.apply({ worker })).result.ok, true);
  assert.deepEqual(await content("worker/0.1.0.tgz"), bytes);

  const again = await world.apply({ worker });
  assert.deepEqual(again.writes, []);
  const onIt = again.calls.filter(({ input }) => JSON.stringify(input).includes("worker/0.1.0.tgz"));
  assert.deepEqual([...new Set(onIt.map(({ operation }) => operation))], ["HeadObject"]);

  await world.sdk.s3.send(new PutObjectCommand({ Bucket: bucket, Key: "worker/0.1.0.tgz", Body: "theirs" }));
  const repaired = await world.apply({ worker });
  assert.deepEqual(
    repaired.writes.map(({ operation }) => operation),
    ["PutObject"],
  );
  assert.deepEqual(await content("worker/0.1.0.tgz"), bytes);
});

test("after an upgrade the older worker stays, for tasks that are still to start, and goes with the last workflow", async (t) => {
  const { world, bucket } = await opened(t);
  const bundles = async () => (await keysIn(world.sdk.s3, bucket)).filter((key) => key.startsWith("worker/"));
  await world.apply({ worker: { version: "0.1.0", packed: packedFrom("old").packed } });
  const worker = { version: "0.2.0", packed: packedFrom("new").packed };
  const upgraded = await world.doing(({ engine }) => engine.once(), { worker });
  assert.equal(upgraded.result.ok, true);
  assert.deepEqual(upgraded.result.collected.deleted, []);
  assert.deepEqual(await bundles(), ["worker/0.1.0.tgz", "worker/0.2.0.tgz"]);
  // A clone that packed none leaves them alone.
  assert.equal((await world.doing(({ engine }) => engine.once())).result.ok, true);
  assert.deepEqual(await bundles(), ["worker/0.1.0.tgz", "worker/0.2.0.tgz"]);

  await world.remove("change123.json");
  await world.doing(({ engine }) => engine.once(), { worker });
  assert.deepEqual(await leftIn(world.sdk), []);
});

async function opened(t: Parameters<typeof createWorld>[0]) {
  const world: World = await createWorld(t);
  await world.write("change123.json", await example("change123", { on_delete: "delete" }));
  const bucket = controlBucket(world.backend.account);
  const content = async (Key: string) => {
    const { Body } = await world.sdk.s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return Buffer.from(await Body!.transformToByteArray());
  };
  return { world, bucket, content };
}
