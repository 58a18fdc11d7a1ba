import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OwnedWorld } from "../world.ts";
import { createAsyncEvents } from "./functions/async-events.ts";
import { createFunctionHost } from "./functions/function-host.ts";
import { notifyOfObjects } from "./notifications.ts";

export interface RunOptions {
  /** Processes of functions at the same time, warm ones included. @default 8 */
  readonly functionProcesses?: number;
  /** How long a function's process waits for its next invocation, by the world's clock. @default 300000 */
  readonly functionIdleMs?: number;
}

/** What makes things happen in the world by themselves. Without it, the cloud only keeps what it is told. */
export interface Machinery {
  /** When no function runs any more. */
  settled(): Promise<void>;
  /** Ends whatever runs; the world is empty again. */
  reset(): void;
  stop(): Promise<void>;
}

export function startMachinery(world: OwnedWorld, options: RunOptions): Machinery {
  const folder = mkdtempSync(join(tmpdir(), "pipewright-local-"));
  const host = createFunctionHost({
    world,
    folder: join(folder, "functions"),
    maxProcesses: options.functionProcesses ?? 8,
    idleMs: options.functionIdleMs ?? 300_000,
  });
  const events = createAsyncEvents(world, host);
  world.functions = host;
  world.onEvent(notifyOfObjects(world, events));
  world.onEvent(({ source, type, detail }) => {
    if (source !== "lambda" || type !== "Invoke") return;
    events.accept(detail.functionArn as string, detail.requestId as string, JSON.stringify(detail.payload));
  });

  return {
    settled: host.settled,
    reset: () => host.end(),
    async stop() {
      host.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
