import assert from "node:assert/strict";
import { test } from "node:test";
import { OWNER } from "./fake-cloud.ts";
import { condition, createWorld, type ToyFile, type World } from "./world.ts";

async function running(files: Record<string, ToyFile>): Promise<World> {
  const world = createWorld();
  for (const [file, content] of Object.entries(files)) world.write(file, content);
  await world.clock.until(world.engine.start());
  await world.clock.step(20_000);
  return world;
}

async function removed(world: World, ...files: string[]): Promise<void> {
  for (const file of files) {
    world.remove(file);
    world.engine.changed(file);
  }
  await world.clock.step(30_000);
}

const of = (world: World, word: string): string[] =>
  [...world.cloud.things.keys()].filter((key) => key.includes(word)).sort();

test("a removed file takes its resources with it, the event source first, its data and the foundation not", async () => {
  const world = await running({ "plants.json": {}, "stars.json": {} });
  world.cloud.calls.length = 0;
  await removed(world, "plants.json");
  assert.deepEqual(of(world, "plants"), ["bucket/plants-in", "bucket/plants-out"]);
  const deletions = world.cloud.writes().filter((write) => write.startsWith("delete"));
  assert.deepEqual(deletions, [
    "delete notification/plants",
    "delete function/pw-plants-grey",
    "delete queue/pw-plants-grey",
  ]);
  assert.equal(of(world, "stars").length, 5);
  assert.equal(world.cloud.things.has("role/lambda_exec_role"), true);
  assert.ok(world.engine.status().leftovers.some((one) => one.key === "bucket/plants-in"));
  await world.clock.until(world.engine.stop());
});

test("a workflow that goes while the daemon is down is known, though that was killed just after it came", async () => {
  const world = await running({ "stars.json": {} });
  let writes = 0;
  const { writeMarker } = world.folder;
  world.folder.writeMarker = async (content) => {
    writes += 1;
    await writeMarker(content);
  };
  world.write("plants.json", {});
  world.engine.changed("plants.json");
  await world.clock.step(1_000);
  assert.ok(of(world, "pw-plants").length > 0);
  world.crash();
  world.remove("plants.json");
  assert.equal(writes, 1);
  world.restart();
  await world.clock.until(world.engine.start());
  await world.clock.step(60_000);
  assert.deepEqual(of(world, "pw-plants"), []);
  await world.clock.until(world.engine.stop());
});

test("on_delete says what goes: nothing, all but data, or empty buckets too", async () => {
  const world = await running({
    "all.json": { onDelete: "retain-all" },
    "some.json": { onDelete: "retain-data" },
    "none.json": { onDelete: "delete" },
    "stays.json": {},
    "stays-too.json": {},
    "stays-as-well.json": {},
  });
  world.cloud.thing("bucket/none-in").holds = 3;
  await removed(world, "all.json", "some.json", "none.json");
  assert.equal(of(world, "pw-all-").length, 2);
  assert.deepEqual(of(world, "some"), ["bucket/some-in", "bucket/some-out"]);
  // A bucket with objects is never deleted; it goes once it is empty.
  assert.deepEqual(of(world, "none"), ["bucket/none-in"]);
  world.cloud.thing("bucket/none-in").holds = 0;
  await world.clock.step(300_000);
  assert.deepEqual(of(world, "none"), []);
  await world.clock.until(world.engine.stop());
});

test("as long as messages wait, what works on them stands", async () => {
  const world = await running({ "plants.json": {}, "stars.json": {} });
  world.cloud.thing("queue/pw-plants-grey").holds = 12;
  await removed(world, "plants.json");
  assert.equal(world.cloud.things.has("notification/plants"), false);
  assert.equal(world.cloud.things.has("function/pw-plants-grey"), true);
  assert.ok(world.engine.status().leftovers.some((one) => /12 messages wait/.test(one.why)));
  world.cloud.thing("queue/pw-plants-grey").holds = 0;
  await world.clock.step(30_000);
  assert.deepEqual(of(world, "pw-plants"), []);
  await world.clock.until(world.engine.stop());
});

