/** Other clouds that are Python programs: how one is installed, started, waited for and tested against. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = dirname(dirname(import.meta.dirname));
/** The first pip that takes `--uploaded-prior-to`, and past its first faults. */
const PIP = "pip==26.3";

export interface Program {
  /** For messages. */
  readonly name: string;
  /** The virtual environment that it is installed into. */
  readonly venv: string;
  readonly packages: readonly string[];
  /** Versions of Python that it runs on, the best one first; `3` is whichever there is. */
  readonly pythons: readonly string[];
  /** What it depends on is taken as it stood at this instant (ISO 8601). @default today's */
  readonly asOf?: string;
}

/**
 * @returns the Python that has it
 * @throws saying what is wrong with which step
 */
export function install({ name, venv, packages, pythons, asOf }: Program, environment = process.env): string {
  const base = findPython(pythons, environment);
  if (!base) throw new Error(`${name} needs Python ${pythons.join(" or ")} with venv and pip, and there is none here`);
  console.log(`${name} is not here; installing it into ${venv} …`);
  const own = join(venv, "bin", "python");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  const steps: [string, string[]][] = [
    [base, ["-m", "venv", "--clear", venv]],
    ...(asOf ? [[own, [...pip, PIP]] satisfies [string, string[]]] : []),
    [own, [...pip, ...(asOf ? ["--uploaded-prior-to", asOf] : []), ...packages]],
  ];
  for (const [command, args] of steps) {
    const { status, stderr } = run(command, args, environment);
    if (status !== 0) throw new Error(`${name} could not be installed (${command} ${args.join(" ")}): ${stderr}`);
  }
  return own;
}

/** One that pyenv keeps answers to its name where its version is asked for. */
function findPython(versions: readonly string[], environment: NodeJS.ProcessEnv): string | undefined {
  for (const version of versions) {
    const asked = version.includes(".") ? { PYENV_VERSION: version } : {};
    const print = ["-c", "import sys; print(sys.executable)"];
    const { status, stdout } = run(`python${version}`, print, { ...environment, ...asked });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

/** What a line of Python prints; nothing where it fails. */
export function ask(python: string, line: string): string | undefined {
  const { stdout, status } = run(python, ["-c", line]);
  return status === 0 ? stdout.trim() : undefined;
}

export function atLeast(version: string | undefined, wanted: string): boolean {
  if (!version) return false;
  const [have, want] = [version, wanted].map((text) => text.split(".").map(Number));
  const index = want!.findIndex((number, place) => number !== (have![place] ?? 0));
  return index < 0 || (have![index] ?? 0) > want![index]!;
}

/**
 * Resolves with what a server says at an address, once it does.
 * @param server the process that it is, where it is one of ours
 * @throws when the server ends, or takes more than `seconds`
 */
export async function answering(url: string, seconds: number, server?: ChildProcess): Promise<unknown> {
  const end = Date.now() + seconds * 1_000;
  while (Date.now() < end) {
    if (server && server.exitCode !== null) throw new Error(`it ended with code ${server.exitCode}`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return answer.json();
    await sleep(100);
  }
  throw new Error(`it did not answer within ${seconds} s`);
}

/** Runs these test files one after the other. Resolves with the exit code. */
export function test(files: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const tests = spawn(process.execPath, ["--test", "--test-concurrency=1", ...files], {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compile"),
      ...environment,
    },
  });
  return new Promise((resolve) => tests.on("close", (code) => resolve(code ?? 1)));
}

const run = (command: string, args: readonly string[], environment = process.env) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", env: environment });
  return { status, stdout, stderr: error?.message ?? stderr };
};
