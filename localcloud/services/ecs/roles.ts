import type { Call, World } from "../../service.ts";
import type { Iam } from "../iam.ts";
import { clientException, invalidParameter } from "./errors.ts";

const SERVICE = "ecs.amazonaws.com";

/**
 * Answers the ARN of a role that a definition names by ARN or name, and refuses one that is not there (or, where the world
 * lags, not there for long enough). Whether tasks may assume it ECS finds out only when it starts one.
 */
export function checkedRole(world: World, role: string | undefined, call: Call): string | undefined {
  if (role === undefined || role === "") return undefined;
  const arn = role.startsWith("arn:") ? role : `arn:aws:iam::${call.account}:role/${role}`;
  const passable = world.service<Iam>("iam").passable(arn, "ecs-tasks.amazonaws.com");
  if (passable === "absent" || passable === "settling") throw clientException("Role is not valid");
  return arn;
}

/**
 * Where the world lags, the account's first cluster makes ECS create its service-linked role, and fails until that role can
 * be seen everywhere.
 */
export function assumeServiceRole(world: World, call: Call): void {
  if (!world.lags) return;
  const iam = world.service<Iam>("iam");
  const arn = `arn:aws:iam::${call.account}:role/aws-service-role/${SERVICE}/AWSServiceRoleForECS`;
  if (iam.passable(arn, SERVICE) === "yes") return;
  if (iam.roleId(arn) === undefined) iam.operations.CreateServiceLinkedRole!({ AWSServiceName: SERVICE }, call);
  throw invalidParameter(
    "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
  );
}
