import assert from "node:assert/strict";
import { test } from "node:test";
import type { Key } from "../../src/core/resource.ts";
import { createElsewhere } from "../../src/engine/elsewhere.ts";
import type { Catalog } from "../../src/engine/ports.ts";
import type { Problem } from "../../src/workflow/problem.ts";
import { createFakeClock } from "./fake-clock.ts";
import { condition, createWorld, toyCatalog } from "./world.ts";

/** An account in which workflows of other folders have these input buckets; `looks` counts how often they were looked for. */
function beside(taken: Set<string>) {
  const counted = { looks: 0 };
  const catalog: Catalog = {
    ...toyCatalog,
    async lookElsewhere() {
      counted.looks++;
      return "";
    },
    checkElsewhere: ({ file, name }) =>
      taken.has(name) ? [{ ...PROBLEM, file, message: `${name}-in is theirs` }] : [],
  };
  return { ...createWorld({ catalog }), counted };
}

const PROBLEM: Omit<Problem, "file" | "message"> = { line: 1, column: 1, path: "input_s3_name", severity: "error" };

test("what another folder's workflow has is refused before anything is written, and set up once that one is gone", async () => {
  const taken = new Set(["plants"]);
  const world = beside(taken);
  world.write("plants.json", {});
  await world.clock.until(world.engine.start());
  await world.clock.step(20_000);
  assert.deepEqual(world.cloud.writes(), []);
  const refused = condition(world.engine.status(), "plants", "Ready");
  assert.deepEqual([refused.status, refused.reason], ["False", "ClaimedElsewhere"]);
  assert.match(refused.message, /plants\.json:1:1 input_s3_name plants-in is theirs/);

  taken.clear();
  await world.clock.step(120_000);
  assert.equal(condition(world.engine.status(), "plants", "Ready").status, "True");
  await world.clock.until(world.engine.stop());
});

test("a workflow that stands is looked after all the same, but nothing of it is written over another's head", async () => {
  const taken = new Set<string>();
  const world = beside(taken);
  world.write("plants.json", {});
  world.write("stars.json", {});
  await world.clock.until(world.engine.once());
  taken.add("plants");
  world.restart();
  assert.equal((await world.clock.until(world.engine.once())).ok, true);
  world.cloud.thing("queue/pw-plants-grey").fields.visibility = 1;
  world.cloud.thing("queue/pw-stars-grey").fields.visibility = 1;
  world.cloud.calls.length = 0;
  world.restart();
  const report = await world.clock.until(world.engine.once());
  assert.deepEqual(world.cloud.writes(), ["update queue/pw-stars-grey"]);
  assert.equal(condition(report.status, "plants", "Ready").reason, "ClaimedElsewhere");
});

test("passes that have nothing to write do not look for others' workflows", async () => {
  const world = beside(new Set());
  for (let number = 0; number < 20; number++) world.write(`plants-${number}.json`, {});
  await world.clock.until(world.engine.start());
  await world.clock.step(60_000);
  world.counted.looks = 0;
  world.cloud.calls.length = 0;
  await world.clock.step(300_000);
  const passes = (key: string) => world.cloud.calls.filter((call) => call.key === key && call.operation === "read");
  assert.ok(passes("queue/pw-plants-7-grey").length > 3);
  assert.ok(world.counted.looks <= passes("bucket/control").length + 1, `${world.counted.looks} looks`);
  await world.clock.until(world.engine.stop());
});

test("whoever asks while a look is under way shares the next one", async () => {
  const asked: ReadonlySet<string>[] = [];
  const answers: ((text: string) => void)[] = [];
  const catalog: Catalog = {
    ...toyCatalog,
    lookElsewhere: (inForce) => {
      asked.push(inForce);
      return new Promise((resolve) => answers.push(resolve));
    },
  };
  const clock = createFakeClock();
  const elsewhere = createElsewhere({
    catalog,
    clock,
    seenHere: async () => new Set(),
    asked: new AbortController().signal,
  });
  const first = elsewhere.look(new Map());
  await clock.step(0);
  const others = [elsewhere.look(new Map()), elsewhere.look(new Map())];
  await clock.step(5_000);
  assert.equal(asked.length, 1);
  answers[0]!("one");
  assert.equal(await first, "one");
  await clock.step(0);
  assert.equal(asked.length, 2);
  answers[1]!("two");
  assert.deepEqual(await Promise.all(others), ["two", "two"]);
});

test("a daemon that starts with many workflows looks for others' once a second at most", async () => {
  const world = beside(new Set());
  for (let number = 0; number < 100; number++) world.write(`plants-${number}.json`, {});
  const { monotonic } = world.clock;
  await world.clock.until(world.engine.once());
  assert.equal(world.engine.status().workflows.length, 100);
  assert.ok(world.counted.looks <= 10 + monotonic() / 1_000, `${world.counted.looks} looks in ${monotonic()} ms`);
});

