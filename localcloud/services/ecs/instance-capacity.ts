import type { ContainerInstance, Resource } from "@aws-sdk/client-ecs";
import type { Subjects } from "./expressions.ts";
import type { Capacity, ClusterRecord, ContainerInstanceRecord, TaskRecord } from "./state.ts";
import { ecsTagList } from "./tags.ts";

/** Ports that the agent and its machine keep for themselves: SSH, Docker, agent, introspection. */
const RESERVED_PORTS = ["22", "2375", "2376", "51678", "51679"];

/** Tasks that hold a part of an instance: all that have not stopped. */
export function tasksOn(cluster: ClusterRecord, instance: ContainerInstanceRecord): TaskRecord[] {
  return [...cluster.tasks.values()].filter(
    ({ instanceArn, task }) => instanceArn === instance.arn && task.lastStatus !== "STOPPED",
  );
}

export function remainingCapacity(instance: ContainerInstanceRecord, tasks: readonly TaskRecord[]): Capacity {
  const sum = (of: (demand: TaskRecord["demand"]) => number) =>
    tasks.reduce((total, task) => total + of(task.demand), 0);
  return {
    cpu: instance.registered.cpu - sum((demand) => demand.cpu),
    memory: instance.registered.memory - sum((demand) => demand.memory),
    gpus: instance.registered.gpus - sum((demand) => demand.gpus),
  };
}

/** What expressions can ask of an instance. */
export function subjectsOf(instance: ContainerInstanceRecord, tasks: readonly TaskRecord[]): Subjects {
  return (subject) => {
    if (subject.startsWith("attribute:")) {
      const name = subject.slice("attribute:".length);
      return instance.attributes.has(name) ? (instance.attributes.get(name) ?? "") : undefined;
    }
    switch (subject) {
      case "ec2InstanceId":
        return instance.ec2InstanceId;
      case "agentConnected":
        return String(instance.agentConnected);
      case "agentVersion":
        return instance.versionInfo.agentVersion;
      case "registeredAt":
        return new Date(instance.registeredAtMs).toISOString();
      case "runningTasksCount":
        return String(tasks.filter(({ task }) => task.lastStatus === "RUNNING").length);
      default:
        return undefined;
    }
  };
}

export function answeredInstance(
  cluster: ClusterRecord,
  instance: ContainerInstanceRecord,
  withTags: boolean,
): ContainerInstance {
  const tasks = tasksOn(cluster, instance);
  const ports = tasks.flatMap(({ demand }) => demand.ports);
  return {
    containerInstanceArn: instance.arn,
    ec2InstanceId: instance.ec2InstanceId,
    version: instance.version,
    versionInfo: instance.versionInfo,
    status: instance.status,
    agentConnected: instance.agentConnected,
    registeredResources: resources(instance.registered, []),
    remainingResources: resources(remainingCapacity(instance, tasks), ports),
    runningTasksCount: tasks.filter(({ task }) => task.lastStatus === "RUNNING").length,
    pendingTasksCount: tasks.filter(({ task }) => task.lastStatus !== "RUNNING").length,
    attributes: [...instance.attributes].map(([name, value]) => ({ name, value })),
    registeredAt: new Date(instance.registeredAtMs),
    attachments: [],
    tags: withTags ? ecsTagList(instance.tags) : [],
  };
}

function resources({ cpu, memory, gpus }: Capacity, ports: readonly string[]): Resource[] {
  const taken = (protocol: string) =>
    ports.filter((port) => port.endsWith(`/${protocol}`)).map((port) => port.split("/")[0]!);
  const integer = (name: string, integerValue: number): Resource => ({
    name,
    type: "INTEGER",
    doubleValue: 0,
    longValue: 0,
    integerValue,
  });
  const set = (name: string, stringSetValue: string[]): Resource => ({
    name,
    type: "STRINGSET",
    doubleValue: 0,
    longValue: 0,
    integerValue: 0,
    stringSetValue,
  });
  return [
    integer("CPU", cpu),
    integer("MEMORY", memory),
    set("PORTS", [...RESERVED_PORTS, ...taken("tcp")]),
    set("PORTS_UDP", taken("udp")),
    ...(gpus > 0
      ? [
          set(
            "GPU",
            Array.from({ length: gpus }, (_, index) => `GPU-${index}`),
          ),
        ]
      : []),
  ];
}
