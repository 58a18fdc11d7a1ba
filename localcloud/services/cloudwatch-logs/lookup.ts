import { AwsError } from "../../service.ts";
import { pageOf } from "../pages.ts";
import type { LogGroupRecord, LogStreamRecord, LogsState } from "./state.ts";

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

/** A group by name or, where the operation allows it, by ARN. */
export function groupOf(
  state: LogsState,
  { logGroupName, logGroupIdentifier }: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined },
): LogGroupRecord {
  if (logGroupName !== undefined && logGroupIdentifier !== undefined) {
    throw invalidParameter("LogGroup name and LogGroup ARN are mutually exclusive parameters.");
  }
  const reference = logGroupName ?? logGroupIdentifier;
  if (reference === undefined) throw invalidParameter("LogGroup name or LogGroup ARN is required.");
  const group = state.groups.get(groupName(reference));
  if (group === undefined) {
    throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
  }
  return group;
}

/** The name in an ARN, with or without `:*`; a name is itself. */
export function groupName(reference: string): string {
  return /^arn:aws[a-z-]*:logs:[^:]*:[^:]*:log-group:([^:]+)(:\*)?$/.exec(reference)?.[1] ?? reference;
}

export function streamOf(group: LogGroupRecord, name: string | undefined): LogStreamRecord {
  const stream = group.streams.get(name ?? "");
  if (stream === undefined) {
    throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
  }
  return stream;
}

/** One page of groups or streams; both have at most, and without a wish exactly, 50. */
export function described<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  input: { limit?: number | undefined; nextToken?: string | undefined },
): { items: readonly T[]; nextToken: string | undefined } {
  const limit = input.limit ?? 50;
  if (limit < 1 || limit > 50) throw invalidParameter("The limit must be between 1 and 50.");
  const badToken = () => invalidParameter("The specified nextToken is invalid.");
  const page = pageOf(items, keyOf, { limit, token: input.nextToken, badToken });
  return { items: page.items, nextToken: page.next };
}
