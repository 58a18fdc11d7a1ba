import assert from "node:assert/strict";
import { test } from "node:test";
import { silent } from "../support/silent.ts";
import { fault, OWNER } from "./fake-cloud.ts";
import { createWorld, type World } from "./world.ts";

/** Two workflows that stand, and a command that sees no folder. */
async function standing(): Promise<World> {
  const world = createWorld();
  world.write("plants.json", {});
  world.write("stars.json", {});
  await world.clock.until(world.engine.once());
  world.files.clear();
  world.restart({ folder: undefined });
  world.cloud.calls.length = 0;
  return world;
}

const cleanUp = (world: World, names: readonly string[] | "all", force = false) =>
  world.clock.until(world.engine.cleanUp({ names, force }));

test("one workflow goes, with its empty buckets, and everything else stays", async () => {
  const world = await standing();
  const report = await cleanUp(world, ["plants"]);
  assert.equal(report.ok, true);
  assert.deepEqual(
    [...world.cloud.things.keys()].filter((key) => key.includes("plants")),
    [],
  );
  assert.equal(world.cloud.things.size, 5 + 3);
  assert.equal(world.cloud.writes()[0], "delete notification/plants");
  const again = await cleanUp(world, ["plants"]);
  assert.deepEqual([again.ok, again.unknown], [true, ["plants"]]);
});

test("all goes, the foundation last, and nothing of others", async () => {
  const world = await standing();
  world.cloud.put("queue/theirs", { owner: "someone" });
  world.cloud.thing("bucket/control").holds = 7;
  const report = await cleanUp(world, "all");
  assert.equal(report.ok, true);
  assert.deepEqual([...world.cloud.things.keys()], ["queue/theirs"]);
  const writes = world.cloud.writes();
  const lastOfWorkflows = Math.max(...writes.map((write, index) => (/plants|stars/.test(write) ? index : -1)));
  assert.ok(writes.indexOf("delete role/lambda_exec_role") > lastOfWorkflows);
});

test("what was taken away is not asked about any more, even if the folder's marker went along with the files", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  world.write("stars.json", {});
  world.write("moons.json", {});
  await world.clock.until(world.engine.once());
  world.cloud.thing("bucket/plants-out").holds = 3;
  world.files.clear();
  world.folder.marker = undefined;
  world.restart();
  await cleanUp(world, ["moons"]);
  assert.deepEqual(await world.restart().prunable(), ["plants", "stars"]);
  assert.match(world.engine.status().brake ?? "", /^the files of plants, stars and .* are gone/);
  assert.equal(world.folder.marker, undefined);

  assert.equal((await cleanUp(world, "all")).kept.length, 1);
  const warnings: string[] = [];
  const log = { ...silent, warn: (_: object, message: string) => void warnings.push(message) };
  assert.deepEqual(await world.restart({ log }).prunable(), []);
  assert.equal(world.engine.status().brake, undefined);
  assert.deepEqual(warnings, []);
});

test("buckets with data are kept and named, and go when a person asks for it; adopted ones never go", async () => {
  const world = await standing();
  world.cloud.thing("bucket/plants-out").holds = 3;
  world.cloud.thing("bucket/stars-in").adopted = true;
  const report = await cleanUp(world, "all");
  assert.equal(report.ok, true);
  assert.deepEqual(report.kept.map((one) => one.key).sort(), ["bucket/plants-out", "bucket/stars-in"]);
  assert.deepEqual([...world.cloud.things.keys()].sort(), ["bucket/plants-out", "bucket/stars-in"]);
  await cleanUp(world, "all", true);
  assert.deepEqual([...world.cloud.things.keys()], ["bucket/stars-in"]);
});

test("messages that wait are not lost: what works on them stands until they are gone", async () => {
  const world = await standing();
  world.cloud.thing("queue/pw-plants-grey").holds = 2;
  const report = await cleanUp(world, ["plants"]);
  assert.equal(report.ok, false);
  assert.match(report.failed[0]?.why ?? "", /2 messages wait.*--force/);
  assert.equal(world.cloud.things.has("function/pw-plants-grey"), true);
  assert.equal(world.cloud.things.has("notification/plants"), false);
  assert.equal((await cleanUp(world, ["plants"], true)).ok, true);
  assert.equal(world.cloud.things.has("queue/pw-plants-grey"), false);
});

test("asked to stop while it waits, it ends at once", async () => {
  const world = await standing();
  world.cloud.thing("queue/pw-plants-grey").holds = 2;
  const reporting = world.engine.cleanUp({ names: ["plants"], force: false });
  await world.clock.step(3_000);
  const stoppedMs = world.clock.monotonic();
  const [report] = await world.clock.until(Promise.all([reporting, world.engine.stop()]));
  assert.deepEqual([report.ok, world.clock.monotonic() - stoppedMs], [false, 0]);
  assert.equal(world.cloud.things.has("function/pw-plants-grey"), true);
});

test("what goes by itself while it is read, and shows without its tags, is gone and not somebody else's", async () => {
  const world = await standing();
  const key = "queue/pw-plants-grey";
  world.cloud.before = (call) => {
    const thing = world.cloud.things.get(key);
    if (call.operation === "read" && call.key === key && thing) thing.owner = "";
  };
  world.cloud.after = (call) => {
    if (call.operation === "read" && call.key === key) world.cloud.things.delete(key);
  };
  const report = await cleanUp(world, ["plants"]);
  assert.deepEqual([report.ok, report.kept], [true, []]);
});

test("what cannot go yet is tried again, and what is denied is said", async () => {
  const world = await standing();
  let conflicts = 0;
  world.cloud.before = (call) => {
    if (call.operation === "delete" && call.key === "queue/pw-plants-grey" && conflicts++ < 3)
      throw fault("conflict", call.key);
  };
  assert.equal((await cleanUp(world, ["plants"])).ok, true);
  world.cloud.before = (call) => {
    if (call.operation === "delete" && call.key === "function/pw-stars-grey")
      throw fault("denied", call.key, "AccessDenied");
  };
  const report = await cleanUp(world, ["stars"]);
  assert.equal(report.ok, false);
  assert.match(report.failed[0]?.why ?? "", /"Action":"fake:Call","Resource":"function\/pw-stars-grey"/);
  // Its queue is still needed by what could not go.
  assert.equal(world.cloud.things.has("queue/pw-stars-grey"), true);
});

test("a workflow whose file still stands is refused with advice", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  await world.clock.until(world.engine.once());
  const before = world.cloud.things.size;
  world.restart();
  for (const content of [{}, "{ bad"]) {
    world.write("plants.json", content);
    const report = await cleanUp(world, ["plants"]);
    assert.equal(report.ok, false);
    assert.match(report.refused[0]?.why ?? "", /plants\.json still stands .* remove the file first/);
  }
  assert.equal(world.cloud.things.size, before);
});

test("tasks and instances of a workflow go with it", async () => {
  const world = await standing();
  world.cloud.put("task/run-1", { owner: OWNER, workflow: "plants", runtime: true });
  await cleanUp(world, ["plants"]);
  assert.equal(world.cloud.things.has("task/run-1"), false);
});
