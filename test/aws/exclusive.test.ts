import assert from "node:assert/strict";
import { it } from "node:test";
import { createExclusive } from "../../src/aws/exclusive.ts";

it("work on one thing runs one after the other, also after work that failed; other things do not wait", async () => {
  const exclusive = createExclusive();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = exclusive("bucket/a", async () => {
    await gate.promise;
    order.push("first of a");
    throw new Error("refused");
  });
  const second = exclusive("bucket/a", async () => {
    order.push("second of a");
    return 2;
  });
  await exclusive("bucket/b", async () => order.push("b"));
  gate.resolve();
  await assert.rejects(first, /refused/);
  assert.equal(await second, 2);
  assert.deepEqual(order, ["b", "first of a", "second of a"]);
});
