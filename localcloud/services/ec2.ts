import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import { AwsError, type Call, type Operation, type Service, type Taggable, type World } from "../service.ts";
import { instanceTypeOperations } from "./ec2/describe-instance-types.ts";
import { imageOperations } from "./ec2/images.ts";
import { awaitNextState, endInstance } from "./ec2/instance-events.ts";
import { type InstanceRecord, isVisible } from "./ec2/instance-record.ts";
import { instanceArn, instanceOperations } from "./ec2/instances.ts";
import { keyPairOperations } from "./ec2/key-pairs.ts";
import { launchTemplateVersionOperations } from "./ec2/launch-template-versions.ts";
import { launchTemplateArn, launchTemplateOperations } from "./ec2/launch-templates.ts";
import { networkOperations } from "./ec2/networks.ts";
import { type LaunchPlan, planned } from "./ec2/run-instances.ts";
import { groupArn, securityGroupOperations } from "./ec2/security-groups.ts";
import { type Ec2State, newState } from "./ec2/state.ts";
import { tagOperations } from "./ec2/tags.ts";
import { type Place, regional } from "./regions.ts";
import { taggable } from "./tags.ts";

export interface Ec2 extends Service {
  /** Instances that DescribeInstances would show, ended ones of the last hour included. */
  instances(place: Place): Iterable<InstanceRecord>;
  /** Every account and region that was ever asked for. */
  places(): Iterable<Place>;
  /** What a launch would come to. Throws what RunInstances would throw. */
  planOf(input: RunInstancesRequest, call: Call): LaunchPlan;
  instance(place: Place, id: string): InstanceRecord | undefined;
  /** Zone of an instance's subnet, for instance `us-east-1a`. */
  zoneOf(place: Place, instance: InstanceRecord): string;
  /** Ends an instance for a reason that is no user's request, for instance an alarm's action or the Spot market. */
  end(place: Place, id: string, reason: { code: string; message: string }): void;
}

export function createEc2(world: World): Ec2 {
  const states = regional<Ec2State>((place) => newState(world, place));
  const visible = (place: Place) =>
    [...states.in(place).instances.values()].filter((one) => isVisible(one, world.now()));
  return {
    id: "ec2",
    state: {
      save: states.save,
      restore(saved, shelf) {
        states.restore(saved, shelf);
        for (const { place, instances } of states.all()) {
          for (const instance of instances.values()) awaitNextState(world, place, instance);
        }
      },
    },
    operations: withDryRun({
      ...networkOperations(states, world.now),
      ...keyPairOperations(states, world),
      ...securityGroupOperations(states, world),
      ...launchTemplateOperations(states, world),
      ...launchTemplateVersionOperations(states, world),
      ...imageOperations(),
      ...instanceTypeOperations(),
      ...instanceOperations(states, world),
      ...tagOperations(states),
    }),
    *taggables(): Iterable<Taggable> {
      for (const { place, securityGroups, launchTemplates, instances } of states.all()) {
        for (const { id, tags } of securityGroups.values()) yield taggable(groupArn(place, id), tags);
        for (const { id, tags } of launchTemplates.values()) yield taggable(launchTemplateArn(place, id), tags);
        for (const instance of instances.values()) {
          if (isVisible(instance, world.now())) yield taggable(instanceArn(place, instance.id), instance.tags);
        }
      }
    },
    *places() {
      for (const { place } of states.all()) yield place;
    },
    planOf: (input, call) => planned(world, states.in(call), input, call),
    instances: visible,
    instance: (place, id) => visible(place).find((one) => one.id === id),
    zoneOf: (place, instance) => states.in(place).subnets.get(instance.subnetId)!.zone,
    end(place, id, reason) {
      const instance = states.in(place).instances.get(id);
      if (instance !== undefined) endInstance(world, place, instance, reason);
    },
  };
}

/** Every operation of EC2 can be asked whether it would be allowed; the answer is an error either way. */
function withDryRun(operations: Record<string, Operation>): Record<string, Operation> {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]): [string, Operation] => [
      name,
      (input, call) => {
        if (input.DryRun !== true) return operation(input, call);
        throw new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", { status: 412 });
      },
    ]),
  );
}
