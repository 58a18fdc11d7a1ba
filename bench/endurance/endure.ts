/**
 * Many small files and a large one through the three-step example, on the local cloud as a process of its own: real
 * functions, tasks as processes, everything under its role's policy. With mishaps on, all goes wrong that may go wrong, by
 * a seed. Throws where a file is lost, wrong, or made twice.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type Cloud, CREDENTIALS, REGION, ROOT, startCloud } from "../support/cloud.ts";
import { type Account, BUCKETS, openAccount, STEPS, WORKFLOW } from "./account.ts";
import { type BigFile, POISON_HEADER, poisonFiles, smallFiles, type TestFile, writeBigFile } from "./files.ts";
import { orderMishaps } from "./mishaps.ts";
import { createWatch, type Watch } from "./watch.ts";

export interface Endurance {
  readonly files: number;
  readonly bigBytes: number;
  readonly seed: number;
  readonly mishaps: boolean;
  /** Takes what is going on, for whoever waits. */
  readonly say: (line: string) => void;
}

export interface Endured {
  /** From the first upload to the last result, of the small files and of the large one. */
  readonly smallSeconds: number;
  readonly bigSeconds: number;
  /** The most memory that one process of each kind ever had, MiB. */
  readonly peaks: ReturnType<Watch["peaks"]>;
  /** AWS calls, by `service:operation`. */
  readonly calls: Readonly<Record<string, number>>;
  /** How often each kind of misfortune struck. */
  readonly struck: Readonly<Record<string, number>>;
}

const BIG_KEY = "the big one.csv";
/** Files that cannot be processed, among each hundred. */
const POISON_PERCENT = 1;
const UPLOADS_AT_ONCE = 8;
const LOOK_EVERY_MS = 1_000;
/** By so much the world's clock is stepped where the machine has nothing to do: leases, retries and late events come in. */
const STEP_MS = 31_000;
/** Longer than any of these take in the world. */
const PATIENCE_STEPS = 60;
/** Longer than late events and what the functions' queue tries again are on their way. */
const AFTERMATH_STEPS = 12;

interface Stage {
  readonly options: Endurance;
  readonly folder: string;
  readonly pipelines: string;
  readonly cloud: Cloud;
  readonly account: Account;
  readonly watch: Watch;
}

