import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { accountOf, leftIn } from "./account.ts";
import { eventually, pipewright, startDaemon } from "./program.ts";
import { watching } from "./watching.ts";
import { createWorld, example, isLocal, localOnly, type World } from "./world.ts";

/** A workflow as small as the sample, with buckets of its own. */
const small = (name: string, fields: object = {}): Promise<object> =>
  example("change123", { input_s3_name: `${name}-input`, output_s3_name: `${name}-output`, ...fields });

/** Names of what there is of a workflow, by kind. */
async function of(world: World, name: string): Promise<string[]> {
  const kinds = await leftIn(world.sdk);
  return kinds.filter((one) => new RegExp(`[-/]${name}(-(input|output)|-change123-s3|/change123-s3|$)`).test(one));
}

const bucketsOf = (name: string): string[] => [`bucket/${name}-input`, `bucket/${name}-output`];

/** The folder's workflows stand, and the folder's marker knows them. */
async function standing(t: Parameters<typeof createWorld>[0], files: Record<string, object>): Promise<World> {
  const world = await createWorld(t);
  for (const [name, fields] of Object.entries(files)) await world.write(`${name}.json`, await small(name, fields));
  const { result } = await world.doing(({ engine }) => engine.once());
  assert.equal(result.ok, true, JSON.stringify(result.status.workflows.map((one) => one.conditions[0])));
  return world;
}

async function emptyFolder(world: World, but: readonly string[] = []): Promise<void> {
  for (const entry of await readdir(world.folder)) {
    if (!but.includes(entry)) await rm(join(world.folder, entry), { recursive: true });
  }
}

