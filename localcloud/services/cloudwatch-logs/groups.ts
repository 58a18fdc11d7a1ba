import type {
  CreateLogGroupRequest,
  DeleteLogGroupRequest,
  DeleteRetentionPolicyRequest,
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  LogGroup,
  PutRetentionPolicyRequest,
  TagResourceRequest,
  UntagResourceRequest,
} from "@aws-sdk/client-cloudwatch-logs";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import { arn } from "../arn.ts";
import type { Regional } from "../regions.ts";
import { tagProblem } from "../tags.ts";
import { described, groupName, groupOf, invalidParameter } from "./lookup.ts";
import type { LogGroupRecord, LogsState } from "./state.ts";

/** All that PutRetentionPolicy takes, from its reference. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export function groupOperations(states: Regional<LogsState>, world: World): Record<string, Operation> {
  return {
    CreateLogGroup(input: CreateLogGroupRequest, call: Call) {
      const { groups } = states.in(call);
      const name = input.logGroupName ?? "";
      if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(name)) {
        throw invalidParameter(
          `1 validation error detected: Value '${name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`,
        );
      }
      if (name.startsWith("aws/")) throw invalidParameter("Log groups starting with aws/ are reserved for AWS.");
      if (groups.has(name)) {
        throw new AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
      }
      const tags = checkedTags(input.tags ?? {});
      groups.set(name, {
        name,
        arn: arn("logs", call.region, call.account, `log-group:${name}`),
        tags,
        createdAtMs: world.now(),
        groupClass: input.logGroupClass ?? "STANDARD",
        kmsKeyId: input.kmsKeyId,
        retentionDays: undefined,
        streams: new Map(),
      });
      return {};
    },

    DescribeLogGroups(input: DescribeLogGroupsRequest, call: Call): DescribeLogGroupsResponse {
      const { groups } = states.in(call);
      const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, logGroupIdentifiers: identifiers } = input;
      if (prefix !== undefined && pattern !== undefined) {
        throw invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
      }
      if (identifiers !== undefined && (prefix !== undefined || pattern !== undefined)) {
        throw invalidParameter("LogGroup identifiers cannot be combined with a name prefix or a name pattern.");
      }
      if ((identifiers ?? []).length > 50) throw invalidParameter("At most 50 log group identifiers can be given.");
      const named = identifiers === undefined ? undefined : new Set(identifiers.map(groupName));
      const found = [...groups.values()].filter(
        ({ name, groupClass }) =>
          name.startsWith(prefix ?? "") &&
          name.includes(pattern ?? "") &&
          (named?.has(name) ?? true) &&
          (input.logGroupClass ?? groupClass) === groupClass,
      );
      const page = described(found, ({ name }) => name, input);
      // A search by pattern answers little of each group: no retention, for one.
      const answer = pattern === undefined ? answered : searched;
      return { logGroups: page.items.map(answer), nextToken: page.nextToken };
    },

    DeleteLogGroup(input: DeleteLogGroupRequest, call: Call) {
      const state = states.in(call);
      state.groups.delete(groupOf(state, { logGroupName: input.logGroupName ?? "" }).name);
      return {};
    },

    PutRetentionPolicy(input: PutRetentionPolicyRequest, call: Call) {
      const group = groupOf(states.in(call), { logGroupName: input.logGroupName ?? "" });
      const days = input.retentionInDays;
      if (days === undefined || !RETENTION_DAYS.includes(days)) {
        throw invalidParameter(
          `1 validation error detected: Value '${days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${RETENTION_DAYS.join(", ")}]`,
        );
      }
      group.retentionDays = days;
      return {};
    },

    DeleteRetentionPolicy(input: DeleteRetentionPolicyRequest, call: Call) {
      groupOf(states.in(call), { logGroupName: input.logGroupName ?? "" }).retentionDays = undefined;
      return {};
    },

    TagResource(input: TagResourceRequest, call: Call) {
      const { tags } = tagged(states.in(call), input.resourceArn);
      const added = checkedTags(input.tags ?? {});
      if (new Set([...tags.keys(), ...added.keys()]).size > 50) {
        throw new AwsError("TooManyTagsException", "A resource can have at most 50 tags.");
      }
      for (const [key, value] of added) tags.set(key, value);
      return {};
    },

    UntagResource(input: UntagResourceRequest, call: Call) {
      const { tags } = tagged(states.in(call), input.resourceArn);
      for (const key of input.tagKeys ?? []) tags.delete(key);
      return {};
    },

    ListTagsForResource(input: ListTagsForResourceRequest, call: Call): ListTagsForResourceResponse {
      return { tags: Object.fromEntries(tagged(states.in(call), input.resourceArn).tags) };
    },
  };
}

/** The tag operations take the ARN without the `:*` that DescribeLogGroups answers. */
function tagged(state: LogsState, resourceArn: string | undefined): LogGroupRecord {
  const name = /^arn:aws[a-z-]*:logs:[^:]*:[^:]*:log-group:([^:]+)$/.exec(resourceArn ?? "")?.[1];
  if (name === undefined) throw invalidParameter(`Invalid resource ARN: ${resourceArn}`);
  const group = state.groups.get(name);
  if (group?.arn !== resourceArn || group === undefined) {
    throw new AwsError("ResourceNotFoundException", "The specified resource does not exist.");
  }
  return group;
}

function answered(group: LogGroupRecord): LogGroup {
  const events = [...group.streams.values()].flatMap((stream) => stream.events);
  return {
    ...searched(group),
    logGroupArn: group.arn,
    logGroupClass: group.groupClass,
    retentionInDays: group.retentionDays,
    kmsKeyId: group.kmsKeyId,
    metricFilterCount: 0,
    // Each event counts 26 bytes beside its message.
    storedBytes: events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0),
  };
}

function searched(group: LogGroupRecord): LogGroup {
  return { logGroupName: group.name, arn: `${group.arn}:*`, creationTime: group.createdAtMs };
}

function checkedTags(list: Readonly<Record<string, string>>): Map<string, string> {
  const tags = new Map(Object.entries(list));
  const problem = tagProblem(tags);
  if (problem !== undefined) throw invalidParameter(problem);
  return tags;
}
