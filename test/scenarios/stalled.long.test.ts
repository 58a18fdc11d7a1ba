import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { keysIn } from "./account.ts";
import { eventually } from "./program.ts";
import { createWorld, EXAMPLES, example, localOnly } from "./world.ts";

const [INPUT, OUTPUT] = ["container-clouds-input", "container-clouds-output"];

test(
  "a wrong image is told with AWS's reason; mended, it is forgotten at once and the file comes back",
  { skip: localOnly },
  async (t) => {
    const world = await createWorld(t, { running: true });
    const algorithm = JSON.parse(await readFile(join(EXAMPLES, "algorithms/change123-s3.json"), "utf8"));
    await world.write("algorithms/change123-s3.json", {
      ...algorithm,
      container_name: "wangyx2005/chnage123",
      source: undefined,
    });
    await world.write("change123.json", await example("change123"));
    assert.equal((await world.apply()).result.ok, true);
    await world.sdk.s3.send(new PutObjectCommand({ Bucket: INPUT, Key: "a.txt", Body: "one\n" }));

    const stalled = async () => {
      const { result } = await world.doing(async ({ engine }) => {
        await engine.look();
        return engine.status();
      });
      return result.workflows[0]!.conditions.find(({ type }) => type === "Stalled")!;
    };
    const told = (times: string) =>
      eventually(`the trouble is told ${times}`, async () => {
        const condition = await stalled();
        assert.deepEqual([condition.status, condition.reason], ["True", "TasksDoNotStart"]);
        assert.match(condition.message, /^change123-s3: CannotPullContainerError: .*wangyx2005\/chnage123/);
        assert.match(condition.message, new RegExp(`\\(${times}, next try at `));
        return true;
      });
    const { clock } = world.backend.cloud!.world;
    await told("once");
    clock.step(60_000);
    await told("2 times");

    await world.write("algorithms/change123-s3.json", algorithm);
    assert.equal((await world.apply()).result.ok, true);
    assert.equal((await stalled()).status, "False");
    // Its backoff would have lasted a minute; the scaler's tick comes now.
    world.backend.cloud!.world.clock.step(60_000);
    await eventually("the result is there", async () => {
      assert.deepEqual(await keysIn(world.sdk.s3, OUTPUT), ["Result-change123-s3-a.txt"]);
      return true;
    });
    assert.equal((await stalled()).status, "False");
  },
);
