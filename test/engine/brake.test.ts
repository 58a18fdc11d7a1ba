import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { judgeFolder } from "../../src/engine/brake.ts";

const marker = (...workflows: string[]) => ({ workflows, pruning: [], held: [], emptied: false });

test("only names that the marker knows may be pruned", () => {
  const name: fc.Arbitrary<string> = fc.constantFrom("a", "b", "c", "d", "e", "f");
  const names = fc.uniqueArray(name);
  const memory = fc.option(fc.record({ workflows: names, pruning: names, held: names, emptied: fc.boolean() }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(memory, memory, names, fc.boolean(), (known, remembered, present, writable) => {
      const verdict = judgeFolder({ marker: known, remembered, present, writable });
      for (const one of verdict.prunable) {
        assert.ok((known ?? remembered)?.workflows.includes(one));
        assert.ok(!present.includes(one));
        // Without a marker only what a person has confirmed in a read-only folder.
        if (!known) assert.ok(!writable && remembered?.pruning.includes(one));
      }
      if (verdict.engaged) assert.ok(verdict.vanished.length > 0);
    }),
  );
});

test("two may vanish at once, more than half of more than that may not", () => {
  const judge = (seen: string[], present: string[]) =>
    judgeFolder({ marker: marker(...seen), remembered: undefined, present, writable: true });
  assert.deepEqual(judge(["a", "b"], []).prunable, ["a", "b"]);
  assert.deepEqual(judge(["a", "b", "c"], []).prunable, []);
  assert.deepEqual(judge(["a", "b", "c", "d", "e", "f"], ["a", "b", "c"]).prunable, ["d", "e", "f"]);
  assert.match(judge(["a", "b", "c", "d", "e"], ["a", "b"]).engaged ?? "", /3 of 5 .*\(c, d, e\)/);
});

test("what is being pruned already does not engage the brake again", () => {
  const verdict = judgeFolder({
    marker: { workflows: ["a", "b", "c", "d"], pruning: ["a", "b"], held: [], emptied: false },
    remembered: undefined,
    present: ["d"],
    writable: true,
  });
  assert.deepEqual([verdict.prunable, verdict.engaged], [["a", "b", "c"], undefined]);
});

test("a folder without marker and without a past is a new one; with one it must first be whole again", () => {
  const fresh = judgeFolder({ marker: undefined, remembered: undefined, present: ["a"], writable: true });
  assert.deepEqual(fresh.marker?.workflows, ["a"]);
  const past = marker("a", "b");
  const partly = judgeFolder({ marker: undefined, remembered: past, present: ["a"], writable: true });
  assert.equal(partly.marker, undefined);
  assert.match(partly.engaged ?? "", /gone/);
  const whole = judgeFolder({ marker: undefined, remembered: past, present: ["a", "b"], writable: true });
  assert.deepEqual([whole.engaged, whole.marker?.workflows], [undefined, ["a", "b"]]);
});

test("of a mass that vanished, those that come back one after the other take nothing with them", () => {
  const seen = ["a", "b", "c", "d"];
  const judge = (known: ReturnType<typeof judgeFolder>["marker"], present: string[]) =>
    judgeFolder({ marker: known, remembered: undefined, present, writable: true });
  const mass = judge(marker(...seen), ["d"]);
  const partly = judge(mass.marker, ["a", "d"]);
  assert.deepEqual(partly.prunable, []);
  assert.match(partly.engaged ?? "", /2 of 4 workflows are still gone of those that vanished at once \(b, c\)/);
  const last = judge(partly.marker, ["a", "b", "d"]);
  assert.deepEqual([last.prunable, last.vanished], [[], ["c"]]);
  const whole = judge(last.marker, seen);
  assert.equal(whole.engaged, undefined);
  assert.deepEqual(judge(whole.marker, ["a", "b", "d"]).prunable, ["c"]);
});
