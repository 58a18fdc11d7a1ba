import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import type { RoleSession, WorldEvent } from "../../service.ts";
import type { TaskRecord } from "../../services/ecs/state.ts";
import type { Ecs } from "../../services/ecs.ts";
import type { Iam } from "../../services/iam.ts";
import type { Place } from "../../services/regions.ts";
import type { OwnedWorld } from "../../world.ts";
import { writeLog } from "../role-log.ts";
import type { ContainerToRun, RunningTask, TaskRunner } from "./task-runner.ts";

export interface TaskMachineDeps {
  readonly world: OwnedWorld;
  /** Undefined where tasks are placed, and no more: they stay PENDING. */
  readonly runner: TaskRunner | undefined;
  /** How long the agent needs until it has an image or gives up. */
  readonly pullMs: number;
}

export interface TaskMachine {
  hear(event: WorldEvent): void;
  /** ARNs of the tasks that run. */
  running(): string[];
  /** As if a task's containers were killed by their machine: exit code 137. */
  kill(taskArn: string): boolean;
  /** After a restart of the world: what ran has died with it, what was to begin begins. */
  resume(): void;
  /** Ends all, and resolves when their folders are gone too. */
  end(): Promise<void>;
}

/** What ECS takes where a definition does not say. */
const STOP_TIMEOUT_SECONDS = 30;
/** Exit code of what was ended by force. */
const KILLED = 137;

