import type * as api from "@aws-sdk/client-iam";
import type { Call, Operation, World } from "../../service.ts";
import type { Place } from "../regions.ts";
import { roleSummary } from "./answers.ts";
import { invalidInput, noSuchEntity } from "./errors.ts";
import { newRole } from "./roles.ts";
import { type IamState, roleNamed } from "./state.ts";

/** Role name and policy by the principal of the service that they belong to. */
const SERVICES: Readonly<Record<string, { readonly role: string; readonly policy: string }>> = {
  "ecs.amazonaws.com": { role: "AWSServiceRoleForECS", policy: "AmazonECSServiceRolePolicy" },
  "events.amazonaws.com": { role: "AWSServiceRoleForCloudWatchEvents", policy: "CloudWatchEventsServiceRolePolicy" },
  "spot.amazonaws.com": { role: "AWSServiceRoleForEC2Spot", policy: "AWSEC2SpotServiceRolePolicy" },
};

/** Roles that AWS's own services act with. They are made here at once and deleted at once; nobody may change them. */
export function serviceLinkedRoleOperations(
  stateOf: (place: Place) => IamState,
  world: World,
): Record<string, Operation> {
  return {
    CreateServiceLinkedRole(input: api.CreateServiceLinkedRoleCommandInput, call: Call) {
      const state = stateOf(call);
      const principal = input.AWSServiceName ?? "";
      const service = SERVICES[principal];
      if (service === undefined)
        throw invalidInput(`${principal} is not a valid service name for a service linked role.`);
      if (input.CustomSuffix !== undefined) throw invalidInput(`Custom suffix is not allowed for ${principal}`);
      if (state.roles.has(service.role.toLowerCase())) {
        throw invalidInput(
          `Service role name ${service.role} has been taken in this account, please try a different suffix.`,
        );
      }
      const trust = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: principal }, Action: "sts:AssumeRole" }],
      };
      const role = newRole(world, state, {
        name: service.role,
        path: `/aws-service-role/${principal}/`,
        trust: JSON.stringify(trust),
        serviceLinked: true,
      });
      role.description = input.Description;
      role.attached.add(`arn:aws:iam::aws:policy/aws-service-role/${service.policy}`);
      state.roles.set(role.name.toLowerCase(), role);
      return { Role: roleSummary(role) };
    },
    DeleteServiceLinkedRole(input: api.DeleteServiceLinkedRoleCommandInput, call: Call) {
      const state = stateOf(call);
      const role = roleNamed(state, input.RoleName);
      if (!role.serviceLinked) throw invalidInput(`${role.name} is not a service linked role.`);
      state.roles.delete(role.name.toLowerCase());
      const DeletionTaskId = `task${role.path}${role.name}/${world.id("", 32)}`;
      state.deletions.add(DeletionTaskId);
      return { DeletionTaskId };
    },
    GetServiceLinkedRoleDeletionStatus(input: api.GetServiceLinkedRoleDeletionStatusCommandInput, call: Call) {
      if (!stateOf(call).deletions.has(input.DeletionTaskId ?? ""))
        throw noSuchEntity(`Deletion task ${input.DeletionTaskId} cannot be found.`);
      return { Status: "SUCCEEDED" };
    },
  };
}
