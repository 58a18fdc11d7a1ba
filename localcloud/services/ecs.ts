import type { TaskStopCode } from "@aws-sdk/client-ecs";
import type { Service, Taggable, World } from "../service.ts";
import type { InstanceRecord } from "./ec2/instance-record.ts";
import type { Ec2 } from "./ec2.ts";
import { accountSettingOperations } from "./ecs/account-settings.ts";
import { clusterOperations } from "./ecs/clusters.ts";
import { containerInstanceOperations, deregister } from "./ecs/container-instances.ts";
import { runTaskOperations } from "./ecs/run-task.ts";
import type { EcsState, TaskDefinitionRecord, TaskRecord } from "./ecs/state.ts";
import { tagOperations } from "./ecs/tags.ts";
import { taskDefinition, taskDefinitionOperations } from "./ecs/task-definitions.ts";
import { endTask, taskChanged } from "./ecs/task-record.ts";
import { taskOperations } from "./ecs/tasks.ts";
import { type Place, regional } from "./regions.ts";
import { taggable } from "./tags.ts";

export interface Ecs extends Service {
  /** Every task of a place that has not stopped. Whoever runs them changes `task` and then calls `changed`. */
  tasks(place: Place): Iterable<TaskRecord>;
  /** Every account and region that was ever asked for. */
  places(): Iterable<Place>;
  changed(place: Place, record: TaskRecord): void;
  /** The EC2 instance that a task was placed on. */
  machineOf(place: Place, record: TaskRecord): InstanceRecord | undefined;
  /** By family (its newest active revision), by `family:revision`, or by ARN. */
  taskDefinition(place: Place, reference: string): TaskDefinitionRecord | undefined;
  /** A task has come to its end; codes and reasons that StopTask gave before stand. */
  ended(place: Place, record: TaskRecord, why: { stopCode: TaskStopCode; stoppedReason: string }): void;
  /** The connection to the agents of a cluster is lost. */
  agentsLost(place: Place, cluster: string): void;
  /** The same, of one machine. */
  agentLost(place: Place, ec2InstanceId: string): void;
  /** The EC2 instance is gone: its container instance leaves the cluster, and its tasks stop. */
  instanceEnded(place: Place, ec2InstanceId: string): void;
}

export function createEcs(world: World): Ecs {
  const states = regional<EcsState>((place) => ({
    place,
    clusters: new Map(),
    families: new Map(),
    settings: new Map(),
  }));
  return {
    id: "ecs",
    state: states,
    operations: {
      ...clusterOperations(states, world),
      ...taskDefinitionOperations(states, world),
      ...containerInstanceOperations(states, world),
      ...runTaskOperations(states, world),
      ...taskOperations(states, world),
      ...accountSettingOperations(states),
      ...tagOperations(states),
    },
    *taggables(): Iterable<Taggable> {
      for (const { clusters, families } of states.all()) {
        for (const { arn, status, tags, tasks } of clusters.values()) {
          if (status === "ACTIVE") yield taggable(arn, tags);
          for (const task of tasks.values())
            if (task.task.lastStatus !== "STOPPED") yield taggable(task.arn, task.tags);
        }
        for (const { revisions } of families.values()) {
          for (const { arn, status, tags } of revisions.values()) if (status === "ACTIVE") yield taggable(arn, tags);
        }
      }
    },
    tasks: (place) =>
      [...states.in(place).clusters.values()]
        .flatMap((cluster) => [...cluster.tasks.values()])
        .filter(({ task }) => task.lastStatus !== "STOPPED"),
    places: () => [...states.all()].map(({ place }) => place),
    machineOf(place, { clusterName, instanceArn }) {
      const id = states.in(place).clusters.get(clusterName)?.instances.get(instanceArn)?.ec2InstanceId;
      return id === undefined ? undefined : world.service<Ec2>("ec2").instance(place, id);
    },
    taskDefinition: (place, reference) => taskDefinition(states.in(place), reference, world.now()),
    changed: (place, record) => taskChanged(world, place, record),
    ended(place, record, why) {
      endTask(world, place, states.in(place).clusters.get(record.clusterName)!, record, why);
    },
    agentLost(place, ec2InstanceId) {
      for (const { instances } of states.in(place).clusters.values()) {
        for (const one of instances.values()) if (one.ec2InstanceId === ec2InstanceId) one.agentConnected = false;
      }
    },
    agentsLost(place, cluster) {
      const instances = states.in(place).clusters.get(cluster)?.instances.values() ?? [];
      for (const instance of instances) instance.agentConnected = false;
    },
    instanceEnded(place, ec2InstanceId) {
      for (const cluster of states.in(place).clusters.values()) {
        for (const instance of cluster.instances.values()) {
          if (instance.ec2InstanceId !== ec2InstanceId || instance.status === "INACTIVE") continue;
          // Nobody is there to tell: "instances with disconnected agents aren't automatically deregistered".
          if (!instance.agentConnected) continue;
          deregister(world, place, cluster, instance, `Host EC2 (instance ${ec2InstanceId}) terminated.`);
        }
      }
    },
  };
}
