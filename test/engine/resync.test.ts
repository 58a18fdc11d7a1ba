import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LIMITS } from "../../src/engine/limits.ts";
import { nextResyncMs, resyncMs } from "../../src/engine/resync.ts";

test("everything is looked at each half minute, or as fast as half the quotas allow", () => {
  assert.equal(resyncMs(1, LIMITS), 30_000);
  assert.equal(resyncMs(220, LIMITS), 30_000);
  assert.equal(resyncMs(1_000, LIMITS), 134_000);
});

test("passes are spread evenly over the interval, five per cent either way", () => {
  const intervalMs = 30_000;
  for (const random of [0, 0.5, 1]) {
    const dues = Array.from({ length: 10 }, (_, index) =>
      nextResyncMs({ index, count: 10, nowMs: 1_000_000, random, intervalMs }),
    );
    const phases = dues.map((due) => (1_000_000 + due + intervalMs) % intervalMs).sort((one, other) => one - other);
    const gaps = phases.slice(1).map((phase, index) => phase - phases[index]!);
    for (const gap of gaps) assert.ok(Math.abs(gap - 3_000) <= 1, `gap of ${gap} ms`);
  }
});

test("the next one is never sooner than half an interval less the jitter, never later than one and a half with it", () => {
  fc.assert(
    fc.property(
      fc.nat(2_000).chain((count) => fc.tuple(fc.nat(count), fc.constant(count + 1))),
      fc.nat(1_000_000_000),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      ([index, count], nowMs, random) => {
        const intervalMs = resyncMs(count, LIMITS);
        const due = nextResyncMs({ index, count, nowMs, random, intervalMs });
        assert.ok(due >= intervalMs * 0.45 - 1 && due <= intervalMs * 1.55 + 1);
      },
    ),
  );
});
