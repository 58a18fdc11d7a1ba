import assert from "node:assert/strict";
import { test } from "node:test";
import { fault } from "./fake-cloud.ts";
import { condition, createWorld, type World } from "./world.ts";

async function started(files: Record<string, object> = {}): Promise<World> {
  const world = createWorld();
  for (const [file, content] of Object.entries(files)) world.write(file, content);
  await world.clock.until(world.engine.start());
  await world.clock.step(10_000);
  world.cloud.calls.length = 0;
  return world;
}

const drop = (world: World, file: string, content: object | string): void => {
  world.write(file, content);
  world.engine.changed(file);
};

test("a file dropped into the folder is acted on at once", async () => {
  const world = await started();
  drop(world, "plants.json", {});
  await world.clock.step(0);
  assert.equal(condition(world.engine.status(), "plants", "Ready").status, "True");
  await world.clock.until(world.engine.stop());
});

test("a good workflow on a standing foundation stands after ten answers of the account, one after the other", async () => {
  const world = await started({ "stars.json": {} });
  const began = world.clock.monotonic();
  world.cloud.before = () => world.clock.sleep(30);
  drop(world, "plants.json", {});
  let readyMs: number | undefined;
  world.engine.subscribe((event) => {
    if (event.type === "pass-done" && event.workflow === "plants") readyMs ??= world.clock.monotonic() - began;
  });
  await world.clock.step(5_000);
  // Read; queue created, read, completed; function created, read, completed, read; notification created, read.
  assert.equal(readyMs, 10 * 30);
  await world.clock.until(world.engine.stop());
});

test("a file whose event was lost is found with the next look at the folder", async () => {
  const world = await started();
  world.write("plants.json", {});
  await world.clock.step(31_000);
  assert.equal(condition(world.engine.status(), "plants", "Ready").status, "True");
  await world.clock.until(world.engine.stop());
});

test("a half-written file is reported only if it is still bad two seconds after its last change", async () => {
  const world = await started({ "plants.json": { visibility: 300 } });
  drop(world, "plants.json", '{ "visib');
  await world.clock.step(1_500);
  assert.deepEqual(world.engine.status().problems, []);
  drop(world, "plants.json", '{ "visibility": 6');
  await world.clock.step(1_500);
  assert.deepEqual(world.engine.status().problems, []);
  await world.clock.step(1_000);
  const [problem] = world.engine.status().problems;
  assert.equal(problem?.stillInForce, "plants");
  // The last good version is in force and kept so.
  assert.equal(condition(world.engine.status(), "plants", "Ready").status, "True");
  assert.equal(condition(world.engine.status(), "plants", "Stalled").reason, "BadFile");
  world.cloud.thing("queue/pw-plants-grey").fields.retention = 1;
  await world.clock.step(60_000);
  assert.equal(world.cloud.thing("queue/pw-plants-grey").fields.retention, 10);

  drop(world, "plants.json", { visibility: 600 });
  await world.clock.step(10);
  assert.equal(world.cloud.thing("queue/pw-plants-grey").fields.visibility, 600);
  assert.deepEqual(world.engine.status().problems, []);
  await world.clock.until(world.engine.stop());
});

test("of two files with one name the later is refused, and takes over when the first goes", async () => {
  const world = await started({ "a.json": { name: "plants", steps: ["first"] } });
  drop(world, "b.json", { name: "plants", steps: ["second"] });
  await world.clock.step(30_000);
  assert.match(world.engine.status().problems[0]?.message ?? "", /a\.json/);
  assert.equal(world.cloud.things.has("queue/pw-plants-second"), false);
  world.remove("a.json");
  world.engine.changed("a.json");
  await world.clock.step(30_000);
  assert.equal(world.cloud.things.has("queue/pw-plants-second"), true);
  assert.equal(world.cloud.things.has("queue/pw-plants-first"), false);
  await world.clock.until(world.engine.stop());
});

test("every workflow is looked at in every interval, each resource once, and nothing is written", async () => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`w${index}.json`, {}]));
  const world = await started(files);
  await world.clock.step(60_000);
  world.cloud.calls.length = 0;
  await world.clock.step(30_000);
  const looks = world.cloud.calls.filter((call) => call.operation === "read" && call.key.startsWith("notification/"));
  assert.equal(new Set(looks.map((call) => call.key)).size, 20);
  assert.ok(looks.length <= 21);
  assert.deepEqual(world.cloud.writes(), []);
  await world.clock.until(world.engine.stop());
});

test("a change of one file runs that workflow and no other", async () => {
  const world = await started({ "plants.json": {}, "stars.json": {} });
  drop(world, "plants.json", { visibility: 600 });
  await world.clock.step(0);
  assert.equal(
    world.cloud.calls.some((call) => call.key.includes("stars")),
    false,
  );
  await world.clock.until(world.engine.stop());
});

