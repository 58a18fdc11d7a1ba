import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { pictureOf } from "../../src/core/graph.ts";
import { layOut } from "../../src/server/page/graph-layout.ts";

const lay = (needs: Readonly<Record<string, readonly string[]>>) =>
  layOut(pictureOf(Object.entries(needs).map(([key, needed]) => ({ key, needs: needed }))));

/** Resources that need only earlier ones, as desired ones do. */
const resources = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 5 }), { maxLength: 30 }).map((all) =>
  all.map((needs, index) => ({
    key: `k/${index}`,
    needs: [...new Set(needs.map((one) => (index === 0 ? "base/0" : one % 7 === 6 ? "base/1" : `k/${one % index}`)))],
  })),
);

describe("the layout of the picture", () => {
  it("leaves out an arrow that others already say", () => {
    const { arrows, columns } = lay({ a: [], b: ["a"], c: ["a", "b"] });
    assert.deepEqual(columns, [["a"], ["b"], ["c"]]);
    assert.deepEqual(arrows, [
      ["a", "b"],
      ["b", "c"],
    ]);
  });

  it("draws what is needed near to the first that needs it", () => {
    const { columns } = lay({ a: [], b: ["a"], c: ["b", "late"], d: [] });
    assert.deepEqual(
      columns.map((keys) => keys.toSorted()),
      [["a", "d"], ["b", "late"], ["c"]],
    );
  });

  it("shows every resource once, to the right of all that it needs", () => {
    fc.assert(
      fc.property(resources, (all) => {
        const picture = pictureOf(all);
        const { arrows, columns } = layOut(picture);
        assert.deepEqual(columns.flat().toSorted(), [...picture.own, ...picture.shared].toSorted());
        const column = new Map(columns.flatMap((keys, index) => keys.map((key) => [key, index] as const)));
        for (const [from, to] of picture.arrows) assert.ok(column.get(from)! < column.get(to)!, `${from} → ${to}`);
        // What was left out is still said by a chain of the others.
        const reach = (from: string): string[] =>
          arrows.filter(([one]) => one === from).flatMap(([, to]) => [to, ...reach(to)]);
        for (const [from, to] of picture.arrows) assert.ok(reach(from).includes(to));
      }),
      { numRuns: 50 },
    );
  });

  it("of nothing is nothing", () => {
    assert.deepEqual(lay({}), { columns: [[]], arrows: [] });
  });
});
