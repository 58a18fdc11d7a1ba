import type {
  ContainerInstance,
  DeregisterContainerInstanceRequest,
  DeregisterContainerInstanceResponse,
  DescribeContainerInstancesRequest,
  DescribeContainerInstancesResponse,
  Failure,
  ListContainerInstancesRequest,
  ListContainerInstancesResponse,
  RegisterContainerInstanceRequest,
  RegisterContainerInstanceResponse,
  UpdateContainerInstancesStateRequest,
  UpdateContainerInstancesStateResponse,
} from "@aws-sdk/client-ecs";
import type { Call, Operation, World } from "../../service.ts";
import type { Regional } from "../regions.ts";
import { invalidParameter } from "./errors.ts";
import { parseExpression } from "./expressions.ts";
import { answeredInstance, subjectsOf, tasksOn } from "./instance-capacity.ts";
import { instanceChanged } from "./instance-change.ts";
import { activeCluster, atMost, byReference, listed, missing, VISIBLE_AFTER_END_MS } from "./lookup.ts";
import { registered } from "./register-instance.ts";
import type { ClusterRecord, ContainerInstanceRecord, EcsState } from "./state.ts";
import { endTask } from "./task-record.ts";

export function containerInstanceOperations(states: Regional<EcsState>, world: World): Record<string, Operation> {
  const visible = (instance: ContainerInstanceRecord | undefined) =>
    instance !== undefined && world.now() - (instance.deregisteredAtMs ?? world.now()) < VISIBLE_AFTER_END_MS
      ? instance
      : undefined;

  /** Splits references into what is there and the failures for what is not. */
  function found(cluster: ClusterRecord, references: readonly string[], most: number, call: Call) {
    if (references.length === 0) throw invalidParameter("Container instances cannot be empty.");
    atMost(references, most, "containerInstances");
    const instances: ContainerInstanceRecord[] = [];
    const failures: Failure[] = [];
    for (const reference of references) {
      const instance = visible(byReference(cluster.instances, reference));
      if (instance === undefined) failures.push(missing(call, `container-instance/${cluster.name}`, reference));
      else instances.push(instance);
    }
    return { instances, failures };
  }

  return {
    RegisterContainerInstance(input: RegisterContainerInstanceRequest, call: Call): RegisterContainerInstanceResponse {
      const cluster = activeCluster(states.in(call), input.cluster);
      const instance = registered(world, call, cluster, input);
      instanceChanged(world, call, cluster, instance);
      return { containerInstance: answeredInstance(cluster, instance, true) };
    },

    ListContainerInstances(input: ListContainerInstancesRequest, call: Call): ListContainerInstancesResponse {
      const cluster = activeCluster(states.in(call), input.cluster);
      const filter = input.filter === undefined || input.filter === "" ? () => true : parseExpression(input.filter);
      const matching = [...cluster.instances.values()].filter(
        (instance) =>
          instance.status !== "INACTIVE" &&
          (input.status ?? instance.status) === instance.status &&
          filter(subjectsOf(instance, tasksOn(cluster, instance))),
      );
      const page = listed(matching, ({ arn }) => arn, input);
      return { containerInstanceArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken };
    },

    DescribeContainerInstances(
      input: DescribeContainerInstancesRequest,
      call: Call,
    ): DescribeContainerInstancesResponse {
      const cluster = activeCluster(states.in(call), input.cluster);
      const { instances, failures } = found(cluster, input.containerInstances ?? [], 100, call);
      const withTags = input.include?.includes("TAGS") ?? false;
      return { containerInstances: instances.map((one) => answeredInstance(cluster, one, withTags)), failures };
    },

    UpdateContainerInstancesState(
      input: UpdateContainerInstancesStateRequest,
      call: Call,
    ): UpdateContainerInstancesStateResponse {
      const cluster = activeCluster(states.in(call), input.cluster);
      const { status } = input;
      if (status !== "ACTIVE" && status !== "DRAINING") {
        throw invalidParameter("Container instance status should be one of [ACTIVE,DRAINING]");
      }
      const { instances, failures } = found(cluster, input.containerInstances ?? [], 10, call);
      const changed: ContainerInstance[] = [];
      for (const instance of instances) {
        if (instance.status === "INACTIVE") {
          failures.push({ arn: instance.arn, reason: "INACTIVE" });
          continue;
        }
        instance.status = status;
        instance.version++;
        changed.push(answeredInstance(cluster, instance, false));
        instanceChanged(world, call, cluster, instance);
      }
      return { containerInstances: changed, failures };
    },

    /** With `force`, tasks on the instance go down with it. */
    DeregisterContainerInstance(
      input: DeregisterContainerInstanceRequest,
      call: Call,
    ): DeregisterContainerInstanceResponse {
      const cluster = activeCluster(states.in(call), input.cluster);
      const instance = byReference(cluster.instances, input.containerInstance ?? "");
      if (instance === undefined || instance.status === "INACTIVE") {
        throw invalidParameter("The referenced container instance was not found.");
      }
      const tasks = tasksOn(cluster, instance);
      if (tasks.length > 0 && input.force !== true) throw invalidParameter("Found running tasks on the instance.");
      deregister(world, call, cluster, instance, `Container instance ${instance.arn} was deregistered.`);
      return { containerInstance: answeredInstance(cluster, instance, true) };
    },
  };
}

/** Takes an instance out of its cluster and ends its tasks: on a request, or because the machine is gone. */
export function deregister(
  world: World,
  place: { account: string; region: string },
  cluster: ClusterRecord,
  instance: ContainerInstanceRecord,
  reason: string,
): void {
  const tasks = tasksOn(cluster, instance);
  instance.status = "INACTIVE";
  instance.agentConnected = false;
  instance.deregisteredAtMs = world.now();
  instance.version++;
  for (const record of tasks) {
    endTask(world, place, cluster, record, { stopCode: "TerminationNotice", stoppedReason: reason });
  }
  instanceChanged(world, place, cluster, instance);
}
