import type {
  CreateLogStreamRequest,
  DeleteLogStreamRequest,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  InputLogEvent,
  LogStream,
  PutLogEventsRequest,
  PutLogEventsResponse,
} from "@aws-sdk/client-cloudwatch-logs";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import type { Regional } from "../regions.ts";
import { described, groupOf, invalidParameter, streamOf } from "./lookup.ts";
import type { LogEventRecord, LogGroupRecord, LogStreamRecord, LogsState } from "./state.ts";

const DAY_MS = 86_400_000;
const TWO_HOURS_MS = 7_200_000;

export function streamOperations(states: Regional<LogsState>, world: World): Record<string, Operation> {
  return {
    CreateLogStream(input: CreateLogStreamRequest, call: Call) {
      const group = groupOf(states.in(call), { logGroupName: input.logGroupName ?? "" });
      const name = input.logStreamName ?? "";
      if (!/^[^:*]{1,512}$/.test(name)) throw invalidParameter(`Value '${name}' at 'logStreamName' is invalid.`);
      if (group.streams.has(name)) {
        throw new AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
      }
      newStream(world, group, name);
      return {};
    },

    DeleteLogStream(input: DeleteLogStreamRequest, call: Call) {
      const group = groupOf(states.in(call), { logGroupName: input.logGroupName ?? "" });
      group.streams.delete(streamOf(group, input.logStreamName).name);
      return {};
    },

    DescribeLogStreams(input: DescribeLogStreamsRequest, call: Call): DescribeLogStreamsResponse {
      const group = groupOf(states.in(call), input);
      const byTime = input.orderBy === "LastEventTime";
      if (byTime && input.logStreamNamePrefix !== undefined) {
        throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
      }
      const found = [...group.streams.values()].filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ""));
      found.sort((a, b) => (byTime ? lastEventMs(a) - lastEventMs(b) : 0) || (a.name < b.name ? -1 : 1));
      if (input.descending === true) found.reverse();
      const position = new Map(found.map((stream, index) => [stream, String(index).padStart(9, "0")]));
      const page = described(found, (stream) => position.get(stream)!, input);
      return { logStreams: page.items.map(answered), nextToken: page.nextToken };
    },

    PutLogEvents(input: PutLogEventsRequest, call: Call): PutLogEventsResponse {
      const group = groupOf(states.in(call), { logGroupName: input.logGroupName ?? "" });
      const stream = streamOf(group, input.logStreamName);
      const events = input.logEvents ?? [];
      checkEvents(events);
      const now = world.now();
      const oldest = now - Math.min(14, group.retentionDays ?? 14) * DAY_MS;
      const tooOld = events.filter(({ timestamp }) => timestamp! < oldest).length;
      const tooNew = events.findIndex(({ timestamp }) => timestamp! > now + TWO_HOURS_MS);
      const accepted = events.slice(tooOld, tooNew === -1 ? undefined : tooNew);
      append(
        world,
        stream,
        accepted.map(({ timestamp, message }) => ({ atMs: timestamp!, message: message! })),
      );
      const rejected = {
        ...(tooOld > 0 ? { tooOldLogEventEndIndex: tooOld } : {}),
        ...(tooNew !== -1 ? { tooNewLogEventStartIndex: tooNew } : {}),
      };
      return {
        nextSequenceToken: sequenceToken(stream),
        rejectedLogEventsInfo: Object.keys(rejected).length > 0 ? rejected : undefined,
      };
    },
  };
}

/** Events that retention has not taken yet, the oldest first. */
export function keptEvents(
  { retentionDays }: LogGroupRecord,
  stream: LogStreamRecord,
  now: number,
): readonly LogEventRecord[] {
  if (retentionDays === undefined) return stream.events;
  return stream.events.filter(({ atMs }) => now - atMs < retentionDays * DAY_MS);
}

export function newStream(world: World, group: LogGroupRecord, name: string): LogStreamRecord {
  const stream: LogStreamRecord = {
    name,
    arn: `${group.arn}:log-stream:${name}`,
    createdAtMs: world.now(),
    events: [],
    lastIngestedAtMs: undefined,
  };
  group.streams.set(name, stream);
  return stream;
}

export function append(
  world: World,
  stream: LogStreamRecord,
  events: readonly { readonly atMs: number; readonly message: string }[],
): void {
  if (events.length === 0) return;
  const ingestedAtMs = world.now();
  const added = events.map((event) => ({ ...event, ingestedAtMs, id: world.id("", 32) }));
  const inOrder = (stream.events.at(-1)?.atMs ?? 0) <= added[0]!.atMs;
  const all = [...stream.events, ...added];
  stream.events = inOrder ? all : all.sort((a, b) => a.atMs - b.atMs);
  stream.lastIngestedAtMs = ingestedAtMs;
}

function checkEvents(events: readonly InputLogEvent[]): void {
  if (events.length === 0) throw invalidParameter("Log events cannot be empty.");
  if (events.length > 10_000) throw invalidParameter("At most 10000 log events can be put in one call.");
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message ?? "") + 26, 0);
  if (bytes > 1_048_576) throw invalidParameter("Upload too large: the batch can have at most 1048576 bytes.");
  if (events.some(({ message }) => message === undefined || message === "")) {
    throw invalidParameter("Log event message cannot be empty.");
  }
  for (const [index, { timestamp }] of events.entries()) {
    if (timestamp === undefined) throw invalidParameter("Log events must have a timestamp.");
    if (index > 0 && timestamp < events[index - 1]!.timestamp!) {
      throw invalidParameter("Log events in a single PutLogEvents request must be in chronological order.");
    }
  }
  if (events.at(-1)!.timestamp! - events[0]!.timestamp! > DAY_MS) {
    throw invalidParameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  }
}

function lastEventMs({ events, createdAtMs }: LogStreamRecord): number {
  return events.at(-1)?.atMs ?? createdAtMs;
}

/** Tokens are no longer asked for, and still answered. */
function sequenceToken({ events }: LogStreamRecord): string {
  return `4${String(events.length).padStart(55, "0")}`;
}

function answered(stream: LogStreamRecord): LogStream {
  return {
    logStreamName: stream.name,
    arn: stream.arn,
    creationTime: stream.createdAtMs,
    firstEventTimestamp: stream.events[0]?.atMs,
    lastEventTimestamp: stream.events.at(-1)?.atMs,
    lastIngestionTime: stream.lastIngestedAtMs,
    uploadSequenceToken: sequenceToken(stream),
    storedBytes: 0,
  };
}
