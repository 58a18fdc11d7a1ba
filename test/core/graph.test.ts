import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { inOrder, pictureOf } from "../../src/core/graph.ts";
import type { Key } from "../../src/core/resource.ts";

const node = (name: string, ...needs: string[]) => ({
  key: `k/${name}` as Key,
  needs: needs.map((one): Key => `k/${one}`),
});
const names = (ordered: readonly { key: Key }[]) => ordered.map((one) => one.key.slice(2)).join(" ");

describe("the order of writing", () => {
  it("is as given where nothing needs anything", () => {
    assert.equal(names(inOrder([node("c"), node("a"), node("b")])), "c a b");
  });

  it("has needs first, each once, in a diamond too", () => {
    assert.equal(
      names(inOrder([node("top", "left", "right"), node("left", "base"), node("right", "base"), node("base")])),
      "base left right top",
    );
  });

  it("takes no notice of needs that are someone else's work", () => {
    assert.equal(names(inOrder([node("a", "elsewhere")])), "a");
  });

  it("does not exist in a circle, which is named", () => {
    assert.throws(() => inOrder([node("a", "b"), node("b", "c"), node("c", "a")]), /k\/a → k\/b → k\/c → k\/a/);
    assert.throws(() => inOrder([node("a", "a")]), /k\/a → k\/a/);
  });

  it("puts every need before what needs it, and loses and doubles nothing, whatever the graph", () => {
    const graph = fc
      .array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 1, maxLength: 30 })
      // Needs point to earlier nodes only, so that there is no circle; then the list is shuffled.
      .chain((needs) => {
        const nodes = needs.map((of, index) => node(`${index}`, ...of.filter((need) => need < index).map(String)));
        return fc.shuffledSubarray(nodes, { minLength: nodes.length });
      });
    fc.assert(
      fc.property(graph, (nodes) => {
        const ordered = inOrder(nodes);
        assert.deepEqual(new Set(ordered), new Set(nodes));
        assert.equal(ordered.length, nodes.length);
        const at = new Map(ordered.map((one, index) => [one.key, index]));
        for (const one of nodes) for (const need of one.needs) assert.ok(at.get(need)! < at.get(one.key)!);
      }),
    );
  });
});

describe("the picture", () => {
  it("has what is needed and not of the list apart, and an arrow for each need", () => {
    assert.deepEqual(pictureOf([node("a"), node("b", "a", "base"), node("c", "base")]), {
      own: ["k/a", "k/b", "k/c"],
      shared: ["k/base"],
      arrows: [
        ["k/a", "k/b"],
        ["k/base", "k/b"],
        ["k/base", "k/c"],
      ],
    });
  });
});
