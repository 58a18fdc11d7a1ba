import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "../../src/core/ports.ts";
import { createWorld, type World } from "./world.ts";

interface Line {
  readonly level: "info" | "warn";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a daemon's log says of its folder; what was written is left out. */
function recorder(): { log: Log; told(): string[]; lines: Line[] } {
  const lines: Line[] = [];
  const at =
    (level: Line["level"]) =>
    (fields: object, message: string): void => {
      if (/brake|marker|folder|file/.test(message)) lines.push({ level, message, fields: { ...fields } });
    };
  const log: Log = { debug() {}, info: at("info"), warn: at("warn"), error() {}, child: () => log };
  return { log, lines, told: () => lines.splice(0).map(({ level, message }) => `${level} ${message}`) };
}

async function daemon(log: Log, ...names: readonly string[]): Promise<World> {
  const world = createWorld({ log });
  for (const name of names) world.write(`${name}.json`, {});
  await world.clock.until(world.engine.start());
  await world.clock.step(20_000);
  return world;
}

async function changed(world: World, file: string): Promise<void> {
  world.engine.changed(file);
  await world.clock.step(60_000);
}

test("the log says once when the brake goes on, why and what to do, and when it goes off", async () => {
  const { log, lines, told } = recorder();
  const world = await daemon(log, "plants", "stars", "moons");
  assert.deepEqual(told(), []);
  world.files.clear();
  await changed(world, "plants.json");
  await world.clock.step(600_000);
  assert.match(String(lines[0]?.fields.why), /3 of 3 workflows .*Bring the files back, or say `pipewright prune/);
  assert.deepEqual(told(), ["warn the brake is on: nothing is pruned"]);
  for (const name of ["plants", "stars", "moons"]) world.write(`${name}.json`, {});
  await changed(world, "plants.json");
  await world.clock.step(600_000);
  assert.deepEqual(told(), ["info the brake is off: what vanishes is pruned again"]);
  await world.clock.until(world.engine.stop());
});

test("the log says when the folder's marker is gone, and when it is back", async () => {
  const { log, told } = recorder();
  const world = await daemon(log, "plants");
  const { marker } = world.folder;
  world.folder.marker = undefined;
  world.remove("plants.json");
  await changed(world, "plants.json");
  await world.clock.step(600_000);
  assert.deepEqual(told(), ["warn the folder's marker is gone", "warn the brake is on: nothing is pruned"]);
  world.folder.marker = marker;
  world.write("plants.json", {});
  await changed(world, "plants.json");
  await world.clock.step(600_000);
  assert.deepEqual(told(), [
    "info the folder's marker is back",
    "info the brake is off: what vanishes is pruned again",
  ]);
  // Without it, and with all files there, a new one is written.
  world.folder.marker = undefined;
  await world.clock.step(600_000);
  assert.deepEqual(told(), ["warn the folder's marker is gone", "info the folder's marker is back"]);
  await world.clock.until(world.engine.stop());
});

test("the log says when the folder cannot be read, and when it can again", async () => {
  const { log, lines, told } = recorder();
  const world = await daemon(log, "plants");
  world.folder.complete = false;
  await world.clock.step(600_000);
  assert.equal(lines[0]?.fields.why, "unreadable");
  assert.deepEqual(told(), ["warn the folder cannot be read: what stands is kept, nothing is pruned"]);
  world.folder.complete = true;
  await world.clock.step(600_000);
  assert.deepEqual(told(), ["info the folder can be read again"]);
  await world.clock.until(world.engine.stop());
});

test("the log names a bad file, one that was there at the start too, and says when it is good again", async () => {
  const { log, lines, told } = recorder();
  const world = createWorld({ log });
  world.write("plants.json", "{ bad");
  world.write("stars.json", {});
  await world.clock.until(world.engine.start());
  await world.clock.step(600_000);
  assert.equal(lines[0]?.fields.file, "plants.json");
  assert.deepEqual(told(), ["warn file is bad"]);
  world.write("plants.json", {});
  world.write("stars.json", "{ half");
  await changed(world, "plants.json");
  assert.deepEqual(
    lines.splice(0).map(({ fields, message }) => `${fields.file}: ${message}`),
    ["plants.json: file is good again, or gone", "stars.json: file is bad"],
  );
  await world.clock.until(world.engine.stop());
});

test("a file that may only be half-written is neither called bad nor good", async () => {
  const { log, told } = recorder();
  const world = await daemon(log, "plants");
  world.write("plants.json", "{ half");
  world.engine.changed("plants.json");
  await world.clock.step(0);
  assert.deepEqual(told(), []);
  world.write("plants.json", {});
  await changed(world, "plants.json");
  assert.deepEqual(told(), []);
  await world.clock.until(world.engine.stop());
});
