import { AwsError, type Call, type World } from "../../service.ts";
import { parseArn } from "../arn.ts";
import { clientException, invalidParameter } from "./errors.ts";

/** With lags on, ECS does not know a role that is younger than this. */
const ROLE_LAG_MS = 10_000;

const SERVICE_ROLE = "AWSServiceRoleForECS";

/**
 * Refuses a role that is no role of this account. Answers its ARN, since a role may also be given by its name alone.
 */
export function checkedRole(world: World, role: string | undefined, call: Call): string | undefined {
  if (role === undefined || role === "") return undefined;
  const path = role.startsWith("arn:") ? /^role\/(.+)$/.exec(parseArn(role)?.resource ?? "")?.[1] : role;
  const found = path === undefined ? undefined : roleNamed(world, path.split("/").at(-1)!, call);
  if (found === undefined || (role.startsWith("arn:") && found.Arn !== role))
    throw clientException("Role is not valid");
  if (world.lags && isYoung(world, found)) throw clientException("Role is not valid");
  return found.Arn;
}

/**
 * With lags on, the account's first cluster makes ECS create its service-linked role, and fails until the role has spread.
 */
export function assumeServiceRole(world: World, call: Call): void {
  if (!world.lags) return;
  const role = roleNamed(world, SERVICE_ROLE, call);
  if (role !== undefined && !isYoung(world, role)) return;
  if (role === undefined) {
    world.service("iam").operations.CreateServiceLinkedRole!({ AWSServiceName: "ecs.amazonaws.com" }, call);
  }
  throw invalidParameter(
    "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
  );
}

interface Role {
  readonly Arn: string;
  readonly CreateDate: Date;
}

function roleNamed(world: World, RoleName: string, call: Call): Role | undefined {
  try {
    return (world.service("iam").operations.GetRole!({ RoleName }, call) as { Role: Role }).Role;
  } catch (error) {
    if (error instanceof AwsError && error.code === "NoSuchEntityException") return undefined;
    throw error;
  }
}

function isYoung(world: World, role: Role): boolean {
  return world.now() - role.CreateDate.getTime() < ROLE_LAG_MS;
}
