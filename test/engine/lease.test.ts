import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "../../src/core/ports.ts";
import { type ConditionalObject, createLease } from "../../src/engine/lease.ts";
import type { Folder, Lock } from "../../src/engine/ports.ts";
import { silent } from "../support/silent.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createWorld } from "./world.ts";

const keptIn = "bucket/control";
const leaseMs = 30_000;

function createObject(): ConditionalObject & {
  body: string | undefined;
  down: boolean;
  afterPut: () => Promise<void>;
} {
  let version = 0;
  const object = {
    body: undefined as string | undefined,
    down: false,
    afterPut: async () => {},
    async get() {
      if (object.down) throw new Error("no answer");
      return object.body === undefined ? undefined : { etag: `v${version}`, body: object.body };
    },
    async putIfAbsent(body: string) {
      return object.body === undefined ? put(body) : undefined;
    },
    async putIfMatch(body: string, etag: string) {
      return object.body !== undefined && etag === `v${version}` ? put(body) : undefined;
    },
  };
  async function put(body: string): Promise<string> {
    if (object.down) throw new Error("no answer");
    object.body = body;
    const etag = `v${++version}`;
    await object.afterPut();
    return etag;
  }
  return object;
}

test("one holds, the other watches, and takes over once nothing has changed for the lease's time", async () => {
  const clock = createFakeClock();
  const object = createObject();
  const one = createLease({ object, keptIn, leaseMs, clock, log: silent, holder: "one" });
  const other = createLease({ object, keptIn, leaseMs, clock, log: silent, holder: "other" });
  await clock.until(one.start());
  await clock.until(other.start());
  await clock.step(300_000);
  assert.deepEqual([one.held, other.held], [true, false]);

  // The holder is cut off; its own deadline passes well before the other moves.
  const { get, putIfMatch } = object;
  let cutOff = true;
  object.putIfMatch = async (body, etag) => {
    if (cutOff && body.includes('"one"')) throw new Error("no answer");
    return putIfMatch(body, etag);
  };
  object.get = get;
  const { signal } = one;
  for (let second = 0; second < 60; second++) {
    await clock.step(1_000);
    assert.ok(!(one.held && other.held), "never both");
  }
  assert.equal(signal.aborted, true);
  assert.deepEqual([one.held, other.held], [false, true]);
  cutOff = false;
  await clock.step(60_000);
  assert.deepEqual([one.held, other.held], [false, true]);
  await clock.until(Promise.all([one.stop(), other.stop()]));
});

test("a clean stop is no loss: nothing is warned of", async () => {
  const clock = createFakeClock();
  const warnings: string[] = [];
  const log: Log = { ...silent, warn: (_fields, message) => void warnings.push(message) };
  const lease = createLease({ object: createObject(), keptIn, leaseMs, clock, log, holder: "one" });
  await clock.until(lease.start());
  await clock.until(lease.stop());
  assert.deepEqual([lease.held, lease.signal.aborted, warnings], [false, true, []]);
});

test("a clean stop hands the lease over without a wait", async () => {
  const clock = createFakeClock();
  const object = createObject();
  const one = createLease({ object, keptIn, leaseMs, clock, log: silent, holder: "one" });
  const other = createLease({ object, keptIn, leaseMs, clock, log: silent, holder: "other" });
  await clock.until(one.start());
  await clock.until(other.start());
  await clock.until(one.stop());
  await clock.step(8_000);
  assert.equal(other.held, true);
  await clock.until(other.stop());
});

test("an answer that comes after the deadline gives nothing", async () => {
  const clock = createFakeClock();
  const object = createObject();
  object.afterPut = () => clock.sleep(25_000);
  const one = createLease({ object, keptIn, leaseMs, clock, log: silent, holder: "one" });
  void one.start();
  await clock.step(25_500);
  assert.equal(one.held, false);
  object.afterPut = async () => {};
  await clock.step(10_000);
  assert.equal(one.held, true);
  await clock.until(one.stop());
});

test("of two daemons over one account one writes, and the other goes on where it is lost", async () => {
  const object = createObject();
  const world = createWorld();
  world.write("plants.json", {});
  const lease = (holder: string) => createLease({ object, keptIn, leaseMs, clock: world.clock, log: silent, holder });
  const first = world.restart({ lock: lease("first") });
  await world.clock.until(first.start());
  const second = world.restart({ lock: lease("second") });
  await world.clock.until(second.start());
  await world.clock.step(60_000);
  assert.equal(first.status().leader, true);
  assert.equal(second.status().leader, false);
  const [watched] = second.status().workflows;
  assert.deepEqual([watched?.name, watched?.conditions[0]?.reason], ["plants", "NotLookedAtYet"]);
  assert.equal(world.cloud.born.length, 8);

  await world.clock.until(first.stop());
  world.cloud.things.delete("queue/pw-plants-grey");
  await world.clock.step(120_000);
  assert.equal(second.status().leader, true);
  assert.equal(world.cloud.things.has("queue/pw-plants-grey"), true);
  await world.clock.until(second.stop());
});

