import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createClock } from "../../localcloud/clock.ts";

describe("the world's clock", () => {
  it("flows with real time and jumps by steps", () => {
    const clock = createClock();
    const before = Date.now();
    clock.step(3_600_000);
    const now = clock.now();
    assert.ok(now >= before + 3_600_000 && now <= Date.now() + 3_600_000);
    assert.throws(() => clock.step(-1), RangeError);
  });

  it("runs what becomes due in a step at once, in order, each at its own time", () => {
    const clock = createClock();
    const start = clock.now();
    const ran: [string, number][] = [];
    const note = (name: string) => () => ran.push([name, Math.round((clock.now() - start) / 1000)]);
    clock.after(20_000, note("second"));
    clock.after(10_000, () => {
      note("first")();
      clock.after(5_000, note("between"));
    });
    clock.after(60_000, note("never"));
    clock.step(30_000);
    assert.deepEqual(ran, [
      ["first", 10],
      ["between", 15],
      ["second", 20],
    ]);
    clock.reset();
  });

  it("runs what becomes due by itself, and not what was taken back", async () => {
    const clock = createClock();
    const forget = clock.after(1, () => assert.fail("this was taken back"));
    forget();
    // The clock's own timers keep no process alive; this one does.
    const alive = setInterval(() => {}, 1000);
    await new Promise<void>((resolve) => clock.after(5, resolve));
    clearInterval(alive);
  });
});
