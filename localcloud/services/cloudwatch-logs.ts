import type { Service, Taggable, World } from "../service.ts";
import { eventOperations } from "./cloudwatch-logs/events.ts";
import { groupOperations } from "./cloudwatch-logs/groups.ts";
import type { LogsState } from "./cloudwatch-logs/state.ts";
import { append, newStream, streamOperations } from "./cloudwatch-logs/streams.ts";
import { type Place, regional } from "./regions.ts";
import { taggable } from "./tags.ts";

export interface CloudWatchLogs extends Service {
  /**
   * Writes for a function or a task, making the stream where there is none. Answers false where there is no such group:
   * then the lines are lost, unless the writer may create the group.
   */
  write(place: Place, group: string, stream: string, events: readonly { atMs: number; message: string }[]): boolean;
}

export function createCloudWatchLogs(world: World): CloudWatchLogs {
  const states = regional<LogsState>((place) => ({ place, groups: new Map() }));
  return {
    id: "cloudwatch-logs",
    state: states,
    operations: {
      ...groupOperations(states, world),
      ...streamOperations(states, world),
      ...eventOperations(states, world),
    },
    *taggables(): Iterable<Taggable> {
      for (const { groups } of states.all()) {
        for (const { arn, tags } of groups.values()) yield taggable(arn, tags);
      }
    },
    write(place, groupName, streamName, events) {
      const group = states.in(place).groups.get(groupName);
      if (group === undefined) return false;
      append(world, group.streams.get(streamName) ?? newStream(world, group, streamName), events);
      return true;
    },
  };
}
