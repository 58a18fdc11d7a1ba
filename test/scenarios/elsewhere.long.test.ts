import assert from "node:assert/strict";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { MARKER } from "../../src/workflow/source-file.ts";
import { entryIds, keysIn, leftIn } from "./account.ts";
import { eventually } from "./program.ts";
import { createWorld, type Done, isLocal, type World } from "./world.ts";

const flow = (input: string, output: string, more: object = {}) => ({
  input_s3_name: `${input}-bucket`,
  output_s3_name: `${output}-bucket`,
  process: { type: "single_run", algorithms: [{ name: "daily-means" }] },
  ...more,
});

/** A second folder over the same account, as another host has it. */
async function otherFolder(world: World, workflows: Record<string, object>): Promise<string> {
  const folder = join(world.root, "other");
  await mkdir(folder, { recursive: true });
  await cp(join(world.folder, "algorithms"), join(folder, "algorithms"), { recursive: true });
  for (const [name, content] of Object.entries(workflows)) {
    await writeFile(join(folder, `${name}.json`), JSON.stringify(content));
  }
  return folder;
}

const outcomes = ({
  result,
}: Done<{ status: { workflows: readonly { name: string; conditions: readonly object[] }[] } }>) =>
  JSON.stringify(result.status.workflows.map(({ conditions, name }) => ({ name, conditions })));

describe("workflows of two folders", { concurrency: isLocal }, () => {
  test("an input bucket of a workflow of another folder is refused before the first write, whoever asks", async (t) => {
    const world = await createWorld(t);
    await world.write("plants.json", flow("seeds", "fruit"));
    assert.equal((await world.apply()).result.ok, true);
    const folder = await otherFolder(world, { weeds: flow("seeds", "compost", { compute: { cluster: "heap" } }) });

    for (const done of [
      await world.apply({ folder }),
      await world.doing(({ engine }) => engine.once(), { folder }),
      await world.apply({ files: [join(folder, "weeds.json")] }),
    ]) {
      assert.equal(done.result.ok, false);
      assert.match(outcomes(done), /weeds\.json:1:18 input_s3_name .*\\"plants\\".*pipewright clean-up plants/);
      assert.deepEqual(done.writes, []);
    }
    const planned = await world.plan({ folder });
    assert.match(JSON.stringify(planned.result), /ClaimedElsewhere/);
    assert.deepEqual(await entryIds(world.sdk, "seeds-bucket"), ["pw-plants-daily-means"]);
    assert.deepEqual((await world.apply()).writes, []);

    await world.remove("plants.json");
    await world.doing(({ engine }) => engine.cleanUp({ names: ["plants"], force: false }));
    assert.equal((await world.apply({ folder })).result.ok, true);
    assert.deepEqual(await entryIds(world.sdk, "seeds-bucket"), ["pw-weeds-daily-means"]);
  });

  test("a workflow may go on where one of another folder ends, but not round to its beginning", async (t) => {
    const world = await createWorld(t);
    await world.write("plants.json", flow("seeds", "fruit"));
    assert.equal((await world.apply()).result.ok, true);
    const folder = await otherFolder(world, { jam: flow("fruit", "glasses") });
    assert.equal((await world.apply({ folder })).result.ok, true);
    await otherFolder(world, { spirit: flow("glasses", "seeds") });
    const done = await world.apply({ folder });
    assert.match(outcomes(done), /spirit\.json.* output_s3_name closes a loop .*: spirit → plants → jam → spirit/);
    assert.deepEqual(await entryIds(world.sdk, "fruit-bucket"), ["pw-jam-daily-means"]);
    assert.deepEqual(await entryIds(world.sdk, "glasses-bucket"), []);
  });

  test("a bucket that a workflow of another folder uses is never taken away with this one, and named", async (t) => {
    const world = await createWorld(t);
    const onDelete = { on_delete: "delete" };
    await world.write("plants.json", flow("seeds", "fruit", onDelete));
    assert.equal((await world.doing(({ engine }) => engine.once())).result.ok, true);
    const folder = await otherFolder(world, { jam: flow("fruit", "glasses") });
    assert.equal((await world.apply({ folder })).result.ok, true);

    // Empty as it is, the folder's own prune leaves it too.
    await world.remove("plants.json");
    const pruned = await world.doing(({ engine }) => engine.once());
    assert.equal(pruned.result.ok, true);
    await world.sdk.s3.send(new PutObjectCommand({ Bucket: "fruit-bucket", Key: "pear", Body: "pear" }));
    const { result } = await world.doing(({ engine }) => engine.cleanUp({ names: ["plants"], force: true }));
    const why = 'the workflow "jam", which was set up from elsewhere, uses it';
    for (const kept of [pruned.result.collected.kept, result.kept]) {
      assert.deepEqual(
        kept.filter(({ workflow }) => workflow === "plants"),
        [{ key: "bucket/fruit-bucket", workflow: "plants", why }],
      );
    }
    assert.equal(result.ok, true);
    assert.deepEqual(await keysIn(world.sdk.s3, "fruit-bucket"), ["pear"]);
    assert.deepEqual(await entryIds(world.sdk, "fruit-bucket"), ["pw-jam-daily-means"]);

    // All of it goes once nobody is left who uses it.
    const all = await world.doing(({ engine }) => engine.cleanUp({ names: "all", force: true }), {
      folder: world.root,
    });
    assert.deepEqual([all.result.ok, all.result.kept], [true, []]);
    assert.deepEqual(await leftIn(world.sdk), []);
  });

  test("another name in the same file takes over the bucket, as ever", async (t) => {
    const world = await createWorld(t);
    await world.write("plants.json", flow("seeds", "fruit"));
    assert.equal((await world.doing(({ engine }) => engine.once())).result.ok, true);
    await world.write("plants.json", flow("seeds", "fruit", { name: "herbs" }));
    const renamed = await world.doing(({ engine }) => engine.once());
    assert.equal(renamed.result.ok, true, outcomes(renamed));
    assert.deepEqual(await entryIds(world.sdk, "seeds-bucket"), ["pw-herbs-daily-means"]);
  });
});

