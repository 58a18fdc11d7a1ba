import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OwnedWorld } from "../world.ts";
import { actOnAlarms, evaluateAlarms } from "./alarms.ts";
import { everyMinute } from "./every-minute.ts";
import { type AsyncEvent, createAsyncEvents } from "./functions/async-events.ts";
import { createFunctionHost, type FunctionHost } from "./functions/function-host.ts";
import { createIdleInstances } from "./idle-instances.ts";
import { bootInstances, resumeInstances } from "./instances.ts";
import { measure } from "./measurements.ts";
import { notifyOfObjects } from "./notifications.ts";
import { createRuleEngine } from "./rules.ts";
import { type ContainerRunnerOptions, createContainerRunner } from "./tasks/container-runner.ts";
import { createProcessRunner, type ProcessRunnerOptions } from "./tasks/process-runner.ts";
import { createTaskMachine, type TaskMachine } from "./tasks/task-machine.ts";
import type { TaskRunner } from "./tasks/task-runner.ts";

export interface RunOptions {
  /** Runs the functions. @default each in processes of its own, as in life */
  readonly functions?: FunctionHost;
  /** Processes of functions at the same time, warm ones included. @default 8 */
  readonly functionProcesses?: number;
  /** From a running instance to the start of its agent, by the world's clock. @default 5000 */
  readonly bootMs?: number;
  /** How long an agent needs to have an image or to give up, by the world's clock. @default 500 */
  readonly pullMs?: number;
  /** Runs the tasks that are placed. @default they stay PENDING */
  readonly tasks?: TasksOptions | TaskRunner;
  /** How long a function's process waits for its next invocation, by the world's clock. @default 300000 */
  readonly functionIdleMs?: number;
}

export interface TasksOptions extends ProcessRunnerOptions {
  /** Runs them in containers where that can be. @default all are local processes */
  readonly containers?: ContainerRunnerOptions | undefined;
}

/** What makes things happen in the world by themselves. Without it, the cloud only keeps what it is told. */
export interface Machinery {
  /** When no function runs any more. */
  settled(): Promise<void>;
  readonly tasks: Pick<TaskMachine, "running" | "kill">;
  /** Ends whatever runs; the world is empty again. */
  reset(): void;
  /** What is under way and not to be seen in the services, for a snapshot. */
  save(): SavedMachinery;
  /** Goes on in a world that has just been restored. Left out: it was saved where nothing happened by itself. */
  resume(saved: SavedMachinery | undefined): void;
  stop(): Promise<void>;
}

export interface SavedMachinery {
  readonly events: readonly AsyncEvent[];
  readonly rulesDue: ReadonlyMap<string, number>;
}

export function startMachinery(world: OwnedWorld, options: RunOptions): Machinery {
  const folder = mkdtempSync(join(tmpdir(), "pipewright-local-"));
  const host =
    options.functions ??
    createFunctionHost({
      world,
      folder: join(folder, "functions"),
      maxProcesses: options.functionProcesses ?? 8,
      idleMs: options.functionIdleMs ?? 300_000,
    });
  const events = createAsyncEvents(world, host);
  const rules = createRuleEngine({ world, events });
  const tasks = createTaskMachine({ world, runner: runnerOf(world, options.tasks), pullMs: options.pullMs ?? 500 });
  world.functions = host;
  const agents = { world, bootMs: options.bootMs ?? 5000 };
  world.onEvent(bootInstances(agents));
  world.onEvent(actOnAlarms(world));
  world.onEvent(tasks.hear);
  world.onEvent(rules.hear);
  world.onEvent(notifyOfObjects(world, events));
  world.onEvent(({ source, type, detail }) => {
    if (source !== "lambda" || type !== "Invoke") return;
    events.accept(detail.functionArn as string, detail.requestId as string, JSON.stringify(detail.payload));
  });

  const idle = createIdleInstances(world);
  let minute = 0;
  const eachMinute = () => {
    minute += 1;
    measure(world, minute);
    idle.minute();
    evaluateAlarms(world);
    rules.tick();
  };
  let forgetMinutes = everyMinute(world, eachMinute);

  const end = () => {
    host.end();
    events.forget();
    rules.reset();
    return tasks.end();
  };
  return {
    settled: host.settled,
    tasks,
    reset() {
      void end();
      forgetMinutes();
      minute = 0;
      idle.reset();
      forgetMinutes = everyMinute(world, eachMinute);
    },
    save: () => ({ events: events.save(), rulesDue: rules.save() }),
    resume(saved) {
      events.resume(saved?.events ?? []);
      rules.resume(saved?.rulesDue ?? new Map());
      tasks.resume();
      resumeInstances(agents);
    },
    async stop() {
      forgetMinutes();
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function runnerOf(world: OwnedWorld, tasks: RunOptions["tasks"]): TaskRunner | undefined {
  if (tasks === undefined || "start" in tasks) return tasks;
  const processes = createProcessRunner(world, tasks);
  if (tasks.containers === undefined) return processes;
  const hasProgram = (image: string) => tasks.sources(image) !== undefined;
  return createContainerRunner({ ...tasks.containers, world, processes, hasProgram });
}
