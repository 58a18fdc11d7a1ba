/** The worker as it ships, in processes of its own that are really killed. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { createRandom } from "../../localcloud/random.ts";
// @ts-expect-error a script has no types
import { writeWorkerBundle } from "../../scripts/worker-bundle.mjs";
import { toEnvironment, type WorkerSettings } from "../../src/desired/worker-environment.ts";
import { openStage, type Stage, sh } from "./stage.ts";

const ALGORITHM = `
import { readFileSync, writeFileSync } from "node:fs";
const [input, output] = process.argv.slice(2);
const text = readFileSync(input, "utf8");
console.log("at work on", text);
if (text.startsWith("poison")) process.exit(65);
if (text.startsWith("killer")) process.kill(process.ppid, "SIGKILL");
writeFileSync(output, text.toUpperCase().repeat(10_000));
`;

describe("the worker's process", () => {
  let folder: string;
  let bundle: string;
  let stage: Stage;
  const running = new Set<ChildProcess>();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "pipewright-worker-bundle-"));
    bundle = join(folder, "worker.mjs");
    await writeWorkerBundle(dirname(dirname(import.meta.dirname)), bundle);
    writeFileSync(join(folder, "algorithm.mjs"), ALGORITHM);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    stage = await openStage({ maxReceives: 8 });
  });
  afterEach(async () => {
    for (const child of running) child.kill("SIGKILL");
    await stage.stop();
  });

  const start = (over: Partial<WorkerSettings>) => {
    const env = {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: stage.cloud.endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      ...toEnvironment({ ...stage.settings, ...over }),
    };
    const child = spawn(process.execPath, [bundle], { env, stdio: ["ignore", "pipe", "inherit"] });
    running.add(child);
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const exited = new Promise<number | string>((resolve) =>
      child.once("exit", (code, signal) => {
        running.delete(child);
        resolve(code ?? signal ?? "");
      }),
    );
    const says = async (text: string) => {
      while (!output.includes(text)) await new Promise((resolve) => child.stdout.once("data", resolve));
    };
    return { child, exited, says };
  };

  it("killed again and again leaves one correct result of every file, and poison in the dead letters", async () => {
    const command = [process.execPath, join(folder, "algorithm.mjs"), "$input", "$output"];
    const random = createRandom(20260522);
    const good = Array.from({ length: 6 }, (_, index) => `good ${index} + 100% "ü"`);
    for (const key of good) await stage.send(await stage.upload(key, key));
    await stage.upload("poison", "poison");
    await stage.upload("killer", "killer");

    for (let round = 0; (await stage.waiting()).some((count) => count > 0); round += 1) {
      assert.ok(round < 60, "comes to an end");
      const workers = [start({ command }), start({ command })];
      if (round < 4) {
        for (const { child } of workers) setTimeout(() => child.kill("SIGKILL"), 200 + random() * 600);
      } else {
        await settled(stage, workers);
        for (const { child } of workers) child.kill("SIGTERM");
      }
      await Promise.all(workers.map(({ exited }) => exited));
      // Polls of the dead end first; they would be handed the messages whose leases end next.
      stage.pass(21);
      await stage.waiting();
      stage.pass(901);
    }
    const results = await stage.results();
    assert.deepEqual(
      results.map(({ key, body }) => [key, body.equals(Buffer.from(key.slice(12).toUpperCase().repeat(10_000)))]),
      good.map((key) => [`Result-grey-${key}`, true]),
    );
    assert.deepEqual(new Set(Object.values(await stage.writes())), new Set([1]));
    const reasons = (await stage.deadLetters()).map(({ key, reason }) => `${key}: ${reason}`);
    assert.deepEqual([...new Set(reasons)].sort(), ["killer: crashed", "poison: exit-code"]);
  });

  it("asked to stop hands its file back and ends well", async () => {
    const message = await stage.upload("photo.txt", "green");
    const { child, exited, says } = start({ command: sh("echo asleep; sleep 60") });
    await says("asleep");
    child.kill("SIGTERM");
    assert.equal(await exited, 0);
    assert.deepEqual(JSON.parse((await stage.receive())?.Body ?? ""), message);
    assert.deepEqual(await stage.waiting(), [0, 1, 0]);
  });

  it("ends with code 1 where it cannot work", async () => {
    await stage.upload("photo.txt", "green");
    assert.equal(await start({ command: ["/nowhere/program"] }).exited, 1);
    assert.deepEqual(await stage.waiting(), [0, 0, 1]);
  });
});

/** Until nothing is left to do, or one of the workers is gone, whose file the others cannot see before its lease ends. */
async function settled(stage: Stage, workers: readonly { readonly exited: Promise<unknown> }[]): Promise<void> {
  let isOneGone = false;
  void Promise.race(workers.map(({ exited }) => exited)).then(() => {
    isOneGone = true;
  });
  for (;;) {
    const [visible, inFlight] = await stage.waiting();
    if (isOneGone || visible + inFlight === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
