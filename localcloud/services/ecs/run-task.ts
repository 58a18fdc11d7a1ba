import { createHash } from "node:crypto";
import type {
  Failure,
  RunTaskRequest,
  RunTaskResponse,
  StartTaskRequest,
  StartTaskResponse,
  TaskOverride,
} from "@aws-sdk/client-ecs";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import type { Regional } from "../regions.ts";
import { clientException, invalidParameter } from "./errors.ts";
import { parseExpression } from "./expressions.ts";
import { activeCluster, atMost, byReference, missing } from "./lookup.ts";
import { obstacle, type PlacementWish, place } from "./placement.ts";
import type { ClusterRecord, Demand, EcsState, TaskDefinitionRecord, TaskRecord } from "./state.ts";
import { ecsTags } from "./tags.ts";
import { taskDefinition } from "./task-definitions.ts";
import { answeredTask, newTask, type TaskWish } from "./task-record.ts";

/** A deregistered revision can be run for this long, and a client token is remembered for a day. */
const DEREGISTERED_USABLE_MS = 600_000;
const TOKEN_MS = 86_400_000;
/** Those of the request and those of the definition together. */
const CONSTRAINTS_LIMIT = 10;
/** Characters of JSON. */
const OVERRIDES_LIMIT = 8192;

export function runTaskOperations(states: Regional<EcsState>, world: World): Record<string, Operation> {
  return {
    RunTask(input: RunTaskRequest, call: Call): RunTaskResponse {
      const state = states.in(call);
      const cluster = activeCluster(state, input.cluster);
      const count = input.count ?? 1;
      if (count < 1 || count > 10) throw invalidParameter("Count should be between 1 and 10.");
      if (!isOnInstances(cluster, input)) {
        throw new AwsError("UnsupportedFeatureException", "The local cloud runs tasks on container instances only.");
      }
      checkLimits(input);
      const fingerprint = createHash("sha256").update(JSON.stringify(input)).digest("hex");
      const before = earlierRun(cluster, input.clientToken, fingerprint, world.now());
      if (before !== undefined) return { tasks: before.map((task) => answeredTask(task, true)), failures: [] };

      const wish = wishOf(world, state, input);
      atMost(constraintsOf(wish, input), CONSTRAINTS_LIMIT, "placementConstraints");
      const constraints = { ...placementOf(wish, input), ...distinct(wish, input) };
      const candidates = [...cluster.instances.values()].filter(({ status }) => status === "ACTIVE");
      if (candidates.length === 0) throw invalidParameter("No Container Instances were found in your cluster.");
      const strategies = input.placementStrategy ?? [];
      const tasks: TaskRecord[] = [];
      let failures: Failure[] = [];
      while (tasks.length < count && failures.length === 0) {
        const placed = place(cluster, candidates, constraints, strategies);
        if ("instance" in placed) tasks.push(newTask(world, call, cluster, placed.instance, wish));
        else failures = placed.failures;
      }
      if (input.clientToken !== undefined && tasks.length > 0) {
        cluster.runs.set(input.clientToken, { fingerprint, taskArns: tasks.map(({ arn }) => arn), atMs: world.now() });
      }
      return { tasks: tasks.map((task) => answeredTask(task, true)), failures };
    },

    /** Puts one task on each of the named instances, without looking for better ones. */
    StartTask(input: StartTaskRequest, call: Call): StartTaskResponse {
      const state = states.in(call);
      const cluster = activeCluster(state, input.cluster);
      const references = input.containerInstances ?? [];
      if (references.length === 0) throw invalidParameter("Container instances cannot be empty.");
      atMost(references, 10, "containerInstances");
      const wish = wishOf(world, state, input);
      const tasks: TaskRecord[] = [];
      const failures: Failure[] = [];
      for (const reference of references) {
        const instance = byReference(cluster.instances, reference);
        if (instance === undefined) {
          failures.push(missing(call, `container-instance/${cluster.name}`, reference));
          continue;
        }
        const reason =
          instance.status === "ACTIVE" ? obstacle(cluster, instance, placementOf(wish, {})) : instance.status;
        if (reason === undefined) tasks.push(newTask(world, call, cluster, instance, wish));
        else failures.push({ arn: instance.arn, reason });
      }
      return { tasks: tasks.map((task) => answeredTask(task, true)), failures };
    },
  };
}

/** Where neither a launch type nor a strategy is asked for, it is the cluster's default strategy that counts. */
function isOnInstances(cluster: ClusterRecord, { launchType, capacityProviderStrategy }: RunTaskRequest): boolean {
  if (launchType !== undefined) return launchType === "EC2";
  return (capacityProviderStrategy ?? cluster.defaultCapacityProviderStrategy).length === 0;
}

function checkLimits({ overrides, startedBy, placementStrategy }: RunTaskRequest): void {
  if (JSON.stringify(overrides ?? {}).length > OVERRIDES_LIMIT) {
    throw invalidParameter(`Overrides can have at most ${OVERRIDES_LIMIT} characters.`);
  }
  if ((startedBy ?? "").length > 128) throw invalidParameter("startedBy can have at most 128 characters.");
  atMost(placementStrategy ?? [], 5, "placementStrategy");
}

