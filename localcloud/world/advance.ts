import { setImmediate as turn } from "node:timers/promises";
import type { WorldClock } from "../clock.ts";

/** Steps the clock by `ms` in all, never over something that is due while what was due before is still at work. */
export async function advanceClock(clock: WorldClock, ms: number, settled: () => Promise<void>): Promise<void> {
  const endMs = clock.now() + ms;
  const quiet = async () => {
    await settled();
    // What was waited for goes on in this turn, and may set off the next.
    await turn();
    await settled();
  };
  for (;;) {
    await quiet();
    const next = clock.nextDueMs();
    if (next === undefined || next > endMs) break;
    clock.step(Math.max(0, next - clock.now()));
  }
  clock.step(Math.max(0, endMs - clock.now()));
  await quiet();
}