test("a file that returns while its things go keeps what is left, and gets back what went", async () => {
  const world = await running({ "plants.json": {}, "stars.json": {} });
  const before = of(world, "plants");
  const made = { ...world.cloud.thing("queue/pw-plants-grey") };
  world.cloud.after = async ({ operation, key }) => {
    if (operation !== "delete" || key !== "notification/plants") return;
    world.write("plants.json", {});
    world.engine.changed("plants.json");
    await world.clock.sleep(100);
  };
  await removed(world, "plants.json");
  const deletions = world.cloud.writes().filter((write) => write.startsWith("delete"));
  assert.deepEqual(deletions, ["delete notification/plants"]);
  assert.equal(world.cloud.thing("queue/pw-plants-grey").id, made.id);
  assert.deepEqual(of(world, "plants"), before);
  await world.clock.until(world.engine.stop());
});

for (const seconds of [2, 8])
  test(`a file that is removed after ${seconds} s, while it is being set up, leaves nothing that nobody takes away`, async () => {
    const world = await running({ "stars.json": {} });
    world.cloud.before = async ({ operation, key }) => {
      if (operation === "create" && key === "queue/pw-plants-grey") await world.clock.sleep(20_000);
    };
    world.write("plants.json", {});
    world.engine.changed("plants.json");
    await world.clock.step(seconds * 1_000);
    await removed(world, "plants.json");
    await world.clock.step(60_000);
    assert.deepEqual(of(world, "plants"), ["bucket/plants-in", "bucket/plants-out"]);
    assert.deepEqual(world.folder.marker, { ...(world.folder.marker as object), workflows: ["stars"], pruning: [] });
    await world.clock.until(world.engine.stop());
  });

test("a step taken out of the file is taken away; things of the running pipeline are not", async () => {
  const world = await running({ "plants.json": { steps: ["grey", "edge"] } });
  world.cloud.put("task/run-1", { owner: OWNER, workflow: "plants", runtime: true });
  world.cloud.put("alarm/orphan", { owner: OWNER, workflow: "plants" });
  world.write("plants.json", { steps: ["grey"] });
  world.engine.changed("plants.json");
  await world.clock.step(30_000);
  assert.deepEqual(of(world, "edge"), []);
  assert.equal(world.cloud.things.has("function/pw-plants-grey"), true);
  assert.equal(world.cloud.things.has("task/run-1"), true);
  assert.equal(world.cloud.things.has("alarm/orphan"), false);
  await world.clock.until(world.engine.stop());
});

test("what is foreign, adopted, or was set up from elsewhere is never touched", async () => {
  const world = await running({ "plants.json": { adopt: ["bucket/plants-in"], onDelete: "delete" }, "stars.json": {} });
  world.cloud.put("function/pw-plants-theirs");
  world.cloud.put("queue/pw-elsewhere-grey", { owner: OWNER, workflow: "elsewhere" });
  world.cloud.put("queue/pw-other-owner", { owner: "someone", workflow: "plants" });
  world.cloud.thing("bucket/plants-in").adopted = true;
  await removed(world, "plants.json");
  assert.deepEqual(of(world, "plants"), ["bucket/plants-in", "function/pw-plants-theirs"]);
  assert.equal(world.cloud.things.has("queue/pw-elsewhere-grey"), true);
  assert.equal(world.cloud.things.has("queue/pw-other-owner"), true);
  await world.clock.until(world.engine.stop());
});

test("a bucket that two workflows share stays as long as one of them lives", async () => {
  const world = await running({
    "first.json": { output: "between", onDelete: "delete" },
    "second.json": { input: "between", onDelete: "delete" },
  });
  await removed(world, "first.json");
  assert.equal(world.cloud.things.has("bucket/between"), true);
  assert.equal(world.cloud.things.has("bucket/first-in"), false);
  assert.equal(condition(world.engine.status(), "second", "Ready").status, "True");
  await world.clock.until(world.engine.stop());
});

