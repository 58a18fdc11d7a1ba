import type {
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
} from "@aws-sdk/client-cloudwatch-logs";
import type { Call, Operation, World } from "../../service.ts";
import { pageOf } from "../pages.ts";
import type { Regional } from "../regions.ts";
import { matcher } from "./filter-pattern.ts";
import { groupOf, invalidParameter, streamOf } from "./lookup.ts";
import type { LogEventRecord, LogsState } from "./state.ts";
import { keptEvents } from "./streams.ts";

export function eventOperations(states: Regional<LogsState>, world: World): Record<string, Operation> {
  return {
    /** A window over one stream. Reading ends where a call answers the token that it was given. */
    GetLogEvents(input: GetLogEventsRequest, call: Call): GetLogEventsResponse {
      const group = groupOf(states.in(call), input);
      const stream = streamOf(group, input.logStreamName);
      const limit = limitOf(input.limit);
      const inside = keptEvents(group, stream, world.now()).filter(
        ({ atMs }) => atMs >= (input.startTime ?? 0) && atMs < (input.endTime ?? Number.POSITIVE_INFINITY),
      );
      const [from, to] = windowOf(input, inside.length, limit);
      return {
        events: inside.slice(from, to).map(({ atMs, message, ingestedAtMs }) => ({
          timestamp: atMs,
          message,
          ingestionTime: ingestedAtMs,
        })),
        nextForwardToken: `f/${String(to).padStart(56, "0")}`,
        nextBackwardToken: `b/${String(from).padStart(56, "0")}`,
      };
    },

    /** Events of all streams of a group, or of some, in the order of their times, or the other way round. */
    FilterLogEvents(input: FilterLogEventsRequest, call: Call): FilterLogEventsResponse {
      const group = groupOf(states.in(call), input);
      const limit = limitOf(input.limit);
      const matches = matcher(input.filterPattern);
      const latestFirst = isLatestFirst(input);
      if (input.logStreamNames !== undefined && input.logStreamNamePrefix !== undefined) {
        throw invalidParameter("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.");
      }
      const streams = (
        input.logStreamNames?.map((name) => streamOf(group, name)) ?? [...group.streams.values()]
      ).filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ""));
      const found = streams.flatMap((stream) =>
        keptEvents(group, stream, world.now())
          .map((event, index) => ({ event, stream, key: sortKey(event, stream.name, index, latestFirst) }))
          .filter(
            ({ event }) =>
              event.atMs >= (input.startTime ?? 0) &&
              event.atMs <= (input.endTime ?? Number.POSITIVE_INFINITY) &&
              matches(event.message),
          ),
      );
      const badToken = () => invalidParameter("The specified nextToken is invalid.");
      const token = input.nextToken?.replace(LATEST_FIRST, "");
      const page = pageOf(found, ({ key }) => key, { limit, token, badToken });
      return {
        events: page.items.map(({ event, stream }) => ({
          logStreamName: stream.name,
          timestamp: event.atMs,
          message: event.message,
          ingestionTime: event.ingestedAtMs,
          eventId: event.id,
        })),
        searchedLogStreams: [],
        nextToken: page.next && (latestFirst ? LATEST_FIRST : "") + page.next,
      };
    },
  };
}

/** Begins the token of a reading that goes back in time. */
const LATEST_FIRST = "b/";
/** CloudWatch reads back to here, and no further. */
const EARLIEST_BACKWARDS_MS = Date.UTC(2024, 0, 1);

/** The first request says which way; the token of the others does. */
function isLatestFirst({ startFromHead, startTime, nextToken }: FilterLogEventsRequest): boolean {
  if (nextToken !== undefined) return nextToken.startsWith(LATEST_FIRST);
  if (startFromHead !== false) return false;
  if (startTime !== undefined && startTime < EARLIEST_BACKWARDS_MS) {
    throw invalidParameter("startFromHead can be false only where startTime is on or after January 1, 2024.");
  }
  return true;
}

function limitOf(limit = 10_000): number {
  if (limit < 1 || limit > 10_000) throw invalidParameter("The limit must be between 1 and 10000.");
  return limit;
}

/** From which event to before which: after a forward token, before a backward one, else from the head or at the tail. */
function windowOf(input: GetLogEventsRequest, length: number, limit: number): [from: number, to: number] {
  if (input.nextToken === undefined) {
    return input.startFromHead === true ? [0, Math.min(limit, length)] : [Math.max(0, length - limit), length];
  }
  const match = /^([fb])\/(\d+)$/.exec(input.nextToken);
  if (match === null) throw invalidParameter("The specified nextToken is invalid.");
  const at = Math.min(Number(match[2]), length);
  return match[1] === "f" ? [at, Math.min(at + limit, length)] : [Math.max(0, at - limit), at];
}

/** Events of the same time stay together by stream, and within it in the order in which they came. */
function sortKey({ atMs }: LogEventRecord, stream: string, index: number, latestFirst: boolean): string {
  const counted = (value: number, digits: number) =>
    String(latestFirst ? 10 ** digits - 1 - value : value).padStart(digits, "0");
  return `${counted(atMs, 15)} ${stream} ${counted(index, 9)}`;
}
