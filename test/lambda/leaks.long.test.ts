/** Money does not leak: what goes wrong with instances, each for a simulated day on the local cloud. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { dayOf, MISFORTUNES } from "../../bench/support/simulation/leaks.ts";

describe("a day on which there goes wrong", () => {
  for (const misfortune of MISFORTUNES) {
    const { name, mostHours, says } = misfortune;
    it(`${name}: costs ${mostHours} instance-hours at most, leaves nothing behind, and status says it`, async (t) => {
      silence(t);
      const { instanceHours, left, stalled = "", done } = await dayOf(misfortune);
      assert.ok(instanceHours <= mostHours, `${instanceHours} instance-hours`);
      assert.deepEqual(left, { instances: 0, alarms: 0 });
      if (says) assert.match(stalled, says);
      else assert.deepEqual([stalled, done], ["", misfortune.files]);
    });
  }
});

/** What is refused is told in every run of the scaler: what becomes of it is told by `status`. */
function silence(t: TestContext): void {
  t.mock.method(console, "warn", () => {});
  t.mock.method(console, "info", () => {});
}
