import type { LogGroupClass } from "@aws-sdk/client-cloudwatch-logs";
import type { Place } from "../regions.ts";

/** All that CloudWatch Logs knows in one account and region. */
export interface LogsState {
  readonly place: Place;
  readonly groups: Map<string, LogGroupRecord>;
}

export interface LogGroupRecord {
  readonly name: string;
  /** Without the `:*` that DescribeLogGroups puts behind it in `arn`. */
  readonly arn: string;
  readonly tags: Map<string, string>;
  readonly createdAtMs: number;
  readonly groupClass: LogGroupClass;
  readonly kmsKeyId: string | undefined;
  /** Days; undefined keeps events for ever. */
  retentionDays: number | undefined;
  readonly streams: Map<string, LogStreamRecord>;
}

export interface LogStreamRecord {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  /** In the order of their times. */
  events: readonly LogEventRecord[];
  lastIngestedAtMs: number | undefined;
}

export interface LogEventRecord {
  readonly id: string;
  readonly atMs: number;
  readonly ingestedAtMs: number;
  readonly message: string;
}
