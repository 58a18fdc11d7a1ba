/** The real program as a process of its own, in an environment that knows nothing but the world's account. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assertLoopback } from "../support/loopback.ts";
import type { World } from "./world.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command to its end. `--pipelines` and `--data` are the world's. */
export async function pipewright(world: World, args: readonly string[], environment: object = {}): Promise<Ended> {
  const child = start(world, args, environment);
  const [out, err, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "close")]);
  return { code: code as number | null, out, err };
}

/** A line of the daemon's log. */
export type LogEntry = Readonly<Record<string, unknown>> & { readonly msg: string };

export interface Daemon {
  readonly log: readonly LogEntry[];
  /** Resolves with the first entry, old or new, that is as asked. */
  logged(isIt: (entry: LogEntry) => boolean, what: string): Promise<LogEntry>;
  /** Without waiting for what it does: SIGSTOP pauses, SIGCONT wakes. */
  signal(signal: NodeJS.Signals): void;
  /** Answers the exit code, once the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export function startDaemon(world: World, t: TestContext, args: readonly string[] = [], environment = {}): Daemon {
  const child = start(world, ["run", ...args], { PIPEWRIGHT_LOG_LEVEL: "debug", ...environment });
  const log: LogEntry[] = [];
  child.stdout!.resume();
  createInterface({ input: child.stderr! }).on("line", (line) => {
    log.push(line.startsWith("{") ? JSON.parse(line) : { msg: line });
  });
  const gone = once(child, "close");
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> => {
    if (!isGone()) child.kill(signal);
    await gone;
    return child.exitCode;
  };
  t.after(() => stop("SIGKILL"));
  return {
    log,
    signal: (signal) => void child.kill(signal),
    stop,
    logged: (isIt, what) =>
      eventually(`the daemon's log says ${what}`, () => {
        const found = log.find(isIt);
        if (found) return found;
        if (isGone()) throw new Error(`the daemon ended: ${JSON.stringify(log.slice(-5))}`);
        return undefined;
      }),
  };
}

/** Resolves once `check` answers something that is true; errors it throws are taken for "not yet". */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  withinMs = 60_000,
  everyMs = 200,
): Promise<Exclude<T, undefined | false>> {
  const until = Date.now() + withinMs;
  let last: unknown;
  while (Date.now() < until) {
    try {
      const answer = await check();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  }
  throw new Error(`not within ${withinMs} ms: ${what}`, { cause: last });
}

const WITHOUT_FOLDER = ["schema"];

function start(world: World, args: readonly string[], environment: object): ChildProcess {
  const { backend, data, folder, root } = world;
  const [command = ""] = args;
  const folders =
    WITHOUT_FOLDER.includes(command) || args.includes("--help") ? [] : ["--pipelines", folder, "--data", data];
  return spawn(process.execPath, [MAIN, ...args, ...folders], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      // No profile of whoever runs the tests.
      HOME: root,
      // Half of what a start costs is compiling.
      NODE_COMPILE_CACHE: join(import.meta.dirname, "../../node_modules/.cache/pipewright-scenarios"),
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ENDPOINT_URL: assertLoopback(backend.endpoint),
      AWS_REGION: backend.region,
      AWS_ACCESS_KEY_ID: backend.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: backend.credentials.secretAccessKey,
      PIPEWRIGHT_IGNORE: backend.ignore.join(","),
      ...environment,
    },
  });
}
