/** The alarm that ends an instance on which nothing happens any more, for when nobody else does. */
import { type CloudWatchClient, DeleteAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { TAG } from "../src/core/owner.ts";

export const alarmName = (instanceId: string): string => `${instanceId}-shutdown`;

const PERIOD_SECONDS = 300;
/** Percent. */
const THRESHOLD = 1;

export interface Guard {
  readonly instanceId: string;
  /** The instance's own. */
  readonly tags: Readonly<Record<string, string>>;
  /** So long below the threshold. */
  readonly minutes: number;
  /** The alarm action that terminates. */
  readonly action: string;
}

export async function putShutdownAlarm(cloudwatch: CloudWatchClient, guard: Guard): Promise<void> {
  const { instanceId, minutes, action } = guard;
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: alarmName(instanceId),
      AlarmDescription: `Ends ${instanceId} when its processors have idled for ${minutes} minutes`,
      Namespace: "AWS/EC2",
      MetricName: "CPUUtilization",
      Dimensions: [{ Name: "InstanceId", Value: instanceId }],
      Statistic: "Average",
      Period: PERIOD_SECONDS,
      EvaluationPeriods: Math.ceil((minutes * 60) / PERIOD_SECONDS),
      Threshold: THRESHOLD,
      ComparisonOperator: "LessThanThreshold",
      // Taken as missing, a few first idle minutes would end an instance that has only just booted.
      TreatMissingData: "notBreaching",
      AlarmActions: [action],
      Tags: alarmTags(instanceId, guard.tags),
    }),
  );
}

/** One that is gone already is told by an error, and the others are deleted all the same. */
export async function deleteShutdownAlarms(cloudwatch: CloudWatchClient, ids: readonly string[]): Promise<void> {
  try {
    await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ids.map(alarmName) }));
  } catch (error) {
    if ((error as Error).name !== "ResourceNotFound") throw error;
  }
}

/** The instance's owner tags, so that clean-up finds the alarm; those that AWS itself put on the instance are not ours to give. */
function alarmTags(instanceId: string, tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  const own = Object.entries(tags).filter(([name]) => !name.startsWith("aws:") && name !== "Name");
  return Object.entries({ ...Object.fromEntries(own), [TAG.resource]: `alarm/${alarmName(instanceId)}` }).map(
    ([Key, Value]) => ({ Key, Value }),
  );
}
