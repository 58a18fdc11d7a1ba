/** The commands in this process, on a stage's cloud: what is typed goes in, what is shown comes out. */
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Context, Session } from "../../src/cli/context.ts";
import { createProgram } from "../../src/cli/program.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { readEnvironment } from "../../src/config.ts";
import type { Data } from "../../src/data/data.ts";
import { daemonPolicies } from "../../src/desired/daemon-policy.ts";
import { systemClock } from "../../src/io/clock.ts";
import { createWorkflowFolder } from "../../src/io/workflow-folder.ts";
import type { Wrapper } from "../../src/wrap/wrap.ts";
import { silent } from "../support/silent.ts";

export interface Shown {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Around {
  readonly data?: Data;
  readonly wrapper?: Wrapper;
  /** What a person types, line by line. */
  readonly answers?: readonly string[];
  /** Where new files go. */
  readonly folder?: string;
  /** Standard output and error are terminals. */
  readonly isTTY?: boolean;
  /** When somebody presses Ctrl-C. @default never */
  readonly stopAsked?: Context["stopAsked"];
  /** Told when what was opened is closed. */
  readonly closed?: () => void;
  /** Workflows that the folder's engine knows. @default none */
  readonly engine?: Partial<Session["engine"]>;
}

/** As `main.ts` does it: a person's mistake is 64, every other error 1. */
export async function command(args: readonly string[], around: Around): Promise<Shown> {
  const isTTY = around.isTTY ?? false;
  const shown = { code: -1, out: "", err: "" };
  const stream = (name: "out" | "err") => ({
    isTTY,
    columns: 100,
    write(text: string) {
      shown[name] += text;
    },
  });
  const terminal = createTerminal({
    out: stream("out"),
    err: stream("err"),
    noColour: true,
  });
  const answers = [...(around.answers ?? [])];
  const no = (): never => {
    throw new Error("no command of these needs it");
  };
  const context: Context = {
    terminal,
    environment: readEnvironment({}),
    log: silent,
    open: async () => {
      const close = async () => around.closed?.();
      return { ...session, close, engine: { ...engine, ...around.engine }, data: around.data } as Session;
    },
    readFile: (path) => createWorkflowFolder(dirname(path)).read(path),
    algorithm: no,
    history: no,
    startLocal: no,
    copyExamples: no,
    async ask(question) {
      shown.err += `${question}\n`;
      return answers.shift();
    },
    async writeNewFile(name, text) {
      const path = join(around.folder ?? no(), name);
      await writeFile(path, text, { flag: "wx" });
      return path;
    },
    policies: (buckets) => daemonPolicies("default", buckets),
    wrapper: around.wrapper ?? { dockerfile: no, wrap: no },
    stopAsked: around.stopAsked ?? (() => new Promise(() => {})),
    exit(code) {
      shown.code = code;
    },
  };
  try {
    await createProgram(context, "0.0.0").parseAsync([...args], { from: "user" });
  } catch (error) {
    shown.code = error instanceof UsageError || (error as Error).name === "CommanderError" ? 64 : 1;
    terminal.error((error as Error).message);
  }
  return shown;
}

const engine = { look: async () => {}, status: () => ({ workflows: [], problems: [] }), subscribe: () => () => {} };
const account = { account: "123456789012", region: "us-east-1" };
const session = { account, clock: systemClock };