test("another name is another workflow: the old one goes, the new one comes, the shared buckets stay", async () => {
  const file = { input: "photos", output: "results" };
  const world = await running({ "plants.json": { ...file, name: "old" } });
  world.write("plants.json", { ...file, name: "new" });
  world.engine.changed("plants.json");
  await world.clock.step(60_000);
  assert.deepEqual(of(world, "old"), []);
  assert.equal(world.cloud.things.has("notification/new"), true);
  assert.equal(world.cloud.things.has("bucket/photos"), true);
  await world.clock.until(world.engine.stop());
});

test("with the last file goes what all shared, its data not", async () => {
  const world = await running({ "plants.json": { onDelete: "delete" } });
  await removed(world, "plants.json");
  await world.clock.step(30_000);
  assert.deepEqual([...world.cloud.things.keys()], ["bucket/control"]);
  await world.clock.until(world.engine.stop());
});

test("an empty folder that never held anything takes nothing away", async () => {
  const world = createWorld();
  world.cloud.put("role/lambda_exec_role", { owner: OWNER, workflow: "@foundation" });
  world.cloud.put("queue/pw-elsewhere-grey", { owner: OWNER, workflow: "elsewhere" });
  await world.clock.until(world.engine.start());
  await world.clock.step(3_600_000);
  assert.equal(world.cloud.things.size, 2);
  await world.clock.until(world.engine.stop());
});

test("when more than half vanish at once nothing is deleted, until a person says so or the files return", async () => {
  const files = ["a.json", "b.json", "c.json", "d.json"];
  const world = await running(Object.fromEntries(files.map((file) => [file, {}])));
  const before = world.cloud.things.size;
  await removed(world, "a.json", "b.json", "c.json");
  await world.clock.step(3_600_000);
  assert.equal(world.cloud.things.size, before);
  assert.match(world.engine.status().brake ?? "", /3 of 4 workflows vanished at once/);

  for (const file of files) world.write(file, {});
  for (const file of files) world.engine.changed(file);
  await world.clock.step(30_000);
  assert.equal(world.engine.status().brake, undefined);

  await removed(world, "a.json", "b.json", "c.json");
  const command = createCommand(world);
  assert.deepEqual(await world.clock.until(command.prunable()), ["a", "b", "c"]);
  assert.equal((await world.clock.until(command.prune())).ok, true);
  assert.deepEqual(of(world, "pw-a-"), []);
  assert.equal(of(world, "pw-d-").length, 2);
  await world.clock.step(300_000);
  assert.equal(world.engine.status().brake, undefined);
  await world.clock.until(world.engine.stop());
});

/** Another process over the same folder and account; the daemon goes on. */
function createCommand(world: World) {
  const daemon = world.engine;
  const command = world.restart();
  world.engine = daemon;
  return command;
}

