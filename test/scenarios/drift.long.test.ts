import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Preview } from "../../src/engine/engine.ts";
import { accountOf, doublesIn } from "./account.ts";
import { changesOn, DELETIONS } from "./tampering.ts";
import { createWorld, example, isLocal, type World } from "./world.ts";

async function standing(...[t]: Parameters<typeof createWorld>): Promise<World> {
  const world = await createWorld(t);
  await world.write("change123.json", await example("change123"));
  const { result } = await world.apply();
  assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
  return world;
}

/** `key path`, sorted. */
const fieldsOf = (preview: Preview): string[] =>
  preview.workflows
    .flatMap((one) => one.steps)
    .flatMap((step) => (step.do === "update" ? step.changes.map((change) => `${step.key} ${change.path}`) : [step.key]))
    .sort();

describe("what others do behind our back", { concurrency: isLocal }, () => {
  test("one field of each kind: plan names exactly that field, apply writes to that resource alone", async (t) => {
    const world = await standing(t);
    for (const { alsoNamed, change, key, path } of changesOn(world)) {
      await change(world);
      const { result, writes } = await world.plan();
      assert.deepEqual(fieldsOf(result), [`${key} ${path}`]);
      assert.deepEqual(writes, []);

      const repair = await world.apply();
      assert.equal(repair.result.ok, true, key);
      const names = [...nameParts(key), ...((await alsoNamed?.(world)) ?? [])];
      assert.ok(repair.writes.length > 0, key);
      for (const { input, operation } of repair.writes) {
        assert.ok(
          Object.values(input).some((value) => names.some((name) => mentions(value, name))),
          `${key}: ${operation} ${JSON.stringify(input).slice(0, 300)}`,
        );
      }
    }
    assert.deepEqual(fieldsOf((await world.plan()).result), []);
    // Of everything there is one; of what is kept in versions, the newest is ours again.
    const families = (await accountOf(world.sdk)).definition!.map((name) => name.replace(/:\d+$/, ""));
    assert.deepEqual([...new Set(families)], ["pw-change123-change123-s3"]);
  });

  test("every field at once: plan names each of them, and one apply repairs all", async (t) => {
    const world = await standing(t);
    const changes = changesOn(world);
    for (const { change } of changes) await change(world);
    const { result } = await world.plan();
    assert.deepEqual(fieldsOf(result), changes.map(({ key, path }) => `${key} ${path}`).sort());
    assert.equal((await world.apply()).result.ok, true);
    assert.deepEqual(fieldsOf((await world.plan()).result), []);
    assert.deepEqual((await world.apply()).writes, []);
  });

  test("each kind deleted comes back as it was, and nothing stands twice", async (t) => {
    const world = await standing(t);
    const before = await accountOf(world.sdk);
    for (const [kind, remove] of Object.entries(DELETIONS)) {
      await remove(world);
      const { result } = await world.plan();
      const missing = result.workflows.flatMap((one) => one.steps).filter((step) => step.do === "create");
      assert.ok(
        missing.some((step) => step.key.startsWith(`${kind}/`)),
        `${kind}: ${JSON.stringify(fieldsOf(result))}`,
      );
      const repair = await world.apply();
      assert.equal(repair.result.ok, true, `${kind}: ${JSON.stringify(repair.result.status.workflows[0]?.conditions)}`);
    }
    assert.deepEqual(fieldsOf((await world.plan()).result), []);
    const after = await accountOf(world.sdk);
    assert.deepEqual(doublesIn(after), []);
    // A family goes on counting its revisions.
    assert.deepEqual({ ...after, definition: [] }, { ...before, definition: [] });
  });
});

/** A resource's name as calls may have it: whole, or as bucket and key. */
function nameParts(key: string): string[] {
  const [kind = "", ...name] = key.split("/");
  return kind === "object" ? [name.slice(1).join("/")] : [name.join("/")];
}

const mentions = (value: unknown, name: string): boolean =>
  value !== undefined && typeof value !== "function" && (JSON.stringify(value) ?? "").includes(name);
