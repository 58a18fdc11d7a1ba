import type { RoleSession, World } from "../../service.ts";
import { arn } from "../../services/arn.ts";
import type { CloudWatchLogs } from "../../services/cloudwatch-logs.ts";
import type { Place } from "../../services/regions.ts";
import { isAllowed } from "../authorize.ts";

export interface LogPlace {
  readonly place: Place;
  readonly group: string;
  readonly stream: string;
}

/**
 * Writes a line in the name of a role, as Lambda and ECS do: without the permission the line is lost, without the group
 * too, unless the role may make one (which then has no retention).
 */
export function writeLog(
  world: World,
  role: RoleSession,
  { place, group, stream }: LogPlace,
  message: string,
): boolean {
  const streamArn = arn("logs", place.region, place.account, `log-group:${group}:log-stream:${stream}`);
  const may = (action: string, resource: string) => isAllowed(world, role, { action, resource }, place);
  if (!may("logs:CreateLogStream", streamArn) || !may("logs:PutLogEvents", streamArn)) return false;
  const logs = world.service<CloudWatchLogs>("cloudwatch-logs");
  const events = [{ atMs: world.now(), message: message === "" ? " " : message }];
  if (logs.write(place, group, stream, events)) return true;
  if (!may("logs:CreateLogGroup", arn("logs", place.region, place.account, `log-group:${group}`))) return false;
  const call = { ...place, accessKeyId: undefined, requestId: "", role };
  logs.operations.CreateLogGroup!({ logGroupName: group }, call);
  return logs.write(place, group, stream, events);
}
