/** From the moment a workflow file lies in the folder to the daemon's first call to AWS, over all of file watching. */
import { systemClock } from "../src/io/clock.ts";
import { startCloud } from "./support/cloud.ts";
import { startDaemon } from "./support/daemon.ts";
import { heading, line, round } from "./support/figures.ts";
import { createFolder } from "./support/folder.ts";

const RUNS = 10;
/** Between two drops, so that the one before is done, and within the shortest resync interval. */
const SETTLED_MS = 2_000;

const [cloud, folder] = await Promise.all([startCloud(), createFolder()]);
const daemon = startDaemon(cloud, folder);
// Its first call is whose credentials these are; a folder without files asks for nothing more.
while ((await cloud.calls()).length === 0) await systemClock.sleep(50);
await systemClock.sleep(SETTLED_MS);

const tookMs: number[] = [];
for (let run = 0; run < RUNS; run++) {
  await cloud.clearCalls();
  // The file is timed from before it is written; the cloud logs by the same machine's clock.
  const droppedAt = Date.now();
  await folder.add(`dropped-${run}`);
  for (;;) {
    const first = (await cloud.calls()).find((call) => call.input.includes(`dropped-${run}`));
    if (first) {
      tookMs.push(first.at - droppedAt);
      break;
    }
    await systemClock.sleep(20);
  }
  await systemClock.sleep(SETTLED_MS);
}
tookMs.sort((one, other) => one - other);

heading(`drop: a file dropped until the first AWS call about it, ${RUNS} drops`);
line("median", `${round(tookMs[RUNS / 2]!, 0)} ms`);
line("slowest", `${round(tookMs.at(-1)!, 0)} ms`, "aim ≤ 300 ms");
await daemon.stop();
await cloud.stop();
await folder.remove();