export async function endure(options: Endurance): Promise<Endured> {
  const folder = await mkdtemp(join(tmpdir(), "pipewright-endurance-"));
  const pipelines = await copyOfExample(folder);
  const cloud = await startCloud({ pipelines, seed: options.seed });
  const account = openAccount(cloud);
  const watch = createWatch(cloud.pid);
  try {
    return await run({ options, folder, pipelines, cloud, account, watch });
  } finally {
    watch.stop();
    account.close();
    await cloud.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(stage: Stage): Promise<Endured> {
  const { options, folder, cloud, account, watch } = stage;
  const { files, seed, say } = options;
  const [good, poison] = [smallFiles(files, seed), poisonFiles(Math.ceil((files * POISON_PERCENT) / 100), seed)];
  const big = await writeBigFile(join(folder, BIG_KEY), options.bigBytes, seed);
  const results = new Map([...good.map(({ key, result }) => [key, result] as const), [BIG_KEY, big.result]]);
  await pipewright(stage, "apply");
  await account.remember(BUCKETS.output);
  const mishaps = options.mishaps ? await orderMishaps(stage, { files, bigKey: BIG_KEY, say }) : undefined;

  const beganMs = performance.now();
  const seconds = () => (performance.now() - beganMs) / 1_000;
  let [smallSeconds, bigSeconds] = [0, 0];
  const uploads = Promise.all([
    pipewright(stage, "upload", WORKFLOW, join(folder, BIG_KEY)),
    uploadAll([...good, ...poison], account),
  ]);
  // It is waited for below; until then each look asks whether it has failed.
  let failure: unknown;
  uploads.catch((error: unknown) => {
    failure = error;
  });
  await until(stage, "every result is there", async () => {
    if (failure !== undefined) throw failure;
    const made = await account.writes(BUCKETS.output);
    await mishaps?.go(made.size);
    if (made.has(BIG_KEY)) bigSeconds ||= seconds();
    if (good.every(({ key }) => made.has(key))) smallSeconds ||= seconds();
    say(`${made.size} of ${results.size} results after ${seconds().toFixed(0)} s`);
    return made.size >= results.size;
  });
  await uploads;
  await aftermath(stage);
  await checkResults(results, big, stage);
  await checkLetters(poison, stage);
  say("every result is there, written once, right byte for byte; what cannot be processed says why");

  await learnCapitals(stage);
  say((await pipewright(stage, "redrive", WORKFLOW)).trim());
  for (const { key, result } of poison) results.set(key, result);
  await until(stage, "what was given up is processed", async () => {
    return (await account.writes(BUCKETS.output)).size >= results.size;
  });
  await aftermath(stage);
  await checkResults(results, big, stage);
  await checkLetters([], stage);
  say("what was given up came back, and is processed");
  const [calls, struck] = [await cloud.counts(), (await mishaps?.struck()) ?? {}];
  return { smallSeconds, bigSeconds, peaks: watch.peaks(), calls, struck };
}

/** The example, and its algorithms, which can be changed. Few tasks: all of them share one machine. */
async function copyOfExample(folder: string): Promise<string> {
  const pipelines = join(folder, "pipelines");
  await cp(join(ROOT, "pipelines/algorithms"), join(pipelines, "algorithms"), { recursive: true });
  const example = JSON.parse(await readFile(join(ROOT, `pipelines/${WORKFLOW}.json`), "utf8"));
  const workflow = { ...example, timeout_minutes: 60, compute: { max_tasks: 2 } };
  await writeFile(join(pipelines, `${WORKFLOW}.json`), JSON.stringify(workflow));
  return pipelines;
}

/** The first step no longer minds how the header is written. */
async function learnCapitals({ pipelines }: Stage): Promise<void> {
  const path = join(pipelines, "algorithms", STEPS[0], `${STEPS[0]}.mjs`);
  const program = await readFile(path, "utf8");
  const taught = program.replace("if (header !== HEADER)", "if (header.toLowerCase() !== HEADER)");
  assert.notEqual(taught, program);
  await writeFile(path, taught);
}

/** A command, as a person gives it. */
async function pipewright({ cloud, folder, pipelines }: Stage, command: string, ...args: string[]): Promise<string> {
  const binary = join(ROOT, "dist/pipewright.js");
  const env = {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    PIPEWRIGHT_PIPELINES: pipelines,
    PIPEWRIGHT_DATA: join(folder, "data"),
  };
  const { stdout } = await promisify(execFile)(process.execPath, [binary, command, ...args], { env });
  return stdout;
}

async function uploadAll(files: readonly TestFile[], account: Account): Promise<void> {
  const left = [...files];
  const one = async () => {
    for (let file = left.shift(); file; file = left.shift()) await account.upload(file.key, file.body);
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, one));
}

/** Where the machine has nothing to do, all wait for the world's clock. */
async function until(stage: Stage, what: string, isSo: () => Promise<boolean>): Promise<void> {
  let steps = 0;
  while (!(await isSo())) {
    await sleep(LOOK_EVERY_MS);
    if (!stage.watch.isIdle()) {
      steps = 0;
      continue;
    }
    steps += 1;
    assert.ok(steps < PATIENCE_STEPS, `nothing moves any more, and it is still not so that ${what}`);
    await step(stage);
  }
}

const step = ({ cloud }: Stage) => cloud.command("POST", "clock", { stepMs: STEP_MS });

/** Until nothing is under way any more. */
async function aftermath(stage: Stage): Promise<void> {
  for (let steps = 0; steps < AFTERMATH_STEPS; ) {
    await sleep(LOOK_EVERY_MS / 2);
    if (!stage.watch.isIdle()) continue;
    await step(stage);
    steps += 1;
  }
  await until(stage, "all queues are empty", async () => {
    const waiting = await Promise.all(STEPS.map((name) => stage.account.messages(`pw-${WORKFLOW}-${name}`)));
    return waiting.every((count) => count === 0);
  });
}

async function checkResults(results: ReadonlyMap<string, string>, big: BigFile, { account }: Stage): Promise<void> {
  const writes = await account.writes(BUCKETS.output);
  assert.deepEqual([...writes.keys()].sort(), [...results.keys()].sort());
  assert.deepEqual(
    [...writes].filter(([, count]) => count !== 1),
    [],
    "written more than once",
  );
  for (const [key, result] of results) assert.equal(await account.text(BUCKETS.output, key), result, key);
  assert.equal(await account.sha256(BUCKETS.between, BIG_KEY), big.firstStep);
}

/** A duplicate of an event may have made a second letter of a file. */
async function checkLetters(poison: readonly TestFile[], stage: Stage): Promise<void> {
  const { account } = stage;
  const [first, ...others] = await Promise.all(STEPS.map((name) => account.letters(name)));
  assert.deepEqual(others, [[], []]);
  assert.deepEqual([...new Set(first!.map(({ key }) => key))].sort(), poison.map(({ key }) => key).sort());
  for (const { reason, detail } of first!) {
    assert.equal(reason, "exit-code");
    assert.ok(detail.includes(JSON.stringify(POISON_HEADER.trim())), detail);
  }
  // Letters that have been read are hidden for half a minute.
  await step(stage);
}
