import type { Task, TaskOverride, TaskStopCode } from "@aws-sdk/client-ecs";
import type { World } from "../../service.ts";
import type { Place } from "../regions.ts";
import { capacityChanged } from "./instance-change.ts";
import { ecsArn } from "./lookup.ts";
import type { ClusterRecord, ContainerInstanceRecord, Demand, TaskDefinitionRecord, TaskRecord } from "./state.ts";
import { ecsTagList } from "./tags.ts";

export interface TaskWish {
  readonly definition: TaskDefinitionRecord;
  readonly overrides: TaskOverride;
  readonly demand: Demand;
  readonly group: string;
  readonly startedBy: string | undefined;
  readonly tags: ReadonlyMap<string, string>;
  readonly enableExecuteCommand: boolean;
}

/** Keeps a task that has its place: PENDING, or PROVISIONING where it needs a network interface of its own first. */
export function newTask(
  world: World,
  place: Place,
  cluster: ClusterRecord,
  instance: ContainerInstanceRecord,
  wish: TaskWish,
): TaskRecord {
  const id = world.id("", 32);
  const arn = ecsArn(place, `task/${cluster.name}/${id}`);
  const { definition, overrides } = wish;
  const { content } = definition;
  const lastStatus = content.networkMode === "awsvpc" ? "PROVISIONING" : "PENDING";
  const zone = instance.attributes.get("ecs.availability-zone");
  const task: Task = {
    taskArn: arn,
    clusterArn: cluster.arn,
    containerInstanceArn: instance.arn,
    taskDefinitionArn: definition.arn,
    lastStatus,
    desiredStatus: "RUNNING",
    launchType: "EC2",
    group: wish.group,
    startedBy: wish.startedBy,
    createdAt: new Date(world.now()),
    version: 1,
    cpu: String(wish.demand.cpu),
    memory: String(wish.demand.memory),
    availabilityZone: zone,
    enableExecuteCommand: wish.enableExecuteCommand,
    healthStatus: "UNKNOWN",
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [], ...overrides },
    attachments: [],
    attributes: [{ name: "ecs.cpu-architecture", value: instance.attributes.get("ecs.cpu-architecture") ?? "x86_64" }],
    inferenceAccelerators: [],
    containers: content.containerDefinitions!.map((container) => ({
      containerArn: ecsArn(place, `container/${cluster.name}/${id}/${world.id("", 32)}`),
      taskArn: arn,
      name: container.name,
      image: container.image,
      lastStatus: "PENDING",
      healthStatus: "UNKNOWN",
      networkInterfaces: [],
      cpu: String(container.cpu ?? 0),
      memory: container.memory === undefined ? undefined : String(container.memory),
      memoryReservation: container.memoryReservation === undefined ? undefined : String(container.memoryReservation),
    })),
  };
  const record: TaskRecord = {
    arn,
    clusterName: cluster.name,
    tags: new Map(wish.tags),
    definition,
    instanceArn: instance.arn,
    demand: wish.demand,
    task,
  };
  cluster.tasks.set(arn, record);
  taskChanged(world, place, record);
  capacityChanged(world, place, cluster, instance);
  return record;
}

/** Tells the world what became of a task. Whoever changes one calls this afterwards. */
export function taskChanged(world: World, { account, region }: Place, { task }: TaskRecord): void {
  world.emit({
    source: "ecs",
    type: "ECS Task State Change",
    account,
    region,
    detail: { ...structuredClone(task), updatedAt: new Date(world.now()) },
  });
}

/** The end of a task: what it held is free again. One that has stopped stays as it is. */
export function endTask(
  world: World,
  place: Place,
  cluster: ClusterRecord,
  record: TaskRecord,
  why: { stopCode: TaskStopCode; stoppedReason: string },
): void {
  const { task } = record;
  if (task.lastStatus === "STOPPED") return;
  const now = new Date(world.now());
  Object.assign(task, {
    lastStatus: "STOPPED",
    desiredStatus: "STOPPED",
    stopCode: task.stopCode ?? why.stopCode,
    stoppedReason: task.stoppedReason ?? why.stoppedReason,
    stoppingAt: task.stoppingAt ?? now,
    executionStoppedAt: task.startedAt === undefined ? undefined : (task.executionStoppedAt ?? now),
    stoppedAt: now,
    version: (task.version ?? 0) + 1,
  });
  for (const container of task.containers ?? []) container.lastStatus = "STOPPED";
  taskChanged(world, place, record);
  capacityChanged(world, place, cluster, cluster.instances.get(record.instanceArn));
}

export function answeredTask(record: TaskRecord, withTags: boolean): Task {
  return { ...structuredClone(record.task), tags: withTags ? ecsTagList(record.tags) : [] };
}
