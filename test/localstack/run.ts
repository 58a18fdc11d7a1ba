/**
 * The contract and scenario suites against LocalStack: `npm run test:localstack [-- FILE…]`. With `LOCALSTACK_AUTH_TOKEN`
 * today's image is started, else the last LocalStack that needs no token: in docker or podman, or in this machine's Python.
 */
import { globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "../support/python.ts";
import { startLocalStack } from "./start.ts";

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
  const localstack = await startLocalStack({
    environment: process.env,
    venv: join(root, ".cache", "localstack"),
  });
  try {
    console.log(`${localstack.name}, at ${localstack.endpoint}`);
    if (localstack.since) console.log(`not in a container: ${localstack.since}`);
    return await test(suites(files, localstack.hasEcs), {
      ...DUMMY_CREDENTIALS,
      PIPEWRIGHT_TEST_BACKEND: "localstack",
      PIPEWRIGHT_TEST_ENDPOINT: localstack.endpoint,
    });
  } finally {
    await localstack.stop();
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
