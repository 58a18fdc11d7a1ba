import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { Place } from "../regions.ts";

/** All that CloudWatch knows in one account and region. */
export interface CloudWatchState {
  readonly place: Place;
  readonly alarms: Map<string, AlarmRecord>;
  /** By namespace, name and dimensions, as `metricKey` writes them. */
  readonly metrics: Map<string, MetricRecord>;
}

export interface AlarmRecord {
  readonly name: string;
  readonly tags: Map<string, string>;
  /** What DescribeAlarms answers; its state is changed in place. */
  readonly alarm: MetricAlarm;
}

export interface MetricRecord {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly Dimension[];
  /** In the order of their times. */
  readonly samples: Sample[];
}

export interface Dimension {
  readonly name: string;
  readonly value: string;
}

/** One or several measurements of one moment. */
export interface Sample {
  readonly atMs: number;
  readonly unit: string;
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly most: number;
  /** The single values with how often each came; absent where only their statistics were sent. */
  readonly values: readonly (readonly [value: number, count: number])[] | undefined;
}
