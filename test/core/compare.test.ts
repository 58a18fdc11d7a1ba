import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { canonical, covers, field, fixedField, same, sameSet } from "../../src/core/compare.ts";
import { specHash } from "../../src/core/spec-hash.ts";

/** The same document with the fields of every object turned round. */
const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, turned(inner)]),
  );
};

describe("two values", () => {
  it("are the same whatever the order of their fields, and so is their hash", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.ok(same(value, turned(value)));
        assert.equal(specHash(value), specHash(turned(value)));
      }),
    );
  });

  it("are the same only if they are equal", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        // Through JSON, in which -0 is 0.
        const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
        let equal = true;
        try {
          assert.deepEqual(plain(one), plain(other));
        } catch {
          equal = false;
        }
        assert.equal(same(one, other), equal);
      }),
    );
  });

  it("differ by the order of a list, by type, and by a field that is there", () => {
    assert.ok(!same([1, 2], [2, 1]));
    assert.ok(!same(1, "1"));
    assert.ok(!same({ a: null }, {}));
    assert.ok(same({ a: undefined }, {}));
    assert.ok(!same(undefined, null));
    assert.notEqual(canonical({ a: [{}] }), canonical({ a: {} }));
  });

  it("are equal as sets whatever their order and repetition; none at all is the empty one", () => {
    assert.ok(sameSet(["a", "b"], ["b", "a", "a"]));
    assert.ok(sameSet([{ x: 1, y: 2 }], [{ y: 2, x: 1 }]));
    assert.ok(sameSet(undefined, []));
    assert.ok(!sameSet(["a"], ["a", "b"]));
    assert.ok(!sameSet(undefined, ["a"]));
  });
});

describe("a hash of a spec", () => {
  it("is sixteen hexadecimal digits, and another one for another spec", () => {
    assert.match(specHash({ a: 1 }), /^[0-9a-f]{16}$/);
    assert.notEqual(specHash({ a: 1 }), specHash({ a: 2 }));
    assert.notEqual(specHash({ command: ["a", "b"] }), specHash({ command: ["b", "a"] }));
  });

  it("stays the same over versions of the program, because AWS keeps it in tags", () => {
    assert.equal(specHash({ family: "pw-plants", cpu: 256 }), "e8ea85115b1b7b80");
  });
});

describe("a field that differs", () => {
  it("is one change, with null for what is not there; one that is equal is none", () => {
    assert.deepEqual(field("delay", 5, undefined), [{ path: "delay", want: 5, have: null }]);
    assert.deepEqual(field("delay", 5, 5), []);
    assert.deepEqual(field("names", ["a", "b"], ["b", "a"], sameSet), []);
    assert.deepEqual(fixedField("fifo", true, false), [{ path: "fifo", want: true, have: false, replace: true }]);
    assert.deepEqual(fixedField("fifo", true, true), []);
  });
});

describe("a path", () => {
  it("covers itself and what lies below it, and no neighbour that begins alike", () => {
    assert.ok(covers("redrive", "redrive"));
    assert.ok(covers("redrive", "redrive.maxReceives"));
    assert.ok(covers("rules", "rules[0].port"));
    assert.ok(!covers("redrive", "redriveAllowPolicy"));
    assert.ok(!covers("redrive.maxReceives", "redrive"));
  });
});
