import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createGate } from "../../src/aws/gate.ts";

describe("a gate", () => {
  it("lets in as many as there is room for, and the others in the order in which they came", async () => {
    const inTurn = createGate(2);
    const leave: (() => void)[] = [];
    const entered: number[] = [];
    const all = [0, 1, 2, 3].map((one) =>
      inTurn(() => {
        entered.push(one);
        return new Promise<void>((resolve) => leave.push(resolve));
      }),
    );
    assert.deepEqual(entered, [0, 1]);
    leave[1]!();
    await all[1];
    assert.deepEqual(entered, [0, 1, 2]);
    leave[0]!();
    await all[0];
    assert.deepEqual(entered, [0, 1, 2, 3]);
    leave[2]!();
    leave[3]!();
    await Promise.all(all);
  });

  it("has room again after work that failed, and hands on the failure", async () => {
    const inTurn = createGate(1);
    await assert.rejects(
      inTurn(async () => {
        throw new Error("broken");
      }),
      /broken/,
    );
    assert.equal(await inTurn(async () => "done"), "done");
  });
});
