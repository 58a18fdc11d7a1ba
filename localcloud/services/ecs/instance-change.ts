import type { World } from "../../service.ts";
import type { Place } from "../regions.ts";
import { answeredInstance } from "./instance-capacity.ts";
import type { ClusterRecord, ContainerInstanceRecord } from "./state.ts";

/** Tells the world what became of a container instance. Whoever changes one calls this afterwards. */
export function instanceChanged(
  world: World,
  { account, region }: Place,
  cluster: ClusterRecord,
  instance: ContainerInstanceRecord,
): void {
  world.emit({
    source: "ecs",
    type: "ECS Container Instance State Change",
    account,
    region,
    detail: {
      ...answeredInstance(cluster, instance, false),
      clusterArn: cluster.arn,
      updatedAt: new Date(world.now()),
    },
  });
}

/** A task that is placed, or has stopped, changes what its instance has left ("Amazon ECS container instance state change events"). */
export function capacityChanged(
  world: World,
  place: Place,
  cluster: ClusterRecord,
  instance: ContainerInstanceRecord | undefined,
): void {
  // One that leaves tells of that, once.
  if (instance === undefined || instance.status === "INACTIVE") return;
  instance.version++;
  instanceChanged(world, place, cluster, instance);
}
