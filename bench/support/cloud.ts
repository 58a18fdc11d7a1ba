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

export async function startCloud(): Promise<Cloud> {
  const child = spawn(process.execPath, [join(ROOT, "localcloud/main.ts"), "--stdin"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
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
