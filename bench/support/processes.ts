/** What a process and all that it has started use, as Linux tells it; elsewhere nothing is known. */
import { readFileSync } from "node:fs";

export interface ProcessUse {
  readonly pid: number;
  /** Its arguments, joined by spaces. */
  readonly command: string;
  /** User and system time, milliseconds. */
  readonly cpuMs: number;
  /** The most memory that it ever had, MiB. */
  readonly peakMiB: number;
}

const TICKS_PER_SECOND = 100;

/** The process itself comes first. */
export function processesOf(pid: number): ProcessUse[] {
  const own = useOf(pid);
  if (!own) return [];
  const children = read(pid, `task/${pid}/children`)?.match(/\d+/g) ?? [];
  return [own, ...children.map(Number).flatMap(processesOf)];
}

function useOf(pid: number): ProcessUse | undefined {
  const peak = /VmHWM:\s+(\d+)/.exec(read(pid, "status") ?? "");
  // The fields after the command's name, which is in brackets: utime and stime are the 12th and the 13th.
  const fields = read(pid, "stat")?.split(") ").at(-1)?.split(" ");
  if (!peak || !fields) return undefined;
  return {
    pid,
    command: (read(pid, "cmdline") ?? "").replaceAll("\0", " ").trim(),
    cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND,
    peakMiB: Number(peak[1]) / 1_024,
  };
}

/** A process may end at any time. */
function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}
