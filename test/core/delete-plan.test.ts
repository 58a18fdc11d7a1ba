import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planDeletion } from "../../src/core/delete-plan.ts";
import type { Inventoried, Key, OnDelete } from "../../src/core/resource.ts";
import { REGISTRY } from "./planning.ts";

const row = (name: string, onDelete: OnDelete = "retain-data", adopted = false): Inventoried => ({
  name,
  workflow: "plants",
  onDelete,
  adopted,
});

const deletion = (
  inventory: Record<string, readonly Inventoried[]>,
  more: { live?: readonly Key[]; used?: Record<Key, string>; regardless?: boolean } = {},
) =>
  planDeletion({
    registry: REGISTRY,
    inventory: new Map(Object.entries(inventory)),
    live: new Set(more.live ?? []),
    used: new Map(Object.entries(more.used ?? {}) as [Key, string][]),
    regardless: more.regardless ?? false,
  });

describe("what is taken away", () => {
  it("goes backwards through the order of creation, one kind a level, the event source apart and before all", () => {
    const plan = deletion({
      bucket: [row("in", "delete")],
      role: [row("r")],
      queue: [row("q1"), row("q2")],
      notification: [row("n")],
      function: [row("f")],
    });
    assert.deepEqual(plan, {
      sources: ["notification/n"],
      levels: [["function/f"], ["queue/q1", "queue/q2"], ["role/r"], ["bucket/in"]],
      kept: [],
    });
  });

  it("is nothing where nothing is found", () => {
    assert.deepEqual(deletion({}), { sources: [], levels: [], kept: [] });
  });
});

describe("what is kept", () => {
  const keptOf = (plan: ReturnType<typeof deletion>) => plan.kept.map(({ key, why }) => `${key}: ${why}`);

  it('is under "retain-data" what holds data, and nothing else', () => {
    const plan = deletion({ bucket: [row("in")], queue: [row("q")] });
    assert.deepEqual(plan.levels, [["queue/q"]]);
    assert.deepEqual(keptOf(plan), ['bucket/in: on_delete is "retain-data"']);
  });

  it('is under "retain-all" everything, the event source too', () => {
    const plan = deletion({ notification: [row("n", "retain-all")], queue: [row("q", "retain-all")] });
    assert.deepEqual([plan.sources, plan.levels], [[], []]);
    assert.equal(plan.kept.length, 2);
    assert.ok(plan.kept.every(({ why }) => why === 'on_delete is "retain-all"'));
  });

  it("gives way to a person who asks for all of it", () => {
    const plan = deletion({ bucket: [row("in"), row("out", "retain-all")] }, { regardless: true });
    assert.deepEqual(plan.levels, [["bucket/in", "bucket/out"]]);
  });

  it("is what a workflow from elsewhere uses, whoever asks, until that one is gone", () => {
    for (const regardless of [false, true]) {
      const plan = deletion({ bucket: [row("out", "delete")] }, { used: { "bucket/out": "jam" }, regardless });
      const why = 'the workflow "jam", which was set up from elsewhere, uses it';
      assert.deepEqual(plan, { sources: [], levels: [], kept: [{ key: "bucket/out", why, later: true }] });
    }
  });

  it("is what was adopted, what another workflow uses, and what was only verified, whoever asks", () => {
    for (const regardless of [false, true]) {
      const plan = deletion(
        { "key-pair": [row("k", "delete")], bucket: [row("in", "delete", true), row("out", "delete")] },
        { live: ["bucket/out"], regardless },
      );
      assert.deepEqual([plan.sources, plan.levels], [[], []]);
      assert.deepEqual(keptOf(plan), [
        "key-pair/k: only verified, never ours",
        "bucket/in: adopted: never deleted",
        "bucket/out: another workflow uses it",
      ]);
    }
  });
});
