import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { World } from "../../service.ts";
import type { ContainerToRun, RunningTask, TaskRunner } from "./task-runner.ts";

export interface ProcessRunnerOptions {
  /** The worker's program, which runs in place of what the container's entry point names. */
  readonly workerPath: string;
  /** Where the program of an image lies on this machine; undefined where it does not. */
  sources(image: string): AlgorithmSource | undefined;
}

export interface AlgorithmSource {
  /** Absolute. */
  readonly folder: string;
  /** Where the image holds these files, for instance `/app`: arguments below it are mapped. @default nothing is mapped */
  readonly mountedAt?: string;
}

/**
 * Runs the essential containers of tasks as local processes, each with folders of its own in place of the container's
 * paths. The others only bring the worker into the image, which is not needed here: they count as done.
 */
export function createProcessRunner(world: Pick<World, "after">, options: ProcessRunnerOptions): TaskRunner {
  return {
    async start({ containers }) {
      const started = containers
        .filter(({ isEssential }) => isEssential)
        .map((container) => startProcess(world, options, container));
      const exited = Promise.all(started.map(async ({ name, exit }) => [name, await exit] as const));
      const done = containers.filter(({ isEssential }) => !isEssential).map(({ name }) => [name, 0] as const);
      return {
        exited: exited.then((codes) => new Map([...done, ...codes])),
        stop: () => started.forEach((one) => void one.stop()),
        kill: () => started.forEach((one) => void one.kill()),
      } satisfies RunningTask;
    },
  };
}

function startProcess(world: Pick<World, "after">, options: ProcessRunnerOptions, container: ContainerToRun) {
  const source = options.sources(container.image);
  if (source === undefined) {
    throw new Error(
      `CannotPullContainerError: no algorithm below the --pipelines of this cloud says in source where the program of ${container.image} lies`,
    );
  }
  const home = mkdtempSync(join(tmpdir(), "pipewright-task-"));
  const child = spawn(process.execPath, [options.workerPath], {
    cwd: source.folder,
    // Programs are looked for where this process would find them; all else is the container's.
    env: { PATH: process.env.PATH ?? "", HOME: home, ...mapped(container.environment, source, home) },
    // A group of its own, so that the end by force reaches what runs in it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.unref();
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", container.onLine);
  const kill = () => killAll(child);
  let forgetKill = () => {};
  const exit = new Promise<number>((resolve) => {
    child.once("error", () => resolve(CANNOT_START));
    child.once("close", (code, signal) => resolve(code ?? (signal === "SIGTERM" ? TERMINATED : KILLED)));
  }).finally(() => {
    forgetKill();
    return rm(home, { recursive: true, force: true });
  });
  return {
    name: container.name,
    exit,
    kill,
    stop() {
      child.kill("SIGTERM");
      forgetKill = world.after(container.stopTimeoutMs, kill);
    },
  };
}

/** As a shell and Docker report them. */
const CANNOT_START = 127;
const KILLED = 137;
const TERMINATED = 143;

/** The container's paths become this machine's: private folders for its files, the source for its program. */
function mapped(
  environment: Readonly<Record<string, string>>,
  { folder, mountedAt }: AlgorithmSource,
  home: string,
): Record<string, string> {
  const result = { ...environment };
  for (const name of ["PIPEWRIGHT_INPUT_PATH", "PIPEWRIGHT_OUTPUT_PATH"]) {
    const path = environment[name];
    if (path === undefined) continue;
    result[name] = join(home, path);
    mkdirSync(result[name], { recursive: true });
  }
  const command = environment.PIPEWRIGHT_COMMAND;
  if (command !== undefined && mountedAt !== undefined) {
    const here = (argument: string) =>
      argument.startsWith(`${mountedAt}/`) ? join(folder, argument.slice(mountedAt.length)) : argument;
    result.PIPEWRIGHT_COMMAND = JSON.stringify((JSON.parse(command) as string[]).map(here));
  }
  return result;
}

/** All that a container's end would reach: the worker starts its algorithm in a group of its own. */
function killAll({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  for (const group of [pid, ...descendants(pid)]) {
    try {
      process.kill(-group, "SIGKILL");
    } catch {
      // It leads no group, or has just ended by itself.
    }
  }
}

/** As Linux tells them; elsewhere, what has left the worker's group ends by itself. */
function descendants(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").match(/\d+/g) ?? [];
    return children.map(Number).flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}
