/**
 * The contract and scenario suites against moto, an independent implementation of AWS: `npm run test:moto [-- FILE…]`.
 * Uses an installed moto of at least 5.2.1, else installs the pinned one into `.venv`, else fails saying so.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../support/free-port.ts";
import { assertLoopback } from "../support/loopback.ts";

const PINNED = "5.2.1";
/** Comes along for `test/localcloud/clients/`, which asks through it and through moto's own boto3. */
const AWS_COMMAND = "awscli==1.46.3";
const root = dirname(dirname(import.meta.dirname));

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
    await answering(endpoint, moto);
    console.log(`moto ${versionOf(python)} at ${endpoint}: ${files.length} files`);
    const tests = spawn(process.execPath, ["--test", "--test-concurrency=1", ...files], {
      cwd: root,
      stdio: "inherit",
      env: {
        ...process.env,
        ...DUMMY_CREDENTIALS,
        NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compile"),
        PIPEWRIGHT_TEST_BACKEND: "moto",
        PIPEWRIGHT_TEST_ENDPOINT: endpoint,
        PIPEWRIGHT_TEST_PYTHON: python,
      },
    });
    return await new Promise((resolve) => tests.on("close", (code) => resolve(code ?? 1)));
  } finally {
    moto.kill("SIGKILL");
  }
}

/** A Python that can run moto's server. */
function findMoto(): string {
  const own = join(root, ".venv", "bin", "python");
  for (const python of [own, "python3"]) if (atLeast(versionOf(python), PINNED)) return python;
  console.log(`moto ${PINNED} is not here; installing it into .venv …`);
  const steps: [string, string[]][] = [
    ["python3", ["-m", "venv", join(root, ".venv")]],
    [own, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `moto[server]==${PINNED}`, AWS_COMMAND]],
  ];
  for (const [command, args] of steps) {
    const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
    if (status !== 0) {
      throw new Error(
        `moto could not be installed (${command} ${args.join(" ")}): ${stderr}\nIt needs Python 3 with venv and pip.`,
      );
    }
  }
  return own;
}

function versionOf(python: string): string | undefined {
  if (python.includes("/") && !existsSync(python)) return undefined;
  const { stdout, status } = spawnSync(python, ["-c", "import flask, moto; print(moto.__version__)"], {
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : undefined;
}

function atLeast(version: string | undefined, wanted: string): boolean {
  if (!version) return false;
  const [have, want] = [version, wanted].map((text) => text.split(".").map(Number));
  const index = want!.findIndex((number, place) => number !== (have![place] ?? 0));
  return index < 0 || (have![index] ?? 0) > want![index]!;
}

async function answering(endpoint: string, server: ReturnType<typeof spawn>): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (server.exitCode !== null) throw new Error(`moto ended with code ${server.exitCode}`);
    const answer = await fetch(`${endpoint}/moto-api/data.json`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error("moto did not answer within 30 s");
}