test("what a person must mend is not tried again and again, and goes on once it is mended", async () => {
  const world = await started();
  let denied = true;
  world.cloud.before = (call) => {
    if (denied && call.operation === "create" && call.key === "queue/pw-plants-grey")
      throw fault("denied", call.key, "AccessDenied");
  };
  drop(world, "plants.json", {});
  await world.clock.step(10_000);
  assert.equal(world.cloud.writes().filter((write) => write === "create queue/pw-plants-grey").length, 1);
  const stalled = condition(world.engine.status(), "plants", "Stalled");
  assert.deepEqual([stalled.status, stalled.reason], ["True", "AccessDenied"]);
  denied = false;
  await world.clock.step(60_000);
  assert.equal(condition(world.engine.status(), "plants", "Ready").status, "True");
  await world.clock.until(world.engine.stop());
});

test("an account that does not answer stops nothing for good, and nobody else's workflow", async () => {
  const world = await started({ "stars.json": {} });
  world.cloud.before = (call) => {
    if (call.key.includes("plants")) throw fault("transient", call.key);
  };
  drop(world, "plants.json", {});
  drop(world, "moons.json", {});
  await world.clock.step(60_000);
  const status = world.engine.status();
  assert.equal(condition(status, "plants", "Reconciling").status, "True");
  assert.equal(condition(status, "moons", "Ready").status, "True");
  world.cloud.before = () => {};
  await world.clock.step(300_000);
  assert.equal(condition(world.engine.status(), "plants", "Ready").status, "True");
  await world.clock.until(world.engine.stop());
});

test("a workflow that asks for another foundation waits for it, and is told why while it cannot be had", async () => {
  const world = await started({ "plants.json": {} });
  let denied = true;
  world.cloud.before = (call) => {
    if (denied && call.operation === "update" && call.key.startsWith("role/"))
      throw fault("denied", call.key, "AccessDenied");
  };
  drop(world, "stars.json", { cluster: "own" });
  await world.clock.step(10_000);
  assert.equal(world.cloud.things.has("notification/stars"), false);
  assert.equal(condition(world.engine.status(), "stars", "Ready").reason, "AccessDenied");
  denied = false;
  await world.clock.step(120_000);
  assert.deepEqual(world.cloud.thing("role/lambda_exec_role").fields.clusters, ["own", "shared"]);
  assert.equal(condition(world.engine.status(), "stars", "Ready").status, "True");
  await world.clock.until(world.engine.stop());
});

test("since tells how long a condition has been what it is", async () => {
  const world = await started({ "plants.json": {} });
  const before = condition(world.engine.status(), "plants", "Ready").since;
  await world.clock.step(120_000);
  assert.equal(condition(world.engine.status(), "plants", "Ready").since, before);
  world.cloud.before = (call) => {
    if (call.operation === "read") throw fault("denied", call.key, "AccessDenied");
  };
  await world.clock.step(60_000);
  assert.ok(condition(world.engine.status(), "plants", "Ready").since > before);
  await world.clock.until(world.engine.stop());
});

test("many workflows at once come to stand, the foundation made once", async () => {
  const world = createWorld();
  for (let index = 0; index < 200; index++) world.write(`w${index}.json`, {});
  const report = await world.clock.until(world.engine.once());
  assert.equal(report.ok, true);
  assert.equal(world.cloud.born.length, 200 * 5 + 3);
  assert.equal(new Set(world.cloud.born).size, world.cloud.born.length);
});

test("a changed algorithm concerns the workflows that name it, and an unused one nobody", async () => {
  const world = await started({ "grey.json": { algorithms: ["grey"] }, "stars.json": {} });
  world.algorithms.set("grey", "1 GiB");
  world.engine.changed("algorithms/grey.json");
  world.engine.changed("algorithms/unused_info.json");
  await world.clock.step(5_000);
  assert.equal(world.cloud.thing("queue/pw-grey-grey").fields.retention, "1 GiB");
  assert.deepEqual(world.engine.status().problems, []);
  await world.clock.until(world.engine.stop());
});

test("files that change at the very moment it stops leave nothing behind that waits for its time", async () => {
  const world = await started({ "plants.json": {} });
  const { read } = world.folder;
  world.folder.read = async (file) => {
    await world.clock.sleep(10);
    return read(file);
  };
  drop(world, "stars.json", {});
  drop(world, "bad.json", "{ bad");
  await world.clock.step(5);
  await world.clock.until(world.engine.stop());
  await world.clock.step(0);
  assert.equal(world.clock.waiting, 0);
  world.cloud.calls.length = 0;
  await world.clock.step(600_000);
  assert.deepEqual(world.cloud.calls, []);
});
