import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { keysIn, leftIn } from "./account.ts";
import { eventually } from "./program.ts";
import { createWorld, example, localOnly } from "./world.ts";

const [INPUT, OUTPUT] = ["container-clouds-input", "container-clouds-output"];

test(
  "files that were there before their workflow come back processed, once, and it leaves no trace",
  { skip: localOnly },
  async (t) => {
    const world = await createWorld(t, { running: true });
    const { s3 } = world.sdk;
    await s3.send(new CreateBucketCommand({ Bucket: INPUT }));
    for (const Key of ["before a.txt", "sub/before+b.txt"])
      await s3.send(new PutObjectCommand({ Bucket: INPUT, Key, Body: "one\n" }));
    const sends = ({ calls }: { calls: readonly { operation: string }[] }) =>
      calls.filter(({ operation }) => operation.startsWith("SendMessage")).length;

    await world.write("change123.json", await example("change123", { input: { backfill: true } }));
    const setUp = await world.apply();
    assert.equal(setUp.result.ok, true);
    assert.equal(sends(setUp), 1);
    const results = ["Result-change123-s3-before a.txt", "sub/Result-change123-s3-before+b.txt"];
    await eventually("the results are there", async () => {
      assert.deepEqual((await keysIn(s3, OUTPUT)).sort(), results);
      return true;
    });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: OUTPUT, Key: results[0] }));
    assert.equal(await Body!.transformToString(), "blah: 1 lines\none\n");

    const again = await world.apply();
    assert.deepEqual(again.writes, []);
    assert.equal(again.result.ok, true);

    await world.remove("change123.json");
    await world.doing(({ engine }) => engine.cleanUp({ names: ["change123"], force: false }));
    assert.deepEqual(
      (await leftIn(world.sdk)).filter((name) => name.includes("backfill/")),
      [],
    );
  },
);
