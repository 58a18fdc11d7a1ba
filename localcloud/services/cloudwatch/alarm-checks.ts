import type { PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../../service.ts";
import { validationError } from "./errors.ts";

const COMPARISONS = [
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
];
const STATISTICS = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
const MISSING_DATA = ["breaching", "notBreaching", "ignore", "missing"];
const DAY_SECONDS = 86_400;

/** Refuses what CloudWatch refuses to make an alarm of. */
export function checkAlarm(input: PutMetricAlarmInput): void {
  const name = input.AlarmName ?? "";
  if (name.length < 1 || name.length > 255) throw validationError("The length of AlarmName must be between 1 and 255.");
  if (!COMPARISONS.includes(input.ComparisonOperator ?? "")) {
    throw validationError(`ComparisonOperator must be one of ${COMPARISONS.join(", ")}.`);
  }
  const periods = input.EvaluationPeriods;
  if (periods === undefined || periods < 1) throw validationError("EvaluationPeriods must be at least 1.");
  const datapoints = input.DatapointsToAlarm ?? periods;
  if (datapoints < 1 || datapoints > periods) {
    throw validationError("DatapointsToAlarm must be between 1 and EvaluationPeriods.");
  }
  if (input.Threshold === undefined) throw validationError("Threshold must be specified.");
  if (input.TreatMissingData !== undefined && !MISSING_DATA.includes(input.TreatMissingData)) {
    throw validationError(
      `Option ${input.TreatMissingData} is not supported for TreatMissingData parameter. Supported options are [${MISSING_DATA.join(", ")}].`,
    );
  }
  checkMetric(input);
  checkWindow(input.Period ?? 0, periods);
  for (const actions of [input.AlarmActions, input.OKActions, input.InsufficientDataActions])
    checkActions(actions, input);
}

function checkMetric(input: PutMetricAlarmInput): void {
  if (input.Metrics !== undefined) {
    throw validationError("The local cloud evaluates alarms on one metric only, not on metric math.");
  }
  if (!input.MetricName) throw validationError("Exactly one of MetricName or Metrics must be specified.");
  if (!input.Namespace) throw validationError("Namespace must be specified.");
  if ((input.Statistic === undefined) === (input.ExtendedStatistic === undefined)) {
    throw validationError("Exactly one of Statistic or ExtendedStatistic must be specified.");
  }
  if (input.Statistic !== undefined && !STATISTICS.includes(input.Statistic)) {
    throw validationError(`Statistic must be one of ${STATISTICS.join(", ")}.`);
  }
  if ((input.Dimensions ?? []).length > 30) throw validationError("At most 30 dimensions can be specified.");
}

function checkWindow(period: number, periods: number): void {
  if (period !== 10 && period !== 20 && period !== 30 && (period < 60 || period % 60 !== 0)) {
    throw validationError("Period must be 10, 20, 30 or a multiple of 60.");
  }
  // Alarms look back a day; those with periods of an hour or more look back a week.
  const most = period >= 3600 ? 7 * DAY_SECONDS : DAY_SECONDS;
  if (period * periods > most) {
    throw validationError(
      `Metrics cannot be checked across more than ${most / DAY_SECONDS} day(s) (EvaluationPeriods * Period must be <= ${most}).`,
    );
  }
}

function checkActions(actions: readonly string[] | undefined, { Dimensions }: PutMetricAlarmInput): void {
  if ((actions ?? []).length > 5) {
    throw validationError(
      "Member must have length less than or equal to 5: an alarm has at most 5 actions for a state.",
    );
  }
  for (const action of actions ?? []) {
    if (!/^arn:aws[a-z-]*:(sns|automate|swf|ssm|ssm-incidents|autoscaling|lambda):[^:]*:[^:]*:.+$/.test(action)) {
      throw validationError(`Invalid arn syntax: ${action}`);
    }
    const onInstance = /^arn:aws[a-z-]*:(automate:[^:]*:ec2:|swf:.*AWS_EC2)/.test(action);
    if (onInstance && !Dimensions?.some(({ Name }) => Name === "InstanceId")) {
      throw new AwsError(
        "ValidationException",
        "EC2 actions are only supported for metrics with an InstanceId dimension.",
      );
    }
  }
}
