import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import type { Failure, Order, Report } from "./runtime.ts";

export interface ContainerDeps {
  /** The runtime's file. */
  readonly program: string;
  /** Where the function's files lie. */
  readonly folder: string;
  /** All that the process gets of an environment. */
  readonly environment: Readonly<Record<string, string>>;
  onLine(line: string): void;
}

/** What came of an order: the handler's result as JSON, its failure, or the end of the process instead of either. */
export type Outcome =
  | { readonly result: string }
  | { readonly failure: Failure; readonly isInit: boolean }
  | { readonly exit: string };

/** A process that runs one function, one invocation at a time. */
export interface Container {
  run(order: Order): Promise<Outcome>;
  /** Ends the process; an order that is under way comes to nothing. */
  end(): void;
  readonly isOver: boolean;
}

export function startContainer({ program, folder, environment, onLine }: ContainerDeps): Container {
  const child = fork(program, [], {
    cwd: folder,
    env: environment,
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  // The cloud's own end is not held up by a function that waits for work.
  child.unref();
  child.channel?.unref();
  followLines(child, onLine);

  let isOver = false;
  let isReady = false;
  let initFailure: Failure | undefined;
  let waiting: ((outcome: Outcome) => void) | undefined;
  let order: Order | undefined;
  const answer = (outcome: Outcome) => {
    waiting?.(outcome);
    waiting = undefined;
  };
  const send = () => {
    if (isReady && order && child.connected) child.send(order);
    if (isReady) order = undefined;
  };
  child.on("message", (report: Report) => {
    if ("line" in report) return onLine(report.line);
    if ("ready" in report) {
      isReady = true;
      return send();
    }
    if ("result" in report) return answer(report);
    if (report.isInit) initFailure = report.failure;
    answer({ failure: report.failure, isInit: report.isInit ?? false });
  });
  child.on("error", (error) => over(String(error)));
  // After the streams have ended, so that the last lines are in the log before the end is told.
  child.on("close", (code, signal) => over(signal ? `signal: ${signal}` : `exit status ${code}`));
  function over(how: string): void {
    isOver = true;
    answer({ exit: how });
  }

  return {
    run(next) {
      if (initFailure) return Promise.resolve({ failure: initFailure, isInit: true });
      return new Promise((resolve) => {
        if (isOver) return resolve({ exit: "the process is gone" });
        waiting = resolve;
        order = next;
        send();
      });
    },
    end() {
      isOver = true;
      child.kill("SIGKILL");
      answer({ exit: "signal: killed" });
    },
    get isOver() {
      return isOver;
    },
  };
}

function followLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout!, child.stderr!]) {
    (stream as unknown as { unref?(): void }).unref?.();
    createInterface({ input: stream }).on("line", onLine);
  }
}
