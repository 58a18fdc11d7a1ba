/**
 * The contract and scenario suites against moto, an independent implementation of AWS: `npm run test:moto [-- FILE…]`.
 * Uses an installed moto of at least 5.2.1, else installs the pinned one into `.venv`, else fails saying so.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { assertLoopback } from "../support/loopback.ts";
import { answering, ask, atLeast, install, test } from "../support/python.ts";

const PINNED = "5.2.1";
/** Comes along for `test/localcloud/clients/`, which asks through it and through moto's own boto3. */
const AWS_COMMAND = "awscli==1.46.3";
const START_SECONDS = 30;
const root = dirname(dirname(import.meta.dirname));
const venv = join(root, ".venv");

const DUMMY_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
};

process.exitCode = await main(process.argv.slice(2));

async function main(named: readonly string[]): Promise<number> {
  const python = findMoto();
  const files =
    named.length > 0 ? named : globSync(["test/contract/*.test.ts", "test/scenarios/*.test.ts"], { cwd: root }).sort();
  // Suites share an account's roles, so that two of them must not have one moto; each core has one of its own.
  const shards = Math.min(availableParallelism(), files.length);
  const codes = await Promise.all(
    Array.from({ length: shards }, (_, shard) =>
      run(
        python,
        files.filter((_, index) => index % shards === shard),
      ),
    ),
  );
  return Math.max(...codes);
}

/** These files, one after the other, against a moto of their own. */
async function run(python: string, files: readonly string[]): Promise<number> {
  const port = await freePort();
  const endpoint = assertLoopback(`http://127.0.0.1:${port}`);
  const moto = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
    stdio: ["ignore", "ignore", "ignore"],
    env: { ...process.env, MOTO_IAM_LOAD_MANAGED_POLICIES: "true", ...DUMMY_CREDENTIALS },
  });
  try {
    await answering(`${endpoint}/moto-api/data.json`, START_SECONDS, moto);
    console.log(`moto ${versionOf(python)} at ${endpoint}: ${files.length} files`);
    return await test(files, {
      ...DUMMY_CREDENTIALS,
      PIPEWRIGHT_TEST_BACKEND: "moto",
      PIPEWRIGHT_TEST_ENDPOINT: endpoint,
      PIPEWRIGHT_TEST_PYTHON: python,
    });
  } finally {
    moto.kill("SIGKILL");
  }
}

/** A Python that can run moto's server. */
function findMoto(): string {
  for (const python of [join(venv, "bin", "python"), "python3"]) if (atLeast(versionOf(python), PINNED)) return python;
  return install({ name: `moto ${PINNED}`, venv, pythons: ["3"], packages: [`moto[server]==${PINNED}`, AWS_COMMAND] });
}

function versionOf(python: string): string | undefined {
  return ask(python, "import flask, moto; print(moto.__version__)");
}
