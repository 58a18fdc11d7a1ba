import type { World } from "../../service.ts";
import { type ContainerEngine, createContainerEngine, type EngineName } from "./container-engine.ts";
import type { ContainerToRun, RunningTask, TaskRunner } from "./task-runner.ts";

export interface ContainerRunnerOptions {
  /** Which engine can run tasks on this machine. @throws saying why none can */
  findEngine(): Promise<EngineName>;
  /** What the engine needs to know, for instance where it keeps its images. */
  readonly environment: NodeJS.ProcessEnv;
  /** The folder of this machine that stands in for an instance's. @throws saying why there is none */
  hostFolder(path: string): Promise<string>;
  /** Told of each image, once and when it changes, how its tasks run: `in containers, by podman`. */
  onWay(image: string, way: string): void;
}

export interface ContainerRunnerDeps extends ContainerRunnerOptions {
  readonly world: Pick<World, "after" | "now">;
  /** Runs what no container can. */
  readonly processes: TaskRunner;
  /** Whether `processes` knows the program of an image. */
  hasProgram(image: string): boolean;
}

/** What could not be had, engine or image, is not asked for again so soon. */
const ASK_AGAIN_MS = 300_000;
/** A registry that does not answer holds a task no longer. */
const PULL_WITHIN_MS = 60_000;
/** As Docker reports what was ended by force. */
const KILLED = 137;

/**
 * Runs the essential containers of tasks by docker or podman, with their real images; the others only bring the worker,
 * which is mounted from this machine instead. An image whose program lies on this machine is never pulled: without it,
 * the program runs as a local process.
 */
export function createContainerRunner(deps: ContainerRunnerDeps): TaskRunner {
  const { world, processes } = deps;
  const told = new Map<string, string>();
  const engine = remembered(world, async () => {
    const found = createContainerEngine(await deps.findEngine(), deps.environment);
    await found.removeLeftovers();
    return found;
  });
  const pulls = new Map<string, () => Promise<void>>();

  function pull(by: ContainerEngine, image: string, signal: AbortSignal): Promise<void> {
    const within = AbortSignal.timeout(PULL_WITHIN_MS);
    const ask = async () => {
      await by.pull(image, AbortSignal.any([signal, within])).catch((error: Error) => {
        const why = within.aborted ? `it takes more than ${PULL_WITHIN_MS / 1000} s; pull it by hand` : error.message;
        throw new Error(`CannotPullContainerError: ${image}: ${why}`);
      });
      // Who takes the image away again has it pulled again.
      pulls.delete(image);
    };
    const pulled = pulls.get(image) ?? remembered(world, ask);
    pulls.set(image, pulled);
    return pulled();
  }

  /** Answers why the container cannot run in an engine, or how it can. @throws where nothing can run it */
  async function prepare(container: ContainerToRun, signal: AbortSignal): Promise<Prepared | string> {
    const { image, mounts } = container;
    const by = await engine().catch(inOneLine);
    if (typeof by === "string") return by;
    if (!(await by.has(image))) {
      if (deps.hasProgram(image)) return "the image is not on this machine, and its program is";
      await pull(by, image, signal);
    }
    const folders = new Map<string, string>();
    try {
      for (const { hostPath } of mounts) folders.set(hostPath, await deps.hostFolder(hostPath));
    } catch (error) {
      return inOneLine(error as Error);
    }
    return { container, folders, by };
  }

  function tell(image: string, way: string): void {
    if (told.get(image) === way) return;
    told.set(image, way);
    deps.onWay(image, way);
  }

  return {
    async start(task) {
      const essential = task.containers.filter(({ isEssential }) => isEssential);
      const prepared: Prepared[] = [];
      for (const container of essential) {
        const one = await prepare(container, task.signal);
        if (typeof one === "string") {
          // Without a program it does not run at all, and why not is told where the task is asked about.
          if (deps.hasProgram(container.image)) tell(container.image, `as local processes: ${one}`);
          return processes.start(task);
        }
        prepared.push(one);
      }
      const starts = await Promise.allSettled(prepared.map((one) => run(world, one)));
      const started = starts.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
      const failed = starts.find((one) => one.status === "rejected");
      if (failed) {
        for (const one of started) void one.kill();
        throw failed.reason;
      }
      for (const { container, by } of prepared) tell(container.image, `in containers, by ${by.name}`);
      const exited = Promise.all(started.map(async ({ name, exit }) => [name, await exit] as const));
      const done = task.containers.filter(({ isEssential }) => !isEssential).map(({ name }) => [name, 0] as const);
      return {
        exited: exited.then((codes) => new Map([...done, ...codes])),
        stop: () => started.forEach((one) => void one.stop()),
        kill: () => started.forEach((one) => void one.kill()),
      } satisfies RunningTask;
    },
  };
}

interface Prepared {
  readonly container: ContainerToRun;
  readonly by: ContainerEngine;
  /** Of this machine, by the instance's. */
  readonly folders: ReadonlyMap<string, string>;
}

async function run(world: Pick<World, "after">, { container, by, folders }: Prepared) {
  const id = await by.run(container, folders).catch((error: Error) => {
    throw new Error(`CannotStartContainerError: ${error.message}`);
  });
  let forgetKill = () => {};
  const exit = by
    .follow(id, container.onLine)
    .then((code) => code ?? KILLED)
    .finally(() => {
      forgetKill();
      // What cannot be removed now, the next cloud removes.
      return by.remove(id).catch(() => {});
    });
  const kill = () => by.signal(id, "KILL");
  return {
    name: container.name,
    exit,
    kill,
    stop() {
      forgetKill = world.after(container.stopTimeoutMs, () => void kill());
      return by.signal(id, "TERM");
    },
  };
}

const inOneLine = ({ message }: Error): string => message.replaceAll(/\s*\n\s*/g, " ");

/** One question at a time: an answer is kept, a failure for a while. */
function remembered<T>(world: Pick<World, "now">, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let againAtMs = Number.POSITIVE_INFINITY;
  return () => {
    if (answer === undefined || world.now() >= againAtMs) {
      againAtMs = Number.POSITIVE_INFINITY;
      answer = ask();
      answer.catch(() => {
        againAtMs = world.now() + ASK_AGAIN_MS;
      });
    }
    return answer;
  };
}