test("what was of this folder is its own to replace, but not while its file is only bad", async () => {
  const asked: (readonly string[])[] = [];
  const catalog: Catalog = {
    ...toyCatalog,
    checkElsewhere(_workflow, _beside, except) {
      asked.push([...except].sort());
      return [];
    },
  };
  const world = createWorld({ catalog });
  for (const name of ["grass", "herbs", "plants"]) world.write(`${name}.json`, {});
  await world.clock.until(world.engine.once());
  world.restart();
  world.remove("plants.json");
  world.write("herbs.json", "{ bad");
  world.write("trees.json", {});
  await world.clock.until(world.engine.apply());
  assert.deepEqual(asked.at(-1), ["grass", "plants", "trees"]);
});

test("a stop does not wait until it is time for another look", async () => {
  const world = beside(new Set());
  for (let number = 0; number < 100; number++) world.write(`plants-${number}.json`, {});
  await world.clock.until(world.engine.start());
  await world.clock.step(10);
  const { monotonic } = world.clock;
  const askedMs = monotonic();
  await world.clock.until(world.engine.stop());
  assert.ok(monotonic() - askedMs < 2_000, `${monotonic() - askedMs} ms`);
});

/** An account in which another folder keeps these workflows; what they use is told as long as they are not left out. */
function keptThere(kept: Set<string>, uses: ReadonlyMap<Key, string> = new Map()) {
  const asked: ReadonlySet<string>[] = [];
  const catalog: Catalog = {
    ...toyCatalog,
    async lookElsewhere(inForce) {
      asked.push(inForce);
      return "";
    },
    folderOf: async (workflow) => (kept.has(workflow) ? "there" : undefined),
    usedElsewhere: (except) => new Map([...uses].filter(([, workflow]) => !except.has(workflow))),
  };
  return { ...createWorld({ catalog }), asked };
}

test("what another folder's workflow uses is not pruned, though one of its name goes from this folder too", async () => {
  const kept = new Set<string>();
  const world = keptThere(kept, new Map([["bucket/fruit", "jam"]]));
  world.write("plants.json", { output: "fruit", onDelete: "delete" });
  world.write("jam.json", { input: "fruit", onDelete: "delete" });
  await world.clock.until(world.engine.once());
  kept.add("jam");
  world.folder.marker = { ...(world.folder.marker as object), folder: "here" };
  world.remove("plants.json");
  world.remove("jam.json");
  world.restart();
  await world.clock.until(world.engine.once());
  assert.equal(world.cloud.things.has("queue/pw-plants-grey"), false);
  assert.equal(world.cloud.things.has("queue/pw-jam-grey"), true);
  assert.equal(world.cloud.things.has("bucket/fruit"), true);
});

test("who takes something away counts a workflow that another folder keeps among the others", async () => {
  const world = keptThere(new Set(["jam"]));
  world.write("plants.json", {});
  world.write("jam.json", {});
  await world.clock.until(world.engine.start());
  await world.clock.step(60_000);
  assert.equal(condition(world.engine.status(), "jam", "Ready").reason, "ClaimedElsewhere");
  world.asked.length = 0;
  world.remove("plants.json");
  world.engine.changed("plants.json");
  await world.clock.step(120_000);
  assert.equal(world.cloud.things.has("queue/pw-plants-grey"), false);
  assert.deepEqual(
    world.asked.filter((inForce) => inForce.has("jam")),
    [],
  );
  await world.clock.until(world.engine.stop());
});

test("a folder that takes no marker writes as ever, and asks nobody", async () => {
  const world = keptThere(new Set(["plants"]));
  world.folder.writable = false;
  world.write("plants.json", {});
  await world.clock.until(world.engine.start());
  await world.clock.step(60_000);
  assert.equal(condition(world.engine.status(), "plants", "Ready").status, "True");
  await world.clock.until(world.engine.stop());
});

test("a marker that an older version wrote again gets back the folder's id", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  await world.clock.until(world.engine.start());
  await world.clock.step(60_000);
  await world.clock.until(world.engine.stop());
  const { folder: id, ...older } = world.folder.marker as { folder: string };
  assert.match(id, /^\w{16}$/);
  world.folder.marker = older;
  world.restart({ random: () => 0.25 });
  await world.clock.until(world.engine.start());
  await world.clock.step(60_000);
  assert.equal((world.folder.marker as { folder: string }).folder, id);
  await world.clock.until(world.engine.stop());
});
