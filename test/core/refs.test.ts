import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isRef, ref, refsOf, resolveRefs } from "../../src/core/refs.ts";
import type { Key, Observed } from "../../src/core/resource.ts";

const observed = (entries: Record<Key, Observed>) => new Map(Object.entries(entries) as [Key, Observed][]);

describe("references", () => {
  const spec = { a: ref("role/r", "arn"), b: [{ c: ref("queue/q", "url") }, "text", null], bytes: new Uint8Array([1]) };

  it("are found in every corner of a spec, in the order of its fields", () => {
    assert.deepEqual(refsOf(spec), [ref("role/r", "arn"), ref("queue/q", "url")]);
    assert.deepEqual([null, undefined, 3, "x", []].flatMap(refsOf), []);
  });

  it("are told from specs that only look like one", () => {
    assert.ok(isRef(ref("role/r", "arn")));
    for (const other of [null, "role/r", { ref: "role/r" }, { ref: 1, field: "x" }, { field: "x" }])
      assert.ok(!isRef(other), JSON.stringify(other));
  });

  it("are replaced all at once, and everything else stays what it was", () => {
    const resolved = resolveRefs(
      spec,
      observed({ "role/r": { is: "owned", actual: { arn: "A" } }, "queue/q": { is: "foreign", actual: { url: "U" } } }),
    );
    assert.deepEqual(resolved, { spec: { a: "A", b: [{ c: "U" }, "text", null], bytes: new Uint8Array([1]) } });
  });

  it("keep a value that is zero, empty or false: only an absent one is missing", () => {
    for (const value of [0, "", false]) {
      const answer = resolveRefs(
        { a: ref("role/r", "arn") },
        observed({ "role/r": { is: "owned", actual: { arn: value } } }),
      );
      assert.deepEqual(answer, { spec: { a: value } });
    }
  });

  it("that cannot be answered are told by the first of them", () => {
    const missing = resolveRefs(spec, observed({ "role/r": { is: "owned", actual: { arn: "A" } } }));
    assert.deepEqual(missing, { missing: ref("queue/q", "url") });
    // What stands beside an absent thing is not the thing.
    const beside = resolveRefs(
      { a: ref("role/r", "arn") },
      observed({ "role/r": { is: "absent", actual: { arn: "A" } } }),
    );
    assert.deepEqual(beside, { missing: ref("role/r", "arn") });
  });

  it("leave the spec that was given as it was", () => {
    const before = JSON.stringify(spec);
    resolveRefs(spec, observed({}));
    assert.equal(JSON.stringify(spec), before);
  });
});