/** A command that comes when another daemon's lease is held, or free. */
async function commandBeside({ held }: { held: boolean }) {
  const object = createObject();
  const world = createWorld();
  world.write("plants.json", {});
  await world.clock.until(world.engine.once());
  world.files.clear();
  const lease = (holder: string) => createLease({ object, keptIn, leaseMs, clock: world.clock, log: silent, holder });
  const other = lease("other");
  if (held) await world.clock.until(other.start());
  const lock = lease("command");
  return { engine: world.restart({ folder: undefined, lock }), lock, object, other, world };
}

test("a clean-up of all keeps the lease to its end: what holds it goes last", async () => {
  const { engine, object, world } = await commandBeside({ held: false });
  // As S3 does, and as IAM does when it is slow: each takes longer than a renewal is away.
  world.cloud.after = async ({ key, operation }) => {
    if (operation !== "delete") return;
    if (key === keptIn) object.body = undefined;
    await world.clock.sleep(10_000);
  };
  const report = await world.clock.until(engine.cleanUp({ names: "all", force: false }));
  assert.deepEqual([report.ok, report.failed], [true, []]);
  assert.deepEqual([...world.cloud.things.keys()], []);
  assert.equal(world.cloud.writes().at(-1), `delete ${keptIn}`);
  assert.equal(object.body, undefined);
  await world.clock.until(engine.stop());
});

test("a command that waits for the lease ends when it is told to, and has written nothing", async () => {
  const { engine, lock, other, world } = await commandBeside({ held: true });
  const before = world.cloud.writes().length;
  const command = engine.cleanUp({ names: "all", force: false });
  const ended = assert.rejects(command, /stopped .* another daemon holds the lease/);
  await world.clock.step(60_000);
  await world.clock.until(engine.stop());
  await world.clock.until(ended);
  await world.clock.until(other.stop());
  await world.clock.step(60_000);
  assert.equal(lock.held, false);
  assert.equal(world.cloud.writes().length, before);
});

test("a take-over that fails stands in the way of none that comes after", async () => {
  const world = createWorld();
  const { clock } = world;
  const listeners: ((held: boolean) => void)[] = [];
  let held = false;
  const lock: Lock = {
    get held() {
      return held;
    },
    ...{ keptIn, signal: new AbortController().signal, renewNoMore() {}, start: async () => {}, stop: async () => {} },
    onChange: (listener) => void listeners.push(listener),
  };
  const turn = (now: boolean) => {
    held = now;
    for (const listener of listeners) listener(now);
  };
  let broken = false;
  const folder: Folder = {
    ...world.folder,
    readMarker() {
      if (broken) throw new Error("a bug");
      return world.folder.readMarker();
    },
  };
  world.write("plants.json", {});
  const engine = world.restart({ lock, folder });
  await clock.until(engine.start());
  broken = true;
  turn(true);
  await clock.step(1_000);
  turn(false);
  broken = false;
  turn(true);
  await clock.step(60_000);
  assert.equal(world.cloud.born.length, 8);
  await clock.until(engine.stop());
});

test("who watches starts no pass, and who takes over makes everything once", async () => {
  const object = createObject();
  const world = createWorld();
  const { clock, cloud } = world;
  const lease = (holder: string) => createLease({ object, leaseMs, clock, log: silent, holder, keptIn });
  const other = lease("other");
  await clock.until(other.start());
  const engine = world.restart({ lock: lease("engine") });
  const started: string[] = [];
  engine.subscribe((event) => event.type === "pass-started" && started.push(event.workflow));
  await clock.until(engine.start());
  world.write("plants.json", {});
  engine.changed("plants.json");
  await clock.step(30_000);
  assert.deepEqual(started, []);

  // Passes that were asked for before would run beside those of the one who now acts.
  cloud.before = () => clock.sleep(50);
  await clock.until(other.stop());
  await clock.step(60_000);
  assert.equal(engine.status().leader, true);
  const creations = cloud.writes().filter((write) => write.startsWith("create "));
  assert.deepEqual(creations, [...new Set(creations)]);
  assert.equal(cloud.born.length, 8);
  await clock.until(engine.stop());
});