describe("the daemon", { concurrency: isLocal, skip: localOnly }, () => {
  test("a dropped file is acted on at once, kept so, and SIGTERM ends it with exit 0", async (t) => {
    const world = await createWorld(t);
    const { calls } = world.backend.cloud!;
    const daemon = startDaemon(world, t);
    await daemon.logged(({ msg }) => msg === "watching", "that it watches");
    calls.clear();
    const dropped = Date.now();
    await world.write("plants.json", await small("plants"));
    const first = await eventually("a call was made", () => calls.list()[0]);
    const tookMs = first.at - dropped;
    await eventually("the pipeline stands", async () => (await accountOf(world.sdk)).notification?.length === 1);
    // Beside the marker, the folder is as it was.
    assert.deepEqual((await readdir(world.folder)).sort(), ["algorithms", "pipewright-folder.json", "plants.json"]);

    const asked = performance.now();
    assert.equal(await daemon.stop("SIGTERM"), 0);
    const stoppedMs = performance.now() - asked;
    assert.ok(stoppedMs < 30_000, `${stoppedMs} ms`);
    console.log(`file dropped → first call after ${tookMs} ms; SIGTERM → ended after ${Math.round(stoppedMs)} ms`);
  });

  test("SIGTERM in the middle of a convergence ends it with exit 0, and the next start completes it", async (t) => {
    const world = await createWorld(t);
    const { calls } = world.backend.cloud!;
    await world.write("plants.json", await small("plants"));
    const daemon = startDaemon(world, t);
    await eventually("something was written", () => calls.count({ write: true }) >= 10);
    const asked = performance.now();
    assert.equal(await daemon.stop("SIGTERM"), 0);
    assert.ok(performance.now() - asked < 30_000);
    assert.equal((await accountOf(world.sdk)).notification?.length, 0);
    assert.equal((await world.apply()).result.ok, true);
  });

  test("a removed file's resources go as its on_delete says", async (t) => {
    const world = await standing(t, {
      all: { on_delete: "retain-all" },
      data: { on_delete: "retain-data" },
      none: { on_delete: "delete" },
      full: { on_delete: "delete" },
    });
    await world.sdk.s3.send(new PutObjectCommand({ Bucket: "full-output", Key: "Result-1", Body: "1" }));
    const before = await of(world, "all");
    assert.ok(before.length > 15, before.join());
    const daemon = startDaemon(world, t);
    await daemon.logged(({ msg }) => msg === "watching", "that it watches");
    // Two at once are no mass.
    for (const names of [
      ["all", "none"],
      ["full", "data"],
    ]) {
      for (const name of names) await world.remove(`${name}.json`);
      await eventually(
        `the last of ${names} is gone`,
        async () => {
          const left = await of(world, names[1]!);
          return left.every((one) => /^(bucket|object)\//.test(one));
        },
        40_000,
      );
    }
    await eventually(
      "the rest is gone",
      async () => (await of(world, "full")).every((one) => /^(bucket|object)\//.test(one)),
      40_000,
    );
    assert.deepEqual(await of(world, "all"), before);
    assert.deepEqual(await of(world, "none"), []);
    assert.deepEqual(await of(world, "data"), bucketsOf("data"));
    assert.deepEqual(await of(world, "full"), ["bucket/full-output", "object/full-output/Result-1"]);
    assert.equal(await daemon.stop(), 0);
  });

  test("a folder that is emptied with its marker, as if unmounted, takes nothing away, and status says why", async (t) => {
    const world = await standing(t, { plants: {}, stars: {} });
    const before = await accountOf(world.sdk);
    const daemon = await watching(world);
    await emptyFolder(world);
    const why = await eventually("the brake is on", () => daemon.status().brake);
    assert.match(
      why,
      /marker pipewright-folder\.json are gone.*Bring the files back, or say `pipewright prune --confirm`/,
    );
    await daemon.stop();
    assert.deepEqual(await accountOf(world.sdk), before);
    assert.deepEqual(daemon.writes, []);
    const status = await pipewright(world, ["status"]);
    assert.match(status.out, /nothing is pruned: the files of plants, stars and the folder's marker/);
  });

  test("most of the files gone at once: nothing is taken away until they are back, or a person confirms", async (t) => {
    const world = await standing(t, { one: {}, two: {}, three: {}, four: {} });
    const before = await accountOf(world.sdk);
    const aside = join(world.root, "aside");
    await mkdir(aside);
    const daemon = await watching(world);
    const names = ["one", "two", "three"];
    for (const name of names) await rename(join(world.folder, `${name}.json`), join(aside, `${name}.json`));
    const why = await eventually("the brake is on", () => daemon.status().brake);
    assert.match(why, /3 of 4 workflows vanished at once \(one, three, two\)/);
    assert.deepEqual(await accountOf(world.sdk), before);

    const [first = "", ...others] = names;
    await rename(join(aside, `${first}.json`), join(world.folder, `${first}.json`));
    await eventually("one is back", () => daemon.status().brake?.startsWith("2 of 4 workflows are still gone"));
    for (const name of others) await rename(join(aside, `${name}.json`), join(world.folder, `${name}.json`));
    await eventually("the brake is off", () => daemon.status().brake === undefined);
    assert.deepEqual(await accountOf(world.sdk), before);
    await daemon.stop();

    for (const name of names) await world.remove(`${name}.json`);
    const asked = await pipewright(world, ["prune"]);
    assert.match(asked.out, /these workflows have no file any more: one, three, two\n/);
    assert.deepEqual(await accountOf(world.sdk), before);
    const pruned = await pipewright(world, ["prune", "--confirm"]);
    assert.equal(pruned.code, 0, pruned.out + pruned.err);
    for (const name of names) assert.deepEqual(await of(world, name), bucketsOf(name).sort());
    assert.ok((await of(world, "four")).length > 15);
  });

  test("a workflow set up from elsewhere is never touched", async (t) => {
    const world = await standing(t, { plants: { on_delete: "delete" } });
    const elsewhere = join(world.root, "elsewhere");
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, "stars.json"), JSON.stringify(await small("stars")));
    const set = await pipewright(world, ["setup-pipe", "-f", join(elsewhere, "stars.json")]);
    assert.equal(set.code, 0, set.out + set.err);
    const stars = await of(world, "stars");
    const shared = (await accountOf(world.sdk)).cluster;
    const daemon = await watching(world);
    await world.remove("plants.json");
    await eventually("plants is gone", async () => (await of(world, "plants")).length === 0);
    // A round of collecting later.
    await eventually("the marker is empty", async () => /"emptied": true/.test(await marker(world)));
    await daemon.stop();
    assert.deepEqual(await of(world, "stars"), stars);
    assert.deepEqual((await accountOf(world.sdk)).cluster, shared);
    const again = await pipewright(world, ["plan", join(elsewhere, "stars.json")]);
    assert.equal(again.code, 0, again.out);
  });

  test("another name in the same file: the old workflow is removed, the new one made", async (t) => {
    const world = await standing(t, { plants: { name: "plants" } });
    const daemon = await watching(world);
    await world.write("plants.json", await small("trees", { name: "trees" }));
    await daemon.ready("trees");
    await eventually("the old one is gone", async () =>
      (await of(world, "plants")).every((one) => one.startsWith("bucket/")),
    );
    assert.ok((await of(world, "trees")).length > 15);
    assert.deepEqual(await of(world, "plants"), bucketsOf("plants"));
    await daemon.stop();
  });
});

const marker = (world: World): Promise<string> => readFile(join(world.folder, "pipewright-folder.json"), "utf8");
