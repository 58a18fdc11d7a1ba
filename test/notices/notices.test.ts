import assert from "node:assert/strict";
import { test } from "node:test";
import type { StepCounts } from "../../src/data/data.ts";
import type { Lock } from "../../src/engine/ports.ts";
import { startNotices } from "../../src/notices/notices.ts";
import { createWorld, type World } from "../engine/world.ts";
import { silent } from "../support/silent.ts";

/** An engine at work on `plants.json`, and the lines that people are sent. */
async function watched(world: World, file: object | string = {}) {
  const lines: string[] = [];
  world.write("plants.json", file);
  let counts: readonly StepCounts[] = [];
  let roundOver = (): void => {};
  let setUp = true;
  let delivers = true;
  const notices = await startNotices({
    ...{ clock: world.clock, log: silent, engine: world.engine },
    store: {
      read: async (name) => world.documents.get(name),
      write: async (name, document) => void world.documents.set(name, document),
    },
    samples: {
      latest: () => counts,
      start: () => {},
      isSetUp: () => setUp,
      subscribe(listener) {
        roundOver = listener;
        return () => {};
      },
    },
    webhook: {
      add(news, taken) {
        lines.push(...news);
        if (delivers) taken?.();
      },
      stop: async () => {},
    },
  });
  await world.clock.until(world.engine.start());
  await world.clock.step(20_000);
  return {
    lines,
    /** A round over the queues of the only step. */
    counted(...found: { dead: number; undelivered?: number }[]) {
      const others = { workflow: "plants", step: "grey", queued: 0, inFlight: 0, undelivered: 0 };
      counts = found.map((one) => ({ ...others, ...one }));
      roundOver();
    },
    /** From now on nothing that is sent arrives. */
    breakOff() {
      delivers = false;
    },
    /** From now on the steps are not set up. */
    tearDown() {
      setUp = false;
    },
    /** What came since the last time. */
    news: () => lines.splice(0),
    async rewrite(content: object | string) {
      world.write("plants.json", content);
      world.engine.changed("plants.json");
      await world.clock.step(20_000);
    },
    async end() {
      await notices.stop();
      await world.clock.until(world.engine.stop());
    },
  };
}

test("a workflow that comes to stand is no news", async () => {
  const { end, lines } = await watched(createWorld());
  assert.deepEqual(lines, []);
  await end();
});

test("a workflow that stalls is told once with its reason, and once when it goes on", async () => {
  const world = createWorld();
  const { end, news, rewrite } = await watched(world);
  await rewrite("{ this is no JSON");
  await world.clock.step(300_000);
  assert.deepEqual(news(), ["plants is stalled (BadFile): plants.json:1:1 is no JSON"]);
  await rewrite({});
  await world.clock.step(300_000);
  assert.deepEqual(news(), ["plants goes on: it is stalled no more"]);
  await end();
});

test("another reason is news", async () => {
  const { end, news, rewrite } = await watched(createWorld());
  await rewrite("{");
  assert.match(news().join(), /^plants is stalled \(BadFile\)/);
  await rewrite({ account: "999999999999" });
  assert.match(news().join(), /^plants is stalled \(NotOfThisAccount\)/);
  await end();
});

test("drift is told when it is seen and when it is repaired, a field that drifts again and again once an hour", async () => {
  const world = createWorld();
  const { end, news } = await watched(world);
  const change = async () => {
    world.cloud.thing("queue/pw-plants-grey").fields.retention = 4;
    await world.clock.step(60_000);
  };
  await change();
  assert.deepEqual(news(), [
    "plants: drift: queue/pw-plants-grey: retention is 4, wanted 10",
    "plants: repaired: queue/pw-plants-grey, retention",
  ]);
  await change();
  assert.deepEqual(news(), []);
  await world.clock.step(3_600_000);
  await change();
  assert.equal(news().length, 2);
  await end();
});