/** The tasks that the same token got before, as they are now. */
function earlierRun(
  cluster: ClusterRecord,
  token: string | undefined,
  fingerprint: string,
  now: number,
): TaskRecord[] | undefined {
  const run = token === undefined ? undefined : cluster.runs.get(token);
  if (run === undefined || now - run.atMs >= TOKEN_MS) return undefined;
  if (run.fingerprint !== fingerprint) {
    throw new AwsError("ConflictException", "The clientToken was used before with other parameters.", {
      members: { resourceIds: [...run.taskArns] },
    });
  }
  return run.taskArns.flatMap((arn) => cluster.tasks.get(arn) ?? []);
}

function wishOf(world: World, state: EcsState, input: RunTaskRequest | StartTaskRequest): TaskWish {
  const definition = usableDefinition(world, state, input.taskDefinition ?? "");
  if (definition.content.networkMode === "awsvpc" && input.networkConfiguration === undefined) {
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  const names = definition.content.containerDefinitions!.map(({ name }) => name);
  for (const { name } of input.overrides?.containerOverrides ?? []) {
    if (!names.includes(name))
      throw invalidParameter(`Override for container named ${name} is not a container in the TaskDefinition.`);
  }
  const inherited = input.propagateTags === "TASK_DEFINITION" ? definition.tags : [];
  const managed: [string, string][] =
    input.enableECSManagedTags === true ? [["aws:ecs:clusterName", activeCluster(state, input.cluster).name]] : [];
  return {
    definition,
    overrides: input.overrides ?? {},
    demand: demandOf(definition, input.overrides ?? {}),
    group: input.group ?? `family:${definition.family}`,
    startedBy: input.startedBy,
    tags: new Map([...inherited, ...ecsTags(input.tags), ...managed]),
    enableExecuteCommand: input.enableExecuteCommand ?? false,
  };
}

function usableDefinition(world: World, state: EcsState, reference: string): TaskDefinitionRecord {
  const definition = taskDefinition(state, reference, world.now());
  if (definition === undefined) throw clientException("TaskDefinition not found.");
  const inactive =
    definition.deregisteredAtMs !== undefined && world.now() - definition.deregisteredAtMs >= DEREGISTERED_USABLE_MS;
  if (inactive || definition.status === "DELETE_IN_PROGRESS") throw clientException("TaskDefinition is inactive");
  return definition;
}

/** The task's own limits if it has any, else the sum of what its containers reserve. */
function demandOf({ content }: TaskDefinitionRecord, overrides: TaskOverride): Demand {
  const containers = content.containerDefinitions!.map((container) => ({
    ...container,
    ...definedOf(overrides.containerOverrides?.find(({ name }) => name === container.name)),
  }));
  const sum = (of: (container: (typeof containers)[number]) => number) =>
    containers.reduce((total, one) => total + of(one), 0);
  const cpu = overrides.cpu ?? content.cpu;
  const memory = overrides.memory ?? content.memory;
  return {
    cpu: cpu === undefined ? sum((container) => container.cpu ?? 0) : Number(cpu),
    memory: memory === undefined ? sum((one) => one.memoryReservation ?? one.memory ?? 0) : Number(memory),
    gpus: sum((one) => Number(one.resourceRequirements?.find(({ type }) => type === "GPU")?.value ?? 0)),
    // A task with an address of its own takes no port of the instance.
    ports:
      content.networkMode === "awsvpc"
        ? []
        : containers.flatMap((one) =>
            (one.portMappings ?? [])
              .filter(({ hostPort }) => hostPort)
              .map(({ hostPort, protocol }) => `${hostPort}/${protocol}`),
          ),
  };
}

function definedOf<T extends object>(value: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, one]) => one !== undefined)) as Partial<T>;
}

function constraintsOf(
  { definition }: Pick<TaskWish, "definition">,
  input: Pick<RunTaskRequest, "placementConstraints">,
) {
  return [...(definition.content.placementConstraints ?? []), ...(input.placementConstraints ?? [])];
}

function placementOf(
  { definition, demand }: TaskWish,
  input: Pick<RunTaskRequest, "placementConstraints">,
): PlacementWish {
  const { content } = definition;
  const constraints = constraintsOf({ definition }, input);
  const architecture = content.runtimePlatform?.cpuArchitecture;
  return {
    demand,
    architecture: architecture === undefined ? undefined : architecture === "ARM64" ? "arm64" : "x86_64",
    attributes: (content.requiresAttributes ?? []).map(({ name }) => name!),
    memberOf: constraints
      .filter(({ type }) => type === "memberOf")
      .map(({ expression }) => parseExpression(expression ?? "")),
    distinctGroup: undefined,
  };
}

function distinct(
  { group }: TaskWish,
  { placementConstraints }: RunTaskRequest,
): { distinctGroup: string | undefined } {
  const wanted = placementConstraints?.some(({ type }) => type === "distinctInstance") ?? false;
  return { distinctGroup: wanted ? group : undefined };
}
