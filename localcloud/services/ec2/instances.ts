import type {
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult,
  DescribeInstancesRequest,
  DescribeInstancesResult,
  ModifyInstanceAttributeRequest,
  Reservation,
  RunInstancesRequest,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from "@aws-sdk/client-ec2";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import { arn } from "../arn.ts";
import type { Place, Regional } from "../regions.ts";
import { describedPage, type FilterFields, filtered, required } from "./filters.ts";
import { endInstance } from "./instance-events.ts";
import { answeredInstance, answeredState, type InstanceRecord, isVisible, stateOf } from "./instance-record.ts";
import { launch } from "./run-instances.ts";
import { groupOf } from "./security-groups.ts";
import type { Ec2State } from "./state.ts";

const USER_ENDED = {
  code: "Client.UserInitiatedShutdown",
  message: "Client.UserInitiatedShutdown: User initiated shutdown",
};

export function instanceOperations(states: Regional<Ec2State>, world: World): Record<string, Operation> {
  return {
    RunInstances(input: RunInstancesRequest, call: Call): Reservation {
      const state = states.in(call);
      const reservationId = launch(world, state, input, call);
      const instances = [...state.instances.values()].filter((one) => one.reservationId === reservationId);
      return reservation(reservationId, instances, state, world.now());
    },

    DescribeInstances(input: DescribeInstancesRequest, call: Call): DescribeInstancesResult {
      const state = states.in(call);
      const now = world.now();
      const found = filtered(namedInstances(state, input, now), input.Filters, filterFields(state, now));
      const page = describedPage(found, input, { least: 5, most: 1000 });
      const byReservation = Map.groupBy(page.items, (instance) => instance.reservationId);
      return {
        Reservations: [...byReservation].map(([id, instances]) => reservation(id, instances, state, now)),
        NextToken: page.next,
      };
    },

    /** Of running instances only, unless all are asked for. */
    DescribeInstanceStatus(input: DescribeInstanceStatusRequest, call: Call): DescribeInstanceStatusResult {
      const state = states.in(call);
      const now = world.now();
      const candidates = namedInstances(state, input, now).filter(
        (instance) => input.IncludeAllInstances === true || stateOf(instance, now) === "running",
      );
      const found = filtered(candidates, input.Filters, filterFields(state, now));
      const page = describedPage(found, input, { least: 5, most: 1000 });
      return {
        InstanceStatuses: page.items.map((instance) => {
          const running = stateOf(instance, now) === "running";
          const Status = running ? ("ok" as const) : ("not-applicable" as const);
          const Details = running ? [{ Name: "reachability" as const, Status: "passed" as const }] : [];
          return {
            InstanceId: instance.id,
            InstanceState: answeredState(instance, now),
            AvailabilityZone: state.subnets.get(instance.subnetId)?.zone,
            AvailabilityZoneId: state.subnets.get(instance.subnetId)?.zoneId,
            Events: [],
            InstanceStatus: { Status, Details },
            SystemStatus: { Status, Details },
          };
        }),
        NextToken: page.next,
      };
    },

    TerminateInstances(input: TerminateInstancesRequest, call: Call): TerminateInstancesResult {
      const state = states.in(call);
      const now = world.now();
      const ids = required(input.InstanceIds, "InstanceId");
      const instances = ids.map((id) => instanceOf(state, id, now));
      const guarded = instances.filter((instance) => instance.disableApiTermination && instance.end === undefined);
      // A protected instance protects those of its zone in the same request, and no others.
      const zoneOf = ({ subnetId }: InstanceRecord) => state.subnets.get(subnetId)!.zone;
      const guardedZones = new Set(guarded.map(zoneOf));
      const TerminatingInstances = instances
        .filter((instance) => !guardedZones.has(zoneOf(instance)))
        .map((instance) => {
          const PreviousState = answeredState(instance, now);
          endInstance(world, call, instance, USER_ENDED);
          return { InstanceId: instance.id, PreviousState, CurrentState: answeredState(instance, now) };
        });
      if (guarded.length > 0) throw terminationProtected(guarded[0]!.id);
      return { TerminatingInstances };
    },

    ModifyInstanceAttribute(input: ModifyInstanceAttributeRequest, call: Call) {
      const state = states.in(call);
      const instance = instanceOf(state, required(input.InstanceId, "InstanceId"), world.now());
      const { DisableApiTermination, InstanceInitiatedShutdownBehavior, Groups } = input;
      if (
        DisableApiTermination === undefined &&
        InstanceInitiatedShutdownBehavior === undefined &&
        Groups === undefined
      ) {
        throw new AwsError(
          "InvalidParameterCombination",
          "The local cloud changes only disableApiTermination, instanceInitiatedShutdownBehavior and groups",
        );
      }
      const groups = Groups?.map((GroupId) => groupOf(state, { GroupId }).id);
      if (groups !== undefined) instance.securityGroupIds = groups;
      if (DisableApiTermination !== undefined) instance.disableApiTermination = DisableApiTermination.Value ?? false;
      const behavior = InstanceInitiatedShutdownBehavior?.Value;
      if (behavior === "stop" || behavior === "terminate") instance.shutdownBehavior = behavior;
      else if (behavior !== undefined) {
        throw new AwsError(
          "InvalidParameterValue",
          `Invalid value '${behavior}' for InstanceInitiatedShutdownBehavior.`,
        );
      }
      return {};
    },
  };
}

export function instanceArn(place: Place, id: string): string {
  return arn("ec2", place.region, place.account, `instance/${id}`);
}

function terminationProtected(id: string): AwsError {
  return new AwsError(
    "OperationNotPermitted",
    `The instance '${id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
  );
}

function instanceOf(state: Ec2State, id: string, now: number): InstanceRecord {
  if (!/^i-[0-9a-f]+$/.test(id)) {
    throw new AwsError("InvalidInstanceID.Malformed", `Invalid id: "${id}"`);
  }
  const instance = state.instances.get(id);
  if (instance === undefined || !isVisible(instance, now)) {
    throw new AwsError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
  }
  return instance;
}

function namedInstances(
  state: Ec2State,
  input: { InstanceIds?: string[] | undefined; MaxResults?: number | undefined },
  now: number,
): InstanceRecord[] {
  const ids = input.InstanceIds ?? [];
  if (ids.length === 0) return [...state.instances.values()].filter((instance) => isVisible(instance, now));
  if (input.MaxResults !== undefined) {
    throw new AwsError(
      "InvalidParameterCombination",
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
  }
  return [...new Set(ids)].map((id) => instanceOf(state, id, now));
}

function filterFields(state: Ec2State, now: number): FilterFields<InstanceRecord> {
  const subnet = (instance: InstanceRecord) => state.subnets.get(instance.subnetId);
  return {
    "instance-id": (instance) => [instance.id],
    "instance-state-name": (instance) => [stateOf(instance, now)],
    "instance-state-code": (instance) => [answeredState(instance, now).Code],
    "instance-type": (instance) => [instance.type],
    "image-id": (instance) => [instance.imageId],
    "key-name": (instance) => [instance.keyName],
    "subnet-id": (instance) => [instance.subnetId],
    "vpc-id": (instance) => [subnet(instance)?.vpcId],
    "availability-zone": (instance) => [subnet(instance)?.zone],
    "instance.group-id": (instance) => instance.securityGroupIds,
    "instance.group-name": (instance) => instance.securityGroupIds.map((id) => state.securityGroups.get(id)?.name),
    "iam-instance-profile.arn": (instance) => [instance.profile?.Arn],
    "instance-lifecycle": (instance) => [instance.spotRequestId === undefined ? undefined : "spot"],
    "client-token": (instance) => [instance.clientToken],
    "reservation-id": (instance) => [instance.reservationId],
    "private-ip-address": (instance) => [instance.privateIp],
    "launch-time": (instance) => [new Date(instance.launchedAtMs).toISOString()],
  };
}

function reservation(id: string, instances: readonly InstanceRecord[], state: Ec2State, now: number): Reservation {
  return {
    ReservationId: id,
    OwnerId: state.place.account,
    Groups: [],
    Instances: instances.map((instance) => answeredInstance(instance, state, now)),
  };
}
