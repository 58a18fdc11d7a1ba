/** The Python next door, which asks through boto3 and the `aws` command: a test's own process, ended with it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { assertLoopback } from "../../support/loopback.ts";

export interface Bridge {
  ask(client: "boto3" | "aws", service: string, operation: string, input: object): Promise<unknown>;
  /** Any command of `aws`, without the word `aws`: what it printed, and what it ended with. */
  command(...words: string[]): Promise<{ code: number; out: string; err: string }>;
  /** Runs a program with boto3 at hand, and answers what it leaves in `answer`. */
  python(program: string): Promise<unknown>;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, "..", "..", "..");
/** Named by the environment, of the moto suite, or the machine's own. */
const PYTHONS = [process.env.PIPEWRIGHT_TEST_PYTHON, join(root, ".venv", "bin", "python"), "python3"];

/** A Python that can import these modules; undefined where this machine has none. */
export function pythonWith(...modules: readonly string[]): string | undefined {
  return PYTHONS.find((python) => {
    if (!python || (python.includes("/") && !existsSync(python))) return false;
    return spawnSync(python, ["-c", `import ${modules.join(", ")}`]).status === 0;
  });
}

/** Whatever the machine's environment says of AWS, the endpoint, the keys and the region are these. */
export async function startBridge(python: string, endpoint: string, folder?: string): Promise<Bridge> {
  const child = spawn(python, [join(import.meta.dirname, "bridge.py")], {
    ...(folder !== undefined && { cwd: folder }),
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH ?? "",
      HOME: folder ?? "/",
      AWS_ENDPOINT_URL: assertLoopback(endpoint),
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
    },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${python} has ended`);
    return JSON.parse(value);
  };
  await next();
  const tell = (question: object) => {
    child.stdin.write(`${JSON.stringify(question, writeBytes)}\n`);
    return next();
  };
  const answered = async (question: object) => {
    const { answer, error } = await tell(question);
    if (error !== undefined) throw new Error(error);
    return answer;
  };
  return {
    ask: (client, service, operation, input) => answered({ client, service, operation, input }),
    python: (program) => answered({ program }),
    command: (...command) => tell({ command }),
    stop: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.stdin!.end();
  await ended;
}

/** A Buffer has turned itself into `{type, data}` before it comes here. */
function writeBytes(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  const { type, data } = (value ?? {}) as { type?: unknown; data?: number[] };
  return type === "Buffer" && data !== undefined ? { $bytes: Buffer.from(data).toString("base64") } : value;
}
