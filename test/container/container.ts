/** Containers of the image, as an operator starts them: hardened, with two folders of the host. */
import { randomUUID } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import type { TestContext } from "node:test";
import { eventually } from "../scenarios/program.ts";
import type { World } from "../scenarios/world.ts";
import { freePort } from "../support/free-port.ts";
import { type Engine, givenEngine } from "./engine.ts";

export const engine: Engine = givenEngine();
export const IMAGE = process.env.PIPEWRIGHT_TEST_IMAGE ?? "";

/** What the documents tell operators to give it, and no more. */
const HARDENED = [
  ...["--read-only", "--tmpfs", "/tmp", "--cap-drop", "all", "--security-opt", "no-new-privileges"],
  ...["--memory", "256m", "--pids-limit", "100"],
];

export interface Container {
  readonly name: string;
  /** From the kernel's start of the process until it was first ready, milliseconds. */
  readyMs(withinMs?: number): Promise<number>;
  /** Asks the daemon in it. */
  get(path: string): Promise<Response>;
  /** Runs a program of the container's Node in it, and answers what it printed. */
  node(program: string): Promise<string>;
  logs(): Promise<string>;
  /** As `docker stop` does: SIGTERM, and SIGKILL after 30 s. Answers the exit code and the time that it took. */
  stop(): Promise<{ readonly code: number; readonly ms: number }>;
  kill(): Promise<unknown>;
}

export interface ContainerOptions {
  /** @default the one of this machine's architecture */
  readonly image?: string;
  /** Beside the hardening. */
  readonly run?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** On the host, to ask the daemon at. */
  readonly port: number;
}

export async function startContainer(t: TestContext, options: ContainerOptions): Promise<Container> {
  const { command = [], environment = {}, image = IMAGE, port, run = [] } = options;
  const name = `pipewright-test-${randomUUID()}`;
  const variables = Object.entries(environment).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  await engine.call("run", "--detach", "--name", name, ...HARDENED, ...run, ...variables, image, ...command);
  t.after(() => engine.call("rm", "--force", "--volumes", name));
  const logs = () => engine.said("logs", name);
  const inspect = async (field: string) =>
    JSON.parse(await engine.call("container", "inspect", "--format", `{{json .${field}}}`, name));
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  return {
    name,
    get,
    logs,
    async readyMs(withinMs = 20_000) {
      await eventually("it is ready", async () => (await get("/readyz")).ok, withinMs, 10).catch(async (error) => {
        throw new Error(`it said: ${await logs()}`, { cause: error });
      });
      return Date.now() - Date.parse(await inspect("State.StartedAt"));
    },
    node: (program) => engine.call("exec", name, "node", "--input-type=module", "--eval", program),
    async stop() {
      const from = performance.now();
      await engine.call("stop", "--time", "30", name);
      return { code: await inspect("State.ExitCode"), ms: Math.round(performance.now() - from) };
    },
    kill: () => engine.call("kill", "--signal", "KILL", name),
  };
}

/** On the host's own network, where the world's cloud listens, with the world's folders mounted. */
export async function startDaemonContainer(t: TestContext, world: World, environment = {}): Promise<Container> {
  const port = await freePort();
  await mkdir(world.data, { recursive: true });
  // The daemon in it is nobody that the host knows.
  for (const folder of [world.root, world.folder, world.data]) await chmod(folder, 0o777);
  const volumes = ["--volume", `${world.folder}:/pipelines`, "--volume", `${world.data}:/data`];
  return startContainer(t, {
    run: ["--network", "host", ...volumes],
    port,
    environment: {
      AWS_ENDPOINT_URL: world.backend.endpoint,
      AWS_REGION: world.backend.region,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      PIPEWRIGHT_HOST: "127.0.0.1",
      PIPEWRIGHT_PORT: String(port),
      ...environment,
    },
  });
}