test("files among the dead letters are told when there are some, when they have doubled, and when none is left", async () => {
  const { counted, end, news } = await watched(createWorld());
  for (const dead of [0, 2, 2, 3, 4, 7]) counted({ dead });
  assert.deepEqual(
    news().map((line) => line.slice(0, 47)),
    ["plants: 2 files of step grey could not be proce", "plants: 4 files of step grey could not be proce"],
  );
  // A round that could not count this step says nothing of it.
  counted();
  assert.deepEqual(news(), []);
  counted({ dead: 0, undelivered: 1 });
  assert.deepEqual(news(), [
    "plants: no file of step grey is left among the dead letters",
    "plants: one event of step grey never reached the queue; `pipewright redrive plants` brings the files back",
  ]);
  await end();
});

test("a folder that cannot be read ends no trouble", async () => {
  const world = createWorld();
  const first = await watched(world, "{ this is no JSON");
  await first.rewrite({ account: "999999999999" });
  assert.match(first.news().join(), /is stalled/);
  await first.end();
  world.folder.complete = false;
  world.restart();
  const second = await watched(world, { account: "999999999999" });
  assert.deepEqual(second.news(), []);
  world.folder.complete = true;
  await world.clock.step(300_000);
  assert.deepEqual(second.news(), []);
  await second.end();
});

test("the brake is told, and that it is off", async () => {
  const world = createWorld();
  for (const name of ["a", "b", "c"]) world.write(`${name}.json`, {});
  const { end, news } = await watched(world);
  const files = new Map(world.files);
  for (const file of files.keys()) world.remove(file);
  for (const file of files.keys()) world.engine.changed(file);
  await world.clock.step(60_000);
  assert.match(news().join("\n"), /^Nothing is taken away: /m);
  for (const [file, text] of files) world.write(file, text);
  for (const file of files.keys()) world.engine.changed(file);
  await world.clock.step(120_000);
  assert.match(news().join("\n"), /^The brake is off: from now on, /m);
  await end();
});

test("a restart repeats nothing, and tells what came to an end meanwhile", async () => {
  const world = createWorld();
  const first = await watched(world, { account: "999999999999" });
  assert.equal(first.news().length, 1);
  await first.end();
  world.restart();
  const second = await watched(world, { account: "999999999999" });
  assert.deepEqual(second.news(), []);
  await second.end();
  world.restart();
  const third = await watched(world, {});
  assert.deepEqual(third.news(), ["plants goes on: it is stalled no more"]);
  await third.end();
});

test("what never arrived is told again after a restart", async () => {
  const world = createWorld();
  const first = await watched(world);
  first.counted({ dead: 1 });
  assert.equal(first.news().length, 1);
  first.breakOff();
  await first.rewrite({ account: "999999999999" });
  assert.match(first.news().join(), /is stalled/);
  await first.end();
  world.restart();
  const second = await watched(world, { account: "999999999999" });
  second.counted({ dead: 1 });
  assert.match(second.news().join("\n"), /^plants is stalled [^\n]*$/);
  await second.end();
});

test("what was told of steps that are not set up any more is forgotten", async () => {
  const world = createWorld();
  const { counted, end, news, rewrite, tearDown } = await watched(world);
  counted({ dead: 1, undelivered: 1 });
  assert.equal(news().length, 2);
  tearDown();
  counted();
  assert.deepEqual(news(), []);
  await rewrite({ account: "999999999999" });
  assert.deepEqual(Object.keys(world.documents.get("notices.json") as object), ["stalled plants"]);
  await end();
});

test("a daemon that only watches tells nothing", async () => {
  const watching: Lock = {
    held: false,
    keptIn: "bucket/control",
    renewNoMore: () => {},
    signal: new AbortController().signal,
    start: async () => {},
    stop: async () => {},
    onChange: () => {},
  };
  const { counted, end, lines } = await watched(createWorld({ lock: watching }));
  counted({ dead: 3 });
  assert.deepEqual(lines, []);
  await end();
});
