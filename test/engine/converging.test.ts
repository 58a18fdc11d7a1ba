import assert from "node:assert/strict";
import { test } from "node:test";
import { condition, createWorld } from "./world.ts";

test("a file becomes resources, and a second pass writes nothing and reads each resource once", async () => {
  const world = createWorld();
  world.write("plants.json", { steps: ["grey", "edge"] });
  const report = await world.clock.until(world.engine.once());
  assert.equal(report.ok, true, JSON.stringify(report.status, null, 1));
  assert.deepEqual([...world.cloud.things.keys()].sort(), [
    "bucket/control",
    "bucket/plants-in",
    "bucket/plants-out",
    "function/pw-plants-edge",
    "function/pw-plants-grey",
    "group/shared",
    "notification/plants",
    "queue/pw-plants-edge",
    "queue/pw-plants-grey",
    "role/lambda_exec_role",
  ]);
  assert.equal(world.cloud.thing("function/pw-plants-grey").fields.queue, world.cloud.thing("queue/pw-plants-grey").id);
  assert.equal(condition(report.status, "plants", "Ready").status, "True");

  world.cloud.calls.length = 0;
  const second = await world.clock.until(world.restart().once());
  assert.equal(second.ok, true);
  assert.deepEqual(world.cloud.writes(), []);
  const reads = world.cloud.calls.filter((call) => call.operation === "read").map((call) => call.key);
  // The security group is read by the foundation and by the workflow that refers to it.
  assert.deepEqual(reads.length, new Set(reads).size + 1);
});