describe("a workflow of one name in two folders", { concurrency: isLocal }, () => {
  const heaps = { compute: { cluster: "heap" } };

  test("the second folder's is refused before the first write, and neither writes over the other", async (t) => {
    const world = await createWorld(t);
    // It stands before the first folder is watched: a look for leftovers just while the first parts of a cluster are made, and
    // nothing yet of the workflow that wants them, takes those for some, and the next pass makes them anew.
    const folder = await otherFolder(world, { moons: flow("dust", "rings") });
    assert.equal((await world.apply({ folder })).result.ok, true);
    await world.write("plants.json", flow("seeds", "fruit", heaps));
    const first = await watch(world, world.folder);
    await first.isReady("plants");
    await otherFolder(world, { plants: flow("seeds", "compost") });
    const second = await watch(world, folder);
    await second.isReady("moons");
    await second.isRefused("plants", /plants\.json: another folder keeps a workflow "plants".*choose another "name"/);
    assert.deepEqual(about("plants", second.writes), []);
    // What all share keeps what the one asks for, and what the other asks for beside.
    await first.passes("@foundation");
    await second.passes("@foundation");
    for (const { folder: of } of [first, second]) assert.deepEqual((await world.apply({ folder: of })).writes, []);

    // Its file gone, nothing of the other's is taken away for it.
    await rm(join(folder, "plants.json"));
    second.changed("plants.json");
    await eventually("it is forgotten", async () => {
      const { workflows } = JSON.parse(await readFile(join(folder, MARKER), "utf8"));
      return !workflows.includes("plants");
    });
    assert.deepEqual(about("plants", second.writes), []);
    await first.passes("plants");
    assert.deepEqual(await entryIds(world.sdk, "seeds-bucket"), ["pw-plants-daily-means"]);
  });

  test("the same in both is no trouble until one is changed; then it is the first that may", async (t) => {
    const world = await createWorld(t);
    await world.write("plants.json", flow("seeds", "fruit"));
    const first = await watch(world, world.folder);
    await first.isReady("plants");
    const folder = await otherFolder(world, { plants: flow("seeds", "fruit") });
    const second = await watch(world, folder);
    await second.isReady("plants");
    await otherFolder(world, { plants: flow("seeds", "compost") });
    second.changed("plants.json");
    await second.isRefused("plants", /another folder keeps/);
    assert.deepEqual(second.writes, []);
    await world.write("plants.json", flow("seeds", "compost"));
    first.changed("plants.json");
    await first.isReady("plants");
    await second.isReady("plants");
  });

  test("a folder that was moved goes on with its marker, or with the other's id in its own", async (t) => {
    const world = await createWorld(t);
    await world.write("plants.json", flow("seeds", "fruit"));
    const first = await watch(world, world.folder);
    await first.isReady("plants");
    await first.stop();
    const folder = await otherFolder(world, { plants: flow("seeds", "compost") });
    await cp(join(world.folder, MARKER), join(folder, MARKER));
    const moved = await watch(world, folder);
    await moved.isReady("plants");
    await moved.stop();

    await rm(join(folder, MARKER));
    await otherFolder(world, { plants: flow("seeds", "jam") });
    const restored = await watch(world, folder);
    const why = await restored.isRefused("plants", /Has this folder taken the place of that one\?/);
    const [, id] = /write "folder": "(\w+)" into its pipewright-folder\.json/.exec(why) ?? [];
    const marker = JSON.parse(await readFile(join(folder, MARKER), "utf8"));
    await writeFile(join(folder, MARKER), JSON.stringify({ ...marker, folder: id }));
    await restored.isReady("plants");
  });
});

const about = (workflow: string, writes: Done<unknown>["writes"]): unknown[] =>
  writes.filter(({ input }) => JSON.stringify(input).includes(workflow)).map(({ operation }) => operation);

/** A daemon over this folder that remembers nothing but what stands in it. */
async function watch(world: World, folder: string) {
  const limits = { resyncLeastMs: 3_000, collectMs: 2_000 };
  const opened = await world.open({ folder, readOnly: true, limits });
  const { engine } = opened;
  await engine.start();
  const ready = (name: string) =>
    engine
      .status()
      .workflows.find((one) => one.name === name)
      ?.conditions.find((one) => one.type === "Ready");
  return {
    folder,
    stop: opened.close,
    get writes() {
      return opened.writes;
    },
    changed: (file: string) => engine.changed(join(folder, file)),
    isReady: (name: string) => eventually(`${name} is ready`, () => ready(name)?.status === "True"),
    isRefused: (name: string, why: RegExp) =>
      eventually(`${name} is refused`, () => {
        const { message = "", reason } = ready(name) ?? {};
        return reason === "ClaimedElsewhere" && why.test(message) && message;
      }),
    /** Resolves after a pass that begins from here on. */
    passes(name: string): Promise<void> {
      return new Promise((resolve) => {
        let begun = false;
        const off = engine.subscribe((event) => {
          if (event.type !== "pass-started" && event.type !== "pass-done") return;
          if (event.workflow !== name) return;
          if (event.type === "pass-started") begun = true;
          else if (begun) {
            off();
            resolve();
          }
        });
        engine.reconcileNow(name);
      });
    },
  };
}