test("a folder emptied with its marker, unmounted, or unreadable deletes nothing and says why", async () => {
  const world = await running({ "plants.json": {} });
  const before = world.cloud.things.size;
  world.folder.marker = undefined;
  await removed(world, "plants.json");
  await world.clock.step(3_600_000);
  assert.equal(world.cloud.things.size, before);
  assert.match(world.engine.status().brake ?? "", /^the file of plants and the folder's marker .* are gone/);
  await world.clock.until(world.engine.stop());
  // Nor does the next process, though its folder looks like a new one.
  await world.clock.until(world.restart().start());
  await world.clock.step(3_600_000);
  assert.equal(world.cloud.things.size, before);
  await world.clock.until(world.engine.stop());

  const other = await running({ "plants.json": {} });
  other.folder.complete = false;
  await other.clock.step(3_600_000);
  assert.equal(other.cloud.things.size, before);
  assert.equal(other.engine.status().folderProblem, "unreadable");
  assert.equal(condition(other.engine.status(), "plants", "Ready").status, "True");
  await other.clock.until(other.engine.stop());
});

test("a read-only folder always asks, and takes a yes", async () => {
  const world = createWorld();
  world.folder.writable = false;
  world.write("plants.json", {});
  world.write("stars.json", {});
  await world.clock.until(world.engine.start());
  await world.clock.step(20_000);
  await removed(world, "plants.json");
  await world.clock.step(3_600_000);
  assert.equal(world.cloud.things.has("function/pw-plants-grey"), true);
  assert.match(world.engine.status().brake ?? "", /read-only/);
  await world.clock.until(world.engine.stop());
  await world.clock.until(world.restart().prune());
  assert.deepEqual(of(world, "pw-plants"), []);
});

test("a file that went bad is not a removed one, and as long as one is bad nothing at all is taken away", async () => {
  const world = await running({ "plants.json": {}, "stars.json": {}, "moons.json": {} });
  world.write("plants.json", "{ bad");
  world.engine.changed("plants.json");
  await removed(world, "stars.json");
  await world.clock.step(600_000);
  assert.equal(of(world, "pw-").length, 6);
  world.write("plants.json", {});
  world.engine.changed("plants.json");
  await world.clock.step(60_000);
  assert.deepEqual(of(world, "pw-stars"), []);
  assert.equal(of(world, "pw-plants").length, 2);
  await world.clock.until(world.engine.stop());
});

test("run --once prunes as the daemon does", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  world.write("stars.json", {});
  await world.clock.until(world.engine.once());
  world.remove("plants.json");
  const report = await world.clock.until(world.restart().once());
  assert.equal(report.ok, true);
  assert.deepEqual(of(world, "pw-plants"), []);
  assert.equal(report.collected.deleted.length, 3);
});

test("what all share does not shrink while a file cannot be read", async () => {
  const world = await running({ "plants.json": { cluster: "a" }, "stars.json": { cluster: "b" } });
  assert.deepEqual(world.cloud.thing("role/lambda_exec_role").fields.clusters, ["a", "b"]);
  await world.clock.until(world.engine.stop());
  world.write("stars.json", "{ bad");
  world.write("moons.json", { cluster: "c" });
  await world.clock.until(world.restart().start());
  await world.clock.step(60_000);
  assert.ok((world.cloud.thing("role/lambda_exec_role").fields.clusters as string[]).includes("b"));
  world.write("stars.json", { cluster: "d" });
  world.engine.changed("stars.json");
  await world.clock.step(60_000);
  assert.deepEqual(world.cloud.thing("role/lambda_exec_role").fields.clusters, ["a", "c", "d"]);
  await world.clock.until(world.engine.stop());
});

test("what cannot be added to the shared part without taking something away is said", async () => {
  const world = await running({ "plants.json": { cluster: "a" } });
  await world.clock.until(world.engine.stop());
  world.remove("plants.json");
  world.folder.list = async () => ({
    files: ["stars.json"],
    complete: false,
  });
  world.write("stars.json", { cluster: "b" });
  const report = await world.clock.until(world.restart().apply());
  assert.equal(report.ok, false);
  assert.equal(condition(report.status, "stars", "Ready").reason, "HeldBack");
  assert.deepEqual(world.cloud.thing("role/lambda_exec_role").fields.clusters, ["a"]);
});

test("an inventory that lags behind makes nothing be deleted twice, and ends", async () => {
  const world = createWorld();
  world.write("plants.json", { steps: ["grey", "edge"] });
  await world.clock.until(world.engine.once());
  world.write("plants.json", { steps: ["grey"] });
  world.cloud.listsToo.push("queue/pw-plants-edge", "function/pw-plants-edge");
  const report = await world.clock.until(world.restart().once());
  assert.equal(report.ok, true);
  assert.deepEqual(report.collected.deleted.length, 2);
  assert.deepEqual(of(world, "edge"), []);
});
