import type { MetricAlarm, StateValue } from "@aws-sdk/client-cloudwatch";
import type { World, WorldEvent } from "../service.ts";
import { dimensionsOf } from "../services/cloudwatch/metrics.ts";
import { statistic } from "../services/cloudwatch/samples.ts";
import type { CloudWatch } from "../services/cloudwatch.ts";
import type { Ec2 } from "../services/ec2.ts";
import type { Iam } from "../services/iam.ts";
import type { Place } from "../services/regions.ts";

/** Looks at every alarm. What changes its state is told to the world, and so to its actions. */
export function evaluateAlarms(world: World): void {
  const cloudWatch = world.service<CloudWatch>("cloudwatch");
  for (const place of cloudWatch.places()) {
    for (const record of cloudWatch.alarms(place)) {
      const points = datapoints(cloudWatch, place, record.alarm, world.now());
      const value = judged(record.alarm, points);
      if (value === undefined || value === record.alarm.StateValue) continue;
      cloudWatch.setState(place, record, { value, reason: reasonFor(record.alarm, points, value), data: undefined });
    }
  }
}

/** Values of the periods that an alarm looks at, the oldest first; undefined where nothing was measured. */
function datapoints(
  cloudWatch: CloudWatch,
  place: Place,
  alarm: MetricAlarm,
  now: number,
): readonly (number | undefined)[] {
  const periodMs = alarm.Period! * 1000;
  const count = alarm.EvaluationPeriods!;
  const endMs = Math.floor(now / periodMs) * periodMs;
  const startMs = endMs - count * periodMs;
  const metric = {
    namespace: alarm.Namespace!,
    name: alarm.MetricName!,
    dimensions: dimensionsOf(alarm.Dimensions),
  };
  const measured = new Map(
    cloudWatch
      .periods(place, metric, { startMs, endMs, periodMs })
      .map((period) => [period.startMs, statistic(period.samples, alarm.Statistic ?? alarm.ExtendedStatistic!)]),
  );
  return Array.from({ length: count }, (_, index) => measured.get(startMs + index * periodMs));
}

/**
 * The state that follows, or undefined where the alarm keeps the one that it has ("Configuring how CloudWatch alarms treat
 * missing data" of the CloudWatch User Guide, with its rule against premature transitions).
 */
export function judged(
  alarm: Pick<
    MetricAlarm,
    "ComparisonOperator" | "Threshold" | "TreatMissingData" | "EvaluationPeriods" | "DatapointsToAlarm"
  >,
  points: readonly (number | undefined)[],
): StateValue | undefined {
  const needed = alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods!;
  const treat = alarm.TreatMissingData ?? "missing";
  const breaches = points.map((value) => (value === undefined ? undefined : isBreach(alarm, value)));
  const filled = breaches.map(
    (breach) => breach ?? (treat === "breaching" ? true : treat === "notBreaching" ? false : undefined),
  );
  const breaching = filled.filter((breach) => breach === true).length;
  const fine = filled.filter((breach) => breach === false).length;
  if (breaching >= needed) return "ALARM";
  if (breaching + fine === 0) return treat === "ignore" ? undefined : "INSUFFICIENT_DATA";
  // So many are fine that what is missing could not change it.
  if (fine > points.length - needed) return "OK";
  // The rest is missing: an alarm only if the oldest breach lies back as far as an alarm needs, and all since is no better.
  const oldest = filled.indexOf(true);
  const isOldEnough = oldest >= 0 && points.length - oldest >= needed && !filled.slice(oldest).includes(false);
  if (isOldEnough && treat === "missing") return "ALARM";
  return fine > 0 ? "OK" : undefined;
}

function isBreach(
  { ComparisonOperator, Threshold = 0 }: Pick<MetricAlarm, "ComparisonOperator" | "Threshold">,
  value: number,
): boolean {
  switch (ComparisonOperator) {
    case "GreaterThanThreshold":
      return value > Threshold;
    case "GreaterThanOrEqualToThreshold":
      return value >= Threshold;
    case "LessThanThreshold":
      return value < Threshold;
    default:
      return value <= Threshold;
  }
}

function reasonFor(alarm: MetricAlarm, points: readonly (number | undefined)[], value: StateValue): string {
  const known = points.filter((point) => point !== undefined);
  if (known.length === 0) return `Insufficient Data: ${points.length} datapoints were unknown.`;
  const verb = value === "ALARM" ? "were" : "were not";
  return `Threshold Crossed: ${known.length} datapoints [${known.join(", ")}] ${verb} beyond the threshold (${alarm.Threshold}).`;
}

/** Ends the instance of an alarm that has just gone off: on the transition, never while it lasts. */
export function actOnAlarms(world: World): (event: WorldEvent) => void {
  return ({ source, type, account, region, detail }) => {
    if (source !== "cloudwatch" || type !== "CloudWatch Alarm State Change") return;
    const place = { account, region };
    const record = [...world.service<CloudWatch>("cloudwatch").alarms(place)].find(
      (one) => one.name === detail.alarmName,
    );
    if (record === undefined || !record.alarm.ActionsEnabled) return;
    const { alarm } = record;
    const actions = {
      ALARM: alarm.AlarmActions,
      OK: alarm.OKActions,
      INSUFFICIENT_DATA: alarm.InsufficientDataActions,
    };
    const id = alarm.Dimensions?.find(({ Name }) => Name === "InstanceId")?.Value;
    if (id !== undefined && actions[alarm.StateValue!]?.some(isTerminate)) terminate(world, place, id);
  };
}

/** The form of today, and the older one that names a workflow action. */
function isTerminate(action: string): boolean {
  return /:automate:[^:]*:ec2:terminate$|:swf:.*AWS_EC2\.InstanceId\.Terminate/.test(action);
}

/** With CloudWatch's own role in the account; an instance that is protected stays. */
function terminate(world: World, place: Place, id: string): void {
  const service = "events.amazonaws.com";
  const role = `arn:aws:iam::${place.account}:role/aws-service-role/${service}/AWSServiceRoleForCloudWatchEvents`;
  const ec2 = world.service<Ec2>("ec2");
  if (world.service<Iam>("iam").roleId(role) === undefined || ec2.instance(place, id)?.disableApiTermination) return;
  const code = "Client.UserInitiatedShutdown";
  ec2.end(place, id, { code, message: `${code}: User initiated shutdown` });
}
