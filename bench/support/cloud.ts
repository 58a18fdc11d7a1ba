/** The local cloud as a process of its own, so that its work is not counted as ours. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { LoggedCall } from "../../localcloud/call-log.ts";

export const ROOT = join(import.meta.dirname, "..", "..");
export const REGION = "us-east-1";
/** The setting `PIPEWRIGHT_OWNER`. */
export const OWNER = "bench";
export const CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

export interface Cloud {
  readonly endpoint: string;
  readonly pid: number;
  /** Any of its own commands, under `/_localcloud/`. */
  command<T>(method: string, path: string, body?: object): Promise<T>;
  /** How long every call waits before it takes effect, milliseconds. */
  setLatency(ms: number): Promise<void>;
  /** AWS's published rates, from now on or no more. */
  setQuotas(on: boolean): Promise<void>;
  /** Calls since the last `clearCalls`, by `service:operation`. */
  counts(): Promise<Record<string, number>>;
  /** Since the last `clearCalls`, oldest first. */
  calls(): Promise<readonly LoggedCall[]>;
  clearCalls(): Promise<void>;
  stop(): Promise<void>;
}

/** @param running functions, instances and tasks really run; left out: the cloud keeps what it is told, and no more */
export async function startCloud(running?: { readonly pipelines: string; readonly seed: number }): Promise<Cloud> {
  const program = running
    ? [join(ROOT, "bench/support/running-cloud.ts"), running.pipelines, String(running.seed)]
    : [join(ROOT, "localcloud/main.ts"), "--stdin"];
  const child = spawn(process.execPath, program, { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { endpoint } = JSON.parse(line);

  async function ask<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${endpoint}/_localcloud/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
  return {
    endpoint,
    pid: child.pid!,
    command: ask,
    setLatency: (ms) => ask("POST", "latency", { ms }),
    setQuotas: (on) => ask("POST", "quotas", { on }),
    counts: () => ask("GET", "counts"),
    calls: () => ask("GET", "calls"),
    clearCalls: () => ask("DELETE", "calls"),
    async stop() {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}
