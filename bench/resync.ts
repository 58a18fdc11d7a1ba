/**
 * With the published quotas on, and half of each taken: how long until all owned fields of 1,000 one-step workflows were
 * looked at, how many of the calls were throttled, and how long one workflow waits between two looks.
 * `node bench/resync.ts [WORKFLOWS]`
 */
import { FOUNDATION } from "../src/core/resource.ts";
import { LIMITS } from "../src/engine/limits.ts";
import { resyncMs } from "../src/engine/resync.ts";
import { systemClock } from "../src/io/clock.ts";
import { setUp } from "./support/estate.ts";
import { countsOf, heading, line, round, sum } from "./support/figures.ts";

const count = Number(process.argv[2] ?? 1_000);
const intervalMs = resyncMs(count, LIMITS);
const { cloud, product, stop } = await setUp(count);
await systemClock.sleep(intervalMs);
await cloud.setQuotas(true);
product.limit(true);

const lastLooks = new Map<string, number>();
const gapsMs: number[] = [];
let slowestMs = 0;
product.engine.subscribe((event) => {
  if (event.type !== "pass-done" || event.workflow === FOUNDATION) return;
  const at = performance.now();
  const last = lastLooks.get(event.workflow);
  if (last !== undefined) gapsMs.push(at - last);
  lastLooks.set(event.workflow, at);
  slowestMs = Math.max(slowestMs, event.workedMs);
});
product.clear();
const rounds: number[] = [];
for (let run = 0; run < 2; run++) {
  const from = performance.now();
  const all = new Set<string>();
  await new Promise<void>((resolve) => {
    const unsubscribe = product.engine.subscribe((event) => {
      if (event.type !== "pass-done" || event.outcome.is !== "synced" || event.workflow === FOUNDATION) return;
      if (performance.now() - event.workedMs < from) return;
      all.add(event.workflow);
      if (all.size < count) return;
      unsubscribe();
      resolve();
    });
  });
  rounds.push((performance.now() - from) / 1_000);
}
const throttled = product.calls.filter((call) => call.status === 429 || call.status === 503 || call.status === 400);

heading(`resync: ${count} workflows, published quotas, half of each taken`);
line("all looked at within", `${round(Math.max(...rounds))} s`, "aim ≤ 150 s, floor 133 s");
line("longest time between two looks at one workflow", `${round(Math.max(...gapsMs) / 1_000)} s`);
line("longest pass", `${round(slowestMs / 1_000)} s`);
line("calls throttled", String(throttled.length), "aim 0");
line("writes", String(product.calls.filter((call) => call.write).length), "aim 0");
line("calls a second", round(product.calls.length / sum(rounds)));
for (const [operation, calls] of countsOf(throttled)) console.log(`    throttled ${operation} ${calls}`);
await stop();
