/**
 * The contract and scenario suites against LocalStack: `npm run test:localstack [-- FILE…]`. Needs docker or podman, and a
 * registry that answers. With `LOCALSTACK_AUTH_TOKEN` today's LocalStack is started, else the last one that needs no token.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { call, findEngine } from "../../src/wrap/container-engine.ts";
import { assertLoopback } from "../support/loopback.ts";

const ARCHIVED = "localstack/localstack:4.14.0";
/** As in compose.yaml. */
const TODAYS = `localstack/localstack:${process.env.LOCALSTACK_VERSION || "2026.03.0"}`;
const START_SECONDS = 120;
const root = dirname(dirname(import.meta.dirname));

/** A key id of twelve digits is the account's number there: the suites' own is the local cloud's and moto's. */
const DUMMY_CREDENTIALS = { AWS_ACCESS_KEY_ID: "123456789012", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1" };

/** Contract suites that are about a service alone. */
const ABOUT_ECS = ["cluster", "task", "task-definition"];

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`The suites did not run against LocalStack: ${(error as Error).message}`);
  process.exitCode = 1;
}

async function main(files: readonly string[]): Promise<number> {
  const deps = { environment: process.env, onLine: () => {} };
  const { name: engine } = await findEngine(deps);
  const run = (...args: string[]) => call(engine, args, deps).then((out) => out.trim());
  const token = process.env.LOCALSTACK_AUTH_TOKEN;
  const image = token ? TODAYS : ARCHIVED;
  // Only the name is given: a value would stand in the list of processes.
  const given = token ? ["--env", "LOCALSTACK_AUTH_TOKEN"] : [];
  const container = await run("run", "--detach", "--rm", ...given, "--publish", "127.0.0.1::4566", image);
  try {
    const endpoint = assertLoopback(`http://${(await run("port", container, "4566")).split("\n")[0]}`);
    const services = await answering(endpoint);
    console.log(`${image} at ${endpoint}`);
    return await test(endpoint, suites(files, "ecs" in services));
  } finally {
    await run("rm", "--force", container);
  }
}

/** Says what is left out, and why. */
function suites(files: readonly string[], hasEcs: boolean): readonly string[] {
  if (files.length > 0) return files;
  const contract = globSync("test/contract/*.test.ts", { cwd: root }).sort();
  const scenarios = globSync("test/scenarios/*.test.ts", { cwd: root, exclude: ["**/*.long.test.ts"] }).sort();
  if (hasEcs) return [...contract, ...scenarios];
  const isAboutEcs = (file: string) => ABOUT_ECS.includes(basename(file, ".test.ts"));
  for (const file of contract.filter(isAboutEcs)) console.log(`skipped: ${file}: this LocalStack has no ECS`);
  for (const file of scenarios)
    console.log(`skipped: ${file}: every workflow needs ECS, which this LocalStack has not`);
  return contract.filter((file) => !isAboutEcs(file));
}

function test(endpoint: string, files: readonly string[]): Promise<number> {
  const tests = spawn(process.execPath, ["--test", "--test-concurrency=1", ...files], {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      ...DUMMY_CREDENTIALS,
      PIPEWRIGHT_TEST_BACKEND: "localstack",
      PIPEWRIGHT_TEST_ENDPOINT: endpoint,
    },
  });
  return new Promise((resolve) => tests.on("close", (code) => resolve(code ?? 1)));
}

/** Resolves with its services by name. */
async function answering(endpoint: string): Promise<object> {
  for (let second = 0; second < START_SECONDS; second++) {
    const answer = await fetch(`${endpoint}/_localstack/health`).catch(() => undefined);
    if (answer?.ok) return ((await answer.json()) as { services: object }).services;
    await sleep(1_000);
  }
  throw new Error(`it did not answer within ${START_SECONDS} s`);
}
