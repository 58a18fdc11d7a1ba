import type { RoleSession, World } from "../service.ts";
import { arn } from "../services/arn.ts";
import type { CloudWatchLogs } from "../services/cloudwatch-logs.ts";
import type { Place } from "../services/regions.ts";
import { isAllowed } from "./authorize.ts";

export interface LogPlace {
  readonly place: Place;
  readonly group: string;
  readonly stream: string;
}

/**
 * Writes a line in the name of a role, as Lambda and ECS do, or without a line only makes the stream. Answers why it could
 * not: without the permission the line is lost, without the group too, unless the role may make one (which then has no
 * retention).
 */
export function writeLog(
  world: World,
  role: RoleSession,
  { place, group, stream }: LogPlace,
  line?: string,
): string | undefined {
  const groupArn = arn("logs", place.region, place.account, `log-group:${group}`);
  const may = (action: string, resource: string) => isAllowed(world, role, { action, resource }, place);
  for (const action of ["logs:CreateLogStream", "logs:PutLogEvents"]) {
    if (!may(action, `${groupArn}:log-stream:${stream}`))
      return `AccessDeniedException: not authorized to perform ${action}`;
  }
  const logs = world.service<CloudWatchLogs>("cloudwatch-logs");
  // CloudWatch takes no empty message.
  const events = line === undefined ? [] : [{ atMs: world.now(), message: line || " " }];
  if (logs.write(place, group, stream, events)) return undefined;
  if (!may("logs:CreateLogGroup", groupArn)) {
    return "ResourceNotFoundException: The specified log group does not exist.";
  }
  logs.operations.CreateLogGroup!({ logGroupName: group }, { ...place, accessKeyId: undefined, requestId: "", role });
  logs.write(place, group, stream, events);
  return undefined;
}
