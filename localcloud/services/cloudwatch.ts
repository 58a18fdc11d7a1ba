import type { StateValue } from "@aws-sdk/client-cloudwatch";
import type { Service, Taggable, World } from "../service.ts";
import { alarmOperations, setAlarmState } from "./cloudwatch/alarms.ts";
import { metricOperations, sampleOfValues } from "./cloudwatch/metrics.ts";
import { type MetricName, metricKey, type Period, periodsOf, record } from "./cloudwatch/samples.ts";
import type { AlarmRecord, CloudWatchState } from "./cloudwatch/state.ts";
import { type Place, regional } from "./regions.ts";
import { taggable } from "./tags.ts";

export interface CloudWatch extends Service {
  /** Records a measurement of AWS's own, whose namespaces users may not write to. */
  record(place: Place, metric: MetricName, measured: { atMs: number; unit: string; value: number }): void;
  /** The periods of a metric in which something was measured, the oldest first. */
  periods(place: Place, metric: MetricName, window: { startMs: number; endMs: number; periodMs: number }): Period[];
  alarms(place: Place): Iterable<AlarmRecord>;
  places(): Iterable<Place>;
  /** What an evaluation found; a transition is told to the world. */
  setState(
    place: Place,
    alarm: AlarmRecord,
    state: { value: StateValue; reason: string; data: string | undefined },
  ): void;
}

export function createCloudWatch(world: World): CloudWatch {
  const states = regional<CloudWatchState>((place) => ({ place, alarms: new Map(), metrics: new Map() }));
  return {
    id: "cloudwatch",
    state: states,
    operations: { ...alarmOperations(states, world), ...metricOperations(states, world) },
    *taggables(): Iterable<Taggable> {
      for (const { alarms } of states.all()) {
        for (const { alarm, tags } of alarms.values()) yield taggable(alarm.AlarmArn!, tags);
      }
    },
    record(place, metric, { atMs, unit, value }) {
      record(states.in(place), metric, sampleOfValues(atMs, unit, [[value, 1]]), world.now());
    },
    periods: (place, metric, window) =>
      periodsOf(states.in(place).metrics.get(metricKey(metric)), { ...window, unit: undefined }),
    alarms: (place) => states.in(place).alarms.values(),
    *places() {
      for (const { place } of states.all()) yield place;
    },
    setState: (place, alarm, state) => setAlarmState(world, place, alarm, state),
  };
}
