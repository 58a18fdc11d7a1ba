import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import type { Clock } from "../src/core/ports.ts";
import { Unfinished } from "./ending.ts";
import { eachLine } from "./lines.ts";

export interface Run {
  /** Arguments, the program first; no shell sees them. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the run before its time. */
  readonly signal: AbortSignal;
  readonly onLine: (stream: "stdout" | "stderr", line: string) => void;
  readonly clock: Clock;
}

/** Between being asked to end and being made to. */
const KILL_AFTER_MS = 10_000;
/** A descendant that left the group may hold the pipes open for ever. */
const CLOSE_WITHIN_MS = 5_000;

/**
 * Runs a program to its end and answers its exit code; 128 and the signal's number, as a shell has it, where a signal ended
 * it. When it has ended, so have all processes that it left behind in its group.
 * @throws Unfinished `unable` where the program is not there or cannot be executed
 */
export async function runCommand({ command, environment, signal, onLine, clock }: Run): Promise<number> {
  signal.throwIfAborted();
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"], detached: true });
  endFirst(child);
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  eachLine(child.stdout, (line) => onLine("stdout", line));
  eachLine(child.stderr, (line) => onLine("stderr", line));

  let cancelKill = () => {};
  const end = () => {
    killGroup(child, "SIGTERM");
    cancelKill = clock.after(KILL_AFTER_MS, () => killGroup(child, "SIGKILL"));
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    return await exitCode(child, program);
  } finally {
    signal.removeEventListener("abort", end);
    cancelKill();
    killGroup(child, "SIGKILL");
    await within(CLOSE_WITHIN_MS, closed, clock);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function exitCode(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    child.once("error", (error: NodeJS.ErrnoException) => {
      const isAbsent = ["ENOENT", "EACCES", "ENOTDIR", "ENOEXEC"].includes(error.code ?? "");
      reject(isAbsent ? new Unfinished({ is: "unable", detail: `cannot start ${program}: ${error.message}` }) : error);
    });
  });
}

/**
 * Where the container's memory is used up, the kernel is to end the program, whose file is then tried again or given up with its
 * exit code, and not the worker, which would take the file's fate with it. Whoever owns a process may raise this (proc(5)).
 */
function endFirst({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) writeFileSync(`/proc/${pid}/oom_score_adj`, "1000");
  } catch {
    // It has ended already, or the system knows no such thing.
  }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  // A program that could not be started has no process.
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}

function within(ms: number, promise: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    void promise.then(() => {
      cancel();
      resolve();
    });
  });
}
