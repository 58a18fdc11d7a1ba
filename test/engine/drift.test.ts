import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "../../src/engine/engine.ts";
import { condition, createWorld, type World } from "./world.ts";

async function running(file: object): Promise<World> {
  const world = createWorld();
  world.write("plants.json", file);
  await world.clock.until(world.engine.start());
  await world.clock.step(10_000);
  world.cloud.calls.length = 0;
  return world;
}

const eventsOf = async (world: World): Promise<string[]> =>
  (await world.engine.history("plants")).map((entry) => `${entry.event} ${entry.key} ${entry.path}`.trim());

test("a field changed behind our back is detected, repaired, and only it is written", async () => {
  const world = await running({});
  world.cloud.thing("queue/pw-plants-grey").fields.retention = 4;
  await world.clock.step(40_000);
  assert.equal(world.cloud.thing("queue/pw-plants-grey").fields.retention, 10);
  assert.deepEqual(world.cloud.writes(), ["update queue/pw-plants-grey"]);
  const entries = (await world.engine.history("plants")).filter((entry) => entry.event.startsWith("drift"));
  assert.deepEqual(
    entries.map(({ event, path, want, have }) => ({ event, path, want, have })),
    [
      { event: "drift-detected", path: "retention", want: 10, have: 4 },
      { event: "drift-repaired", path: "retention", want: 10, have: 4 },
    ],
  );
  assert.equal(condition(world.engine.status(), "plants", "Drifted").status, "False");
  await world.clock.until(world.engine.stop());
});

test("what is deleted behind our back comes back, and that is drift too", async () => {
  const world = await running({});
  world.cloud.things.delete("queue/pw-plants-grey");
  await world.clock.step(40_000);
  assert.deepEqual(world.cloud.thing("queue/pw-plants-grey").fields, { visibility: 300, retention: 10 });
  // The function named the queue by its id, which is another one now.
  assert.equal(world.cloud.thing("function/pw-plants-grey").fields.queue, world.cloud.thing("queue/pw-plants-grey").id);
  const events = await eventsOf(world);
  assert.ok(events.includes("drift-detected queue/pw-plants-grey"));
  assert.ok(events.includes("drift-repaired queue/pw-plants-grey"));
  assert.ok(events.includes("updated function/pw-plants-grey queue"));
  await world.clock.until(world.engine.stop());
});

test("a change of the file is an update, not drift", async () => {
  const world = await running({ visibility: 300 });
  world.write("plants.json", { visibility: 600 });
  world.engine.changed("plants.json");
  await world.clock.step(1_000);
  assert.equal(world.cloud.thing("queue/pw-plants-grey").fields.visibility, 600);
  const events = await eventsOf(world);
  assert.ok(events.includes("updated queue/pw-plants-grey visibility"));
  assert.equal(events.filter((event) => event.startsWith("drift")).length, 0);
  await world.clock.until(world.engine.stop());
});

test("drift that is only to be reported is shown and counted once, and nothing is written", async () => {
  for (const wish of [{ drift: "report" }, { suspend: true }] as const) {
    const world = await running({});
    world.write("plants.json", wish);
    world.engine.changed("plants.json");
    await world.clock.step(1_000);
    const told: EngineEvent[] = [];
    world.engine.subscribe((event) => told.push(event));
    world.cloud.calls.length = 0;
    world.cloud.thing("queue/pw-plants-grey").fields.retention = 4;
    world.cloud.things.delete("bucket/plants-out");
    await world.clock.step(120_000);
    assert.deepEqual(world.cloud.writes(), []);
    const status = world.engine.status();
    assert.equal(condition(status, "plants", "Drifted").status, "True");
    assert.equal(condition(status, "plants", "Synced").reason, "ReportOnly");
    assert.equal(condition(status, "plants", "Suspended").status, "suspend" in wish ? "True" : "False");
    const detected = told.filter((event) => event.type === "history" && event.entry.event === "drift-detected");
    assert.equal(detected.length, 2);
    await world.clock.until(world.engine.stop());
  }
});

test("a suspended workflow alone makes no foundation", async () => {
  const world = createWorld();
  world.write("plants.json", { suspend: true });
  await world.clock.until(world.engine.once());
  assert.deepEqual(world.cloud.writes(), []);
});

test("history outlives the process, and without it a repair is called an update", async () => {
  const world = await running({});
  await world.clock.until(world.engine.stop());
  world.cloud.thing("queue/pw-plants-grey").fields.retention = 4;
  await world.clock.until(world.restart().once());
  assert.ok((await eventsOf(world)).includes("drift-repaired queue/pw-plants-grey retention"));

  world.documents.clear();
  world.cloud.thing("queue/pw-plants-grey").fields.retention = 5;
  await world.clock.until(world.restart().once());
  assert.deepEqual(await eventsOf(world), ["updated queue/pw-plants-grey retention"]);
});

test("of names that were only asked for nothing is kept", async () => {
  const world = createWorld();
  assert.deepEqual(await world.engine.history("plants"), []);
  world.documents.set("history-plants.json", { entries: [{ workflow: "plants" }], synced: {} });
  assert.equal((await world.engine.history("plants")).length, 1);
});

test("history is bounded", async () => {
  const world = createWorld({ limits: { historyEntries: 5 } });
  world.write("plants.json", { steps: ["a", "b", "c"] });
  await world.clock.until(world.engine.once());
  const entries = await world.engine.history("plants");
  assert.equal(entries.length, 5);
  assert.equal(entries.at(-1)?.key, "notification/plants");
});
