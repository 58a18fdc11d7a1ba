/** Of two daemons the one that acts is killed, or told to end: how long until the other has the lease. */
import { systemClock } from "../src/io/clock.ts";
import { startCloud } from "./support/cloud.ts";
import { startDaemon } from "./support/daemon.ts";
import { heading, line, round } from "./support/figures.ts";
import { createFolder } from "./support/folder.ts";

const RUNS = 3;
/** Whoever watches has by then seen the lease, and a holder has renewed it a few times, at no moment in particular. */
const SETTLED_MS = 6_000;

const [cloud, folder] = await Promise.all([startCloud(), createFolder()]);
let started = 0;

const start = () => {
  const name = `daemon-${++started}`;
  return { name, daemon: startDaemon(cloud, folder, { PIPEWRIGHT_LEASE: "on", AWS_ACCESS_KEY_ID: name }) };
};

/** Resolves when the one that signs with this key has written the lease. */
async function holds(name: string): Promise<void> {
  const written = async () =>
    (await cloud.calls()).some(
      (call) =>
        call.accessKeyId === name &&
        call.operation === "PutObject" &&
        call.input.includes("leases/daemon.json") &&
        call.status === 200,
    );
  while (!(await written())) await systemClock.sleep(20);
}

let holder = start();
await holds(holder.name);

async function failOver(signal: NodeJS.Signals): Promise<number> {
  const watcher = start();
  await systemClock.sleep(SETTLED_MS * (1 + Math.random()));
  const from = performance.now();
  const gone = holder.daemon.stop(signal);
  await holds(watcher.name);
  const ms = performance.now() - from;
  await gone;
  holder = watcher;
  return ms;
}

async function slowestOf(signal: NodeJS.Signals): Promise<number> {
  let slowest = 0;
  for (let run = 0; run < RUNS; run++) slowest = Math.max(slowest, await failOver(signal));
  return slowest;
}

heading(`fail-over: from the end of the one daemon until the other has the lease, slowest of ${RUNS}`);
line("SIGKILL", `${round((await slowestOf("SIGKILL")) / 1_000)} s`, "aim ≤ 20 s");
line("SIGTERM", `${round((await slowestOf("SIGTERM")) / 1_000)} s`);
await holder.daemon.stop();
await cloud.stop();
await folder.remove();
