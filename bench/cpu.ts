/**
 * What this process spends on a pass: processor time and memory, the SDK included, the cloud (another process) not.
 * `node bench/cpu.ts [WORKFLOWS] [RESYNCS]`
 */
import { FOUNDATION } from "../src/core/resource.ts";
import { LIMITS } from "../src/engine/limits.ts";
import { resyncMs } from "../src/engine/resync.ts";
import { systemClock } from "../src/io/clock.ts";
import { setUp } from "./support/estate.ts";
import { heading, line, round } from "./support/figures.ts";

const count = Number(process.argv[2] ?? 1_000);
const resyncs = Number(process.argv[3] ?? 3);
const intervalMs = resyncMs(count, LIMITS);
const MIB = 2 ** 20;

const { product, stop } = await setUp(count);
product.limit(true);
let passes = 0;
product.engine.subscribe((event) => {
  if (event.type === "pass-done" && event.workflow !== FOUNDATION) passes++;
});
heading(`cpu: ${count} workflows, ${resyncs} resyncs`);
line("resident memory after the set-up", `${round(process.memoryUsage().rss / MIB, 0)} MiB`);
for (let run = 0; run < resyncs; run++) {
  passes = 0;
  product.clear();
  const before = process.cpuUsage();
  await systemClock.sleep(intervalMs);
  const { user, system } = process.cpuUsage(before);
  line(`processor time a pass, over ${passes} passes`, `${round((user + system) / 1_000 / passes)} ms`, "aim ≤ 12 ms");
  line("calls a pass", round(product.calls.length / passes));
  line("resident memory", `${round(process.memoryUsage().rss / MIB, 0)} MiB`, "aim ≤ 250 MiB");
}
await stop();
