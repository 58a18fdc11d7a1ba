/** Watches what the cloud's processes use: how much memory each kind takes at most, and whether any has something to do. */
import { processesOf } from "../support/processes.ts";

export type Kind = "cloud" | "worker" | "function" | "algorithm";

export interface Watch {
  /** For two seconds nothing but the cloud itself has been at work: all wait for something. */
  isIdle(): boolean;
  /** Whether an algorithm has this text among its arguments at present. */
  isAtWorkOn(text: string): boolean;
  /** The most memory that one process of each kind ever had, MiB. */
  peaks(): Readonly<Record<Kind, number>>;
  stop(): void;
}

const LOOK_EVERY_MS = 250;
const IDLE_MS = 2_000;
/** Long polls and timers cost a little. */
const IDLE_SHARE = 0.04;

export function createWatch(pid: number): Watch {
  const peaks: Record<Kind, number> = { cloud: 0, worker: 0, function: 0, algorithm: 0 };
  let before = new Map<number, number>();
  let commands: string[] = [];
  let idleSinceMs = performance.now();
  let lookedMs = performance.now();

  const look = () => {
    const processes = processesOf(pid);
    let workedMs = 0;
    for (const { pid: one, command, cpuMs, peakMiB } of processes) {
      const kind = one === pid ? "cloud" : kindOf(command);
      peaks[kind] = Math.max(peaks[kind], peakMiB);
      if (kind !== "cloud") workedMs += cpuMs - (before.get(one) ?? 0);
    }
    before = new Map(processes.map(({ pid: one, cpuMs }) => [one, cpuMs]));
    commands = processes.slice(1).map(({ command }) => command);
    const nowMs = performance.now();
    if (workedMs > IDLE_SHARE * (nowMs - lookedMs)) idleSinceMs = nowMs;
    lookedMs = nowMs;
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    isIdle: () => performance.now() - idleSinceMs >= IDLE_MS,
    isAtWorkOn: (text) => commands.some((command) => kindOf(command) === "algorithm" && command.includes(text)),
    peaks: () => peaks,
    stop: () => clearInterval(timer),
  };
}

function kindOf(command: string): Kind {
  if (command.includes("worker.mjs")) return "worker";
  return command.includes("runtime.mjs") ? "function" : "algorithm";
}
