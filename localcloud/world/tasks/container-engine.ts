import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { ContainerToRun } from "./task-runner.ts";

export type EngineName = "docker" | "podman";

/** What docker and podman both understand. */
export interface ContainerEngine {
  readonly name: EngineName;
  has(image: string): Promise<boolean>;
  /** @throws with the engine's last words */
  pull(image: string, signal: AbortSignal): Promise<void>;
  /** Answers its id once it runs, or has run. @throws with the engine's last words; nothing of it is left then */
  run(container: ContainerToRun, folders: ReadonlyMap<string, string>): Promise<string>;
  /** Hands over its output until its end, and answers its exit code; undefined where the engine does not know it. */
  follow(id: string, onLine: (line: string) => void): Promise<number | undefined>;
  /** Nothing where it has ended. */
  signal(id: string, name: "TERM" | "KILL"): Promise<void>;
  remove(id: string): Promise<void>;
  /** Of local clouds whose process is no more. */
  removeLeftovers(): Promise<void>;
}

/** Holds the number of the process whose container it is. */
const LABEL = "pipewright.local-cloud";

/** From a container's end until nobody waits for more of its output. */
const LAST_WORDS_WITHIN_MS = 5_000;

/** No shell is in between. @param environment the engine's own, for instance where it keeps its images */
export function createContainerEngine(name: EngineName, environment: NodeJS.ProcessEnv): ContainerEngine {
  // A group of its own: Ctrl-C is meant for this process, which then ends the containers in their order.
  const start = (args: readonly string[], more: SpawnOptions = {}): ChildProcess =>
    spawn(name, args, { env: environment, detached: true, stdio: ["ignore", "pipe", "pipe"], ...more });

  async function call(args: readonly string[], more?: SpawnOptions): Promise<string> {
    const child = start(args, more);
    const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
    const [code, out, err] = await Promise.all([ended, text(child.stdout!), text(child.stderr!)]);
    if (code === 0) return out.trim();
    throw new Error(`${name} ${args[0]}: ${err.trim().split("\n").at(-1) || `ended with ${code}`}`);
  }

  const remove = async (id: string) => void (await call(["rm", "--force", "--volumes", id]));

  return {
    name,
    remove,
    has: (image) =>
      call(["image", "inspect", image]).then(
        () => true,
        () => false,
      ),
    pull: async (image, signal) => void (await call(["pull", "--quiet", image], { signal })),
    async run(container, folders) {
      const id = `pipewright-${process.pid}-${crypto.randomUUID()}`;
      try {
        await call(["run", "--detach", "--name", id, ...runArguments(name, container, folders)]);
        return id;
      } catch (error) {
        await remove(id).catch(() => {});
        throw error;
      }
    },
    async follow(id, onLine) {
      const logs = start(["logs", "--follow", id]);
      for (const stream of [logs.stdout!, logs.stderr!]) createInterface({ input: stream }).on("line", onLine);
      const told = new Promise((resolve) => logs.once("error", resolve).once("close", resolve));
      const code = await call(["wait", id]).then(Number, () => undefined);
      const cut = setTimeout(() => logs.kill("SIGKILL"), LAST_WORDS_WITHIN_MS);
      await told;
      clearTimeout(cut);
      return code;
    },
    signal: (id, signal) =>
      call(["kill", "--signal", signal, id]).then(
        () => {},
        () => {},
      ),
    async removeLeftovers() {
      const listed = await call(["ps", "--all", "--filter", `label=${LABEL}`, "--format", "{{.Names}}"]);
      const left = listed.split("\n").filter((one) => one !== "" && !isAlive(Number(one.split("-")[1])));
      await Promise.allSettled(left.map(remove));
    },
  };
}

function runArguments(
  engine: EngineName,
  container: ContainerToRun,
  folders: ReadonlyMap<string, string>,
): readonly string[] {
  const { command, environment, image, memoryMiB, hasInit, mounts } = container;
  const [entryPoint, ...words] = command;
  return [
    // This cloud listens on the loopback interface, and a task's ports are the same outside as inside.
    ...["--network", "host"],
    ...["--label", `${LABEL}=${process.pid}`],
    // What is in the machine's journal could not be followed.
    ...["--log-driver", "json-file"],
    // Whether it is to be had was found out before.
    ...["--pull", "never"],
    // A proxy of this machine's is none of the task's.
    ...(engine === "podman" ? ["--http-proxy=false"] : []),
    ...(hasInit ? ["--init"] : []),
    ...(memoryMiB === undefined ? [] : ["--memory", `${memoryMiB}m`]),
    ...mounts.flatMap(({ hostPath, containerPath, readOnly }) => [
      "--volume",
      // Where SELinux guards folders, `z` lets containers in.
      `${folders.get(hostPath)}:${containerPath}:${readOnly ? "ro,z" : "z"}`,
    ]),
    ...Object.entries(environment).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
    ...(entryPoint === undefined ? [] : ["--entrypoint", entryPoint]),
    image,
    ...words,
  ];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
