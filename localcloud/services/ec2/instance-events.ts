import type { InstanceStateName } from "@aws-sdk/client-ec2";
import type { World } from "../../service.ts";
import type { Place } from "../regions.ts";
import { type InstanceRecord, PENDING_MS, SHUTTING_DOWN_MS, stateOf } from "./instance-record.ts";

/** Tells the world of a new instance, and again when it runs. */
export function announceLaunch(world: World, place: Place, instance: InstanceRecord): void {
  announce(world, place, instance, "pending");
  awaitNextState(world, place, instance);
}

/** Tells the world when the instance has come to its next state: by time alone it goes on to run, or to its end. */
export function awaitNextState(world: World, place: Place, instance: InstanceRecord): void {
  const state = stateOf(instance, world.now());
  const [next, atMs] =
    state === "pending"
      ? (["running", instance.launchedAtMs + PENDING_MS] as const)
      : (["terminated", (instance.end?.atMs ?? 0) + SHUTTING_DOWN_MS] as const);
  if (state !== "pending" && state !== "shutting-down") return;
  world.after(atMs - world.now(), () => {
    if (stateOf(instance, world.now()) === next) announce(world, place, instance, next);
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
  awaitNextState(world, place, instance);
}

function announce(world: World, { account, region }: Place, { id }: InstanceRecord, state: InstanceStateName): void {
  const detail = { "instance-id": id, state };
  world.emit({ source: "ec2", type: "EC2 Instance State-change Notification", account, region, detail });
}
