import type { InstanceStateName } from "@aws-sdk/client-ec2";
import type { World } from "../../service.ts";
import type { Place } from "../regions.ts";
import { type InstanceRecord, PENDING_MS, SHUTTING_DOWN_MS, stateOf } from "./instance-record.ts";

/** Tells the world of a new instance, and again when it runs. */
export function announceLaunch(world: World, place: Place, instance: InstanceRecord): void {
  announce(world, place, instance, "pending");
  world.after(PENDING_MS, () => {
    if (stateOf(instance, world.now()) === "running") announce(world, place, instance, "running");
  });
}

/** Ends an instance and tells the world of it; one that has ended already stays as it is. */
export function endInstance(
  world: World,
  place: Place,
  instance: InstanceRecord,
  reason: { readonly code: string; readonly message: string },
): void {
  if (instance.end !== undefined) return;
  instance.end = { atMs: world.now(), ...reason };
  announce(world, place, instance, "shutting-down");
  world.after(SHUTTING_DOWN_MS, () => announce(world, place, instance, "terminated"));
}

function announce(world: World, { account, region }: Place, { id }: InstanceRecord, state: InstanceStateName): void {
  const detail = { "instance-id": id, state };
  world.emit({ source: "ec2", type: "EC2 Instance State-change Notification", account, region, detail });
}
