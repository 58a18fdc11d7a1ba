/**
 * What the daemon (the bundled binary, a process of its own) spends: processor time a pass, everything included, and
 * resident memory, after several resyncs of 1,000 one-step workflows. Processor time is no machine-independent figure, so
 * the same calls sent by bare SDK clients one after the other are measured beside it.
 * `node bench/cpu.ts [WORKFLOWS] [RESYNCS]`
 */
import { GetPublicAccessBlockCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { LIMITS } from "../src/engine/limits.ts";
import { resyncMs } from "../src/engine/resync.ts";
import { systemClock } from "../src/io/clock.ts";
import { CREDENTIALS, REGION } from "./support/cloud.ts";
import { startDaemon } from "./support/daemon.ts";
import { setUp } from "./support/estate.ts";
import { heading, line, round, sum } from "./support/figures.ts";

const count = Number(process.argv[2] ?? 1_000);
const resyncs = Number(process.argv[3] ?? 4);
const intervalMs = resyncMs(count, LIMITS);

const { cloud, folder, product } = await setUp(count);
await product.stop();
heading(`cpu: ${count} one-step workflows, ${resyncs} resyncs`);

const daemon = startDaemon(cloud, folder);
await systemClock.sleep(intervalMs);
for (let run = 0; run < resyncs; run++) {
  await cloud.clearCalls();
  const before = daemon.cpuMs() ?? Number.NaN;
  await systemClock.sleep(intervalMs);
  const spentMs = (daemon.cpuMs() ?? Number.NaN) - before;
  const counts = await cloud.counts();
  // Asked once a pass of a one-step workflow, and for nothing else.
  const passes = counts["s3:GetBucketNotificationConfiguration"] ?? 0;
  line(`resync ${run + 1}: processor time a pass`, `${round(spentMs / passes)} ms`, "aim ≤ 12 ms");
  line("  calls a pass, passes", `${round(sum(Object.values(counts)) / passes)}, ${passes}`);
  line("  resident memory", `${round(daemon.residentMiB() ?? Number.NaN, 0)} MiB`, "aim ≤ 250 MiB");
}
await daemon.stop();
line("bare SDK: processor time of one call (S3 and SQS by halves)", `${round(await bareCallMs(), 2)} ms`);
await cloud.stop();
await folder.remove();

/** After a warm-up as long as the measurement. */
async function bareCallMs(): Promise<number> {
  const settings = { endpoint: cloud.endpoint, region: REGION, credentials: CREDENTIALS };
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const pairs = 1_000;
  let spentMs = 0;
  for (let round = 0; round < 2; round++) {
    const before = process.cpuUsage();
    for (let pair = 0; pair < pairs; pair++) {
      await s3.send(new GetPublicAccessBlockCommand({ Bucket: "bench-w0000-in" }));
      const QueueUrl = `${cloud.endpoint}/123456789012/pw-w0000-grey`;
      await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    }
    const { user, system } = process.cpuUsage(before);
    spentMs = (user + system) / 1_000;
  }
  s3.destroy();
  sqs.destroy();
  return spentMs / (2 * pairs);
}
