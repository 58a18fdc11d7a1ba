/**
 * Calls of a healthy pass, everything that passes share included (batched reads, listings, the foundation's own pass),
 * over whole resync intervals with the passes spread as in life. Not included: the collector's rounds every five minutes.
 * `node bench/pass.ts [WORKFLOWS…]`; @default 1 100; `resync.ts` tells it for 1,000
 */
import { FOUNDATION } from "../src/core/resource.ts";
import { LIMITS } from "../src/engine/limits.ts";
import { resyncMs } from "../src/engine/resync.ts";
import { systemClock } from "../src/io/clock.ts";
import { setUp } from "./support/estate.ts";
import { countsOf, heading, line, round, table } from "./support/figures.ts";

/**
 * Passes keep to slots that are counted from zero, the foundation's and the first workflow's to the very beginning of an
 * interval, a little earlier or later: in a window that begins there, one of them may be there twice and the other not at all.
 */
const untilMiddle = (intervalMs: number): number =>
  intervalMs - ((systemClock.monotonic() + intervalMs / 2) % intervalMs);

/** Counts over so many intervals: with few workflows the jitter of a pass is a large part of one. */
const intervalsOf = (count: number): number => (count < 1_000 ? 2 : 1);

async function measure(count: number, steps: number) {
  const { product, stop } = await setUp(count, steps);
  const intervalMs = resyncMs(count, LIMITS);
  // The burst of the beginning has made every answer equally old: only after an interval are they spread as in life.
  await systemClock.sleep(intervalMs + untilMiddle(intervalMs));
  let passes = 0;
  let shared = 0;
  const unsubscribe = product.engine.subscribe((event) => {
    if (event.type !== "pass-done") return;
    if (event.workflow === FOUNDATION) shared++;
    else passes++;
  });
  product.clear();
  await systemClock.sleep(intervalMs * intervalsOf(count));
  const calls = [...product.calls];
  unsubscribe();
  await stop();
  return {
    count,
    passes,
    shared,
    perPass: calls.length / passes,
    writes: calls.filter((call) => call.write).length,
    calls,
  };
}

const given = process.argv.slice(2).map(Number);
for (const count of given.length > 0 ? given : [1, 100]) {
  const one = await measure(count, 1);
  heading(`pass: ${count} workflows of one step, ${one.passes} passes, ${one.shared} of what all share`);
  line("calls a pass, shared ones included", round(one.perPass), "aim ≤ 20");
  line("writes", String(one.writes), "aim 0");
  table(countsOf(one.calls), one.passes);
  if (count > 100) continue;
  const three = await measure(count, 3);
  heading(`pass: ${count} workflows of three steps, ${three.passes} passes, ${three.shared} of what all share`);
  line("calls a further step", round((three.perPass - one.perPass) / 2), "aim ≤ 14");
}
