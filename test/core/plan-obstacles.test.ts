import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { plan } from "../../src/core/plan.ts";
import type { AnyResource, Change, Claim, Key, Observed } from "../../src/core/resource.ts";

const KEY: Key = "notification/plants-in";
const kind: AnyResource = {
  kind: "notification",
  schema: z.unknown(),
  read: async () => ({ is: "absent" }),
  diff: (_spec: unknown, actual: readonly Change[]) => [...actual],
  create: async () => {},
  async *list() {},
};
const planned = (observed: Observed<readonly Change[]>, claim: Claim = "own", ignore: string[] = []) =>
  plan({
    desired: [{ key: KEY, spec: {}, needs: [], claim }],
    observed: new Map([[KEY, observed]]),
    registry: new Map([["notification", kind]]),
    ignore,
    settling: new Map(),
  });

const inTheWay: Change = { path: "overlap", want: null, have: "theirs", replace: true, advice: "give another prefix" };
const missing: Change = { path: "id", want: "pw-plants", have: null };

describe("what stands in the way of a creation", () => {
  it("is refused before anything is written, with the advice of the kind", () => {
    const [step, ...more] = planned({ is: "absent", actual: [missing, inTheWay] });
    assert.deepEqual(more, []);
    assert.ok(step?.do === "refuse" && step.blocks);
    assert.equal(step.why, `${KEY}: overlap is theirs, wanted unset; give another prefix`);
  });

  it("is nothing that a creation settles, and nothing that the person wants ignored", () => {
    assert.deepEqual(
      planned({ is: "absent", actual: [missing] }).map((step) => step.do),
      ["create"],
    );
    const ignored = planned({ is: "absent", actual: [inTheWay] }, "own", ["notification/*:overlap"]);
    assert.deepEqual(
      ignored.map((step) => step.do),
      ["create"],
    );
  });
});

describe("a thing made by hand that cannot be as we need it", () => {
  it("is refused with the advice of the kind, and blocks", () => {
    for (const claim of ["use", "verify", "adopt"] as const) {
      const [step] = planned({ is: "foreign", actual: [inTheWay] }, claim);
      assert.ok(step?.do === "refuse" && step.blocks && step.why.endsWith("give another prefix"), claim);
    }
  });

  it("is foreign first of all where it should be ours", () => {
    const [step] = planned({ is: "foreign", actual: [inTheWay] }, "own");
    assert.ok(step?.do === "refuse" && step.reason === "Foreign");
  });
});
