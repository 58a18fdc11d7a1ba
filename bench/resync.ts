/**
 * The daemon (the bundled binary, a process of its own) over 1,000 one-step workflows that stand, with the published quotas
 * on and half of each taken: how long until all owned fields of all of them were looked at, what a pass costs in calls and
 * processor time, and resident memory, resync after resync. Told by the cloud's own log of calls.
 *
 * Processor time is no machine-independent figure, so what bare SDK clients spend on the same number of calls on the same
 * machine stands beside it.
 * `node bench/resync.ts [WORKFLOWS] [RESYNCS]`
 */
import { LIMITS } from "../src/engine/limits.ts";
import { resyncMs } from "../src/engine/resync.ts";
import { systemClock } from "../src/io/clock.ts";
import { bareCallMs } from "./support/bare-call.ts";
import { startDaemon } from "./support/daemon.ts";
import { setUp } from "./support/estate.ts";
import { countsOf, heading, line, round, table } from "./support/figures.ts";

const count = Number(process.argv[2] ?? 1_000);
const resyncs = Number(process.argv[3] ?? 3);
/** An interval, its jitter both ways, and room to see how late the last one is. */
const windowMs = resyncMs(count, LIMITS) * 1.3;

/** Reads that no batch takes over, and of how many resources of a workflow. */
const OWN_READS: Readonly<Record<string, number>> = {
  GetPublicAccessBlock: 2,
  GetBucketEncryption: 2,
  GetBucketOwnershipControls: 2,
  GetBucketPolicy: 2,
  GetBucketLifecycleConfiguration: 2,
  GetBucketNotificationConfiguration: 1,
  GetQueueAttributes: 3,
  GetFunction: 1,
  GetPolicy: 1,
  GetFunctionEventInvokeConfig: 1,
  GetObject: 1,
};

const { cloud, folder, product } = await setUp(count);
await product.stop();
await cloud.setQuotas(true);
const daemon = startDaemon(cloud, folder);
await systemClock.sleep(windowMs);

heading(`resync: ${count} one-step workflows, published quotas, half of each taken, ${resyncs} resyncs`);
for (let run = 1; run <= resyncs; run++) {
  await cloud.clearCalls();
  const from = Date.now();
  const cpuBefore = daemon.cpuMs() ?? Number.NaN;
  await systemClock.sleep(windowMs);
  const cpuMs = (daemon.cpuMs() ?? Number.NaN) - cpuBefore;
  const calls = await cloud.calls();
  const passes = calls.filter((call) => call.operation === "GetBucketNotificationConfiguration").length;
  const throttled = calls.filter((call) => /Throttl|TooManyRequests|RequestLimitExceeded/.test(call.error ?? ""));
  const looked = Object.entries(OWN_READS).map(([operation, each]) => allSeen(operation, each * count));
  line(`${run}: all of them looked at within`, `${round((Math.max(...looked) - from) / 1_000)} s`, "aim ≤ 150 s");
  line("   calls a pass, shared ones included", round(calls.length / passes), "aim ≤ 20");
  line("   throttled, writes", `${throttled.length}, ${calls.filter((call) => call.write).length}`, "aim 0, 0");
  line("   processor time a pass", `${round(cpuMs / passes)} ms`, "aim ≤ 12 ms");
  line("   resident memory", `${round(daemon.residentMiB() ?? Number.NaN, 0)} MiB`, "aim ≤ 250 MiB");
  for (const [operation, times] of countsOf(throttled)) console.log(`    throttled ${times} times: ${operation}`);
  if (run === resyncs) table(countsOf(calls), passes);

  /** When the last of so many resources was first read; never, where one was not. */
  function allSeen(operation: string, resources: number): number {
    const seen = new Set<string>();
    for (const call of calls) {
      if (call.operation === operation) seen.add(call.resource ?? call.input);
      if (seen.size === resources) return call.at;
    }
    return Number.NaN;
  }
}
await daemon.stop();
line("bare SDK: processor time of one call", `${round(await bareCallMs(cloud), 2)} ms`);
await cloud.stop();
await folder.remove();