/** The agents of all instances: starts what is placed, stops what is told to, tells what became of it. */
export function createTaskMachine({ world, runner, pullMs }: TaskMachineDeps): TaskMachine {
  const tasks = new Map<string, RunningTask>();
  const begun = new Set<string>();
  /** What starts or ends, and has to be waited for at the end of the world. */
  const moving = new Set<Promise<void>>();
  let life = new AbortController();
  const ecs = () => world.service<Ecs>("ecs");

  async function begin(place: Place, record: TaskRecord): Promise<void> {
    const pulled = record.definition.content.containerDefinitions!.map(({ image }) => image!);
    const missing = pulled.find((image) => world.mishaps.strikes("image-pull", { image }));
    if (missing !== undefined) {
      const why = `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${missing}: not found`;
      return failToStart(place, record, why);
    }
    if (runner === undefined) return;
    const obstacle = roleObstacle(world, record);
    if (obstacle !== undefined) return failToStart(place, record, obstacle);
    const { signal } = life;
    try {
      const containers = record.definition.content.containerDefinitions!.map((one) => toRun(place, record, one));
      const running = await runner.start({ arn: record.arn, containers, signal });
      if (signal.aborted || record.task.lastStatus === "STOPPED") {
        running.kill();
        return void (await running.exited);
      }
      tasks.set(record.arn, running);
      started(place, record);
      waitedFor(
        running.exited.then((codes) => {
          // Its machine went before it, or the world; a new world gives the same names again.
          if (tasks.get(record.arn) !== running) return;
          tasks.delete(record.arn);
          exited(place, record, codes);
        }),
      );
    } catch (error) {
      if (signal.aborted) return;
      failToStart(place, record, error instanceof Error ? error.message : String(error));
    }
  }

  function pull(place: Place, arn: string): void {
    begun.add(arn);
    world.after(pullMs, () => {
      const record = [...ecs().tasks(place)].find((one) => one.arn === arn);
      if (record !== undefined) waitedFor(begin(place, record));
    });
  }

  function waitedFor(work: Promise<void>): void {
    const done = work.finally(() => moving.delete(done));
    moving.add(done);
  }

  function started(place: Place, record: TaskRecord): void {
    const { task } = record;
    const now = new Date(world.now());
    Object.assign(task, {
      lastStatus: "RUNNING",
      connectivity: "CONNECTED",
      pullStartedAt: task.createdAt,
      pullStoppedAt: now,
      startedAt: now,
      version: (task.version ?? 0) + 1,
    });
    for (const container of task.containers ?? []) container.lastStatus = "RUNNING";
    ecs().changed(place, record);
    // Told to stop while it was starting.
    if (task.desiredStatus === "STOPPED") tasks.get(record.arn)?.stop();
  }

  function exited(place: Place, record: TaskRecord, codes: ReadonlyMap<string, number>): void {
    for (const container of record.task.containers ?? []) container.exitCode = codes.get(container.name ?? "");
    const stoppedReason = "Essential container in task exited";
    ecs().ended(place, record, { stopCode: "EssentialContainerExited", stoppedReason });
  }

  function failToStart(place: Place, record: TaskRecord, why: string): void {
    for (const container of record.task.containers ?? []) container.reason = why;
    ecs().ended(place, record, { stopCode: "TaskFailedToStart", stoppedReason: why });
  }

  function toRun(place: Place, record: TaskRecord, definition: ContainerDefinition): ContainerToRun {
    const { content } = record.definition;
    const override = record.task.overrides?.containerOverrides?.find(({ name }) => name === definition.name);
    const roleArn = record.task.overrides?.taskRoleArn ?? content.taskRoleArn;
    const credentials =
      roleArn === undefined ? undefined : world.sessions.issue({ roleArn, name: record.arn.split("/").at(-1)! });
    const variables = [...(definition.environment ?? []), ...(override?.environment ?? [])];
    return {
      name: definition.name!,
      image: definition.image!,
      command: [...(definition.entryPoint ?? []), ...(override?.command ?? definition.command ?? [])],
      environment: {
        ...Object.fromEntries(variables.map(({ name, value }) => [name!, value ?? ""])),
        AWS_ENDPOINT_URL: world.endpoint(),
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_EXECUTION_ENV: "AWS_ECS_EC2",
        ...(credentials && {
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_SESSION_TOKEN: credentials.sessionToken,
        }),
      },
      isEssential: definition.essential ?? true,
      memoryMiB: definition.memory,
      hasInit: definition.linuxParameters?.initProcessEnabled ?? false,
      mounts: (definition.mountPoints ?? []).map(({ sourceVolume, containerPath, readOnly }) => ({
        hostPath: content.volumes?.find(({ name }) => name === sourceVolume)?.host?.sourcePath ?? "",
        containerPath: containerPath!,
        readOnly: readOnly ?? false,
      })),
      stopTimeoutMs: (definition.stopTimeout ?? STOP_TIMEOUT_SECONDS) * 1000,
      onLine: logOf(place, record, definition),
    };
  }

  /** Lines go where the definition says, written with the execution role or else the instance's. */
  function logOf(
    place: Place,
    record: TaskRecord,
    { name, logConfiguration }: ContainerDefinition,
  ): (line: string) => void {
    if (logConfiguration?.logDriver !== "awslogs") return () => {};
    const options = logConfiguration.options ?? {};
    const group = options["awslogs-group"] ?? "";
    const roleArn = record.definition.content.executionRoleArn ?? instanceRole(place, record);
    if (roleArn === undefined) throw new Error(noLogs(group, "there are no credentials"));
    const role: RoleSession = { roleArn, name: record.arn.split("/").at(-1)! };
    const stream = `${options["awslogs-stream-prefix"] ?? "ecs"}/${name}/${role.name}`;
    const region = options["awslogs-region"] ?? place.region;
    const where = { place: { account: place.account, region }, group, stream };
    const problem = writeLog(world, role, where);
    if (problem !== undefined) throw new Error(noLogs(group, problem));
    return (line) => void writeLog(world, role, where, line);
  }

  function instanceRole(place: Place, record: TaskRecord): string | undefined {
    const profile = ecs().machineOf(place, record)?.profile?.Arn;
    return profile === undefined
      ? undefined
      : world.service<Iam>("iam").instanceProfile(place.account, profile)?.roleArn;
  }

  return {
    hear({ source, type, account, region, detail }) {
      if (source !== "ecs" || type !== "ECS Task State Change") return;
      const arn = detail.taskArn as string;
      if (detail.lastStatus === "STOPPED") {
        begun.delete(arn);
        tasks.get(arn)?.kill();
        tasks.delete(arn);
      } else if (detail.desiredStatus === "STOPPED") {
        tasks.get(arn)?.stop();
      } else if (!begun.has(arn)) {
        pull({ account, region }, arn);
      }
    },
    resume() {
      for (const place of ecs().places()) {
        for (const record of ecs().tasks(place)) {
          const names = (record.task.containers ?? []).map(({ name }) => name ?? "");
          // Its processes ended with the one that held this world before.
          if (record.task.lastStatus === "RUNNING") exited(place, record, new Map(names.map((name) => [name, KILLED])));
          else pull(place, record.arn);
        }
      }
    },
    running: () => [...tasks.keys()],
    kill(arn) {
      tasks.get(arn)?.kill();
      return tasks.has(arn);
    },
    async end() {
      life.abort();
      life = new AbortController();
      for (const running of tasks.values()) running.kill();
      tasks.clear();
      begun.clear();
      await Promise.all(moving);
    },
  };
}

function noLogs(group: string, why: string): string {
  return `CannotStartContainerError: failed to initialize logging driver: failed to create Cloudwatch log stream in ${group}: ${why}`;
}

/** ECS itself takes on the roles of a task before it starts. */
function roleObstacle(world: OwnedWorld, { definition, task }: TaskRecord): string | undefined {
  const { content } = definition;
  const roles = [
    task.overrides?.taskRoleArn ?? content.taskRoleArn,
    task.overrides?.executionRoleArn ?? content.executionRoleArn,
  ].filter((role) => role !== undefined);
  const refused = roles.find((role) => world.service<Iam>("iam").passable(role, "ecs-tasks.amazonaws.com") !== "yes");
  if (refused === undefined) return undefined;
  return `ECS was unable to assume the role '${refused}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`;
}
