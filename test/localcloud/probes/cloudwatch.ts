import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import type { Sdk } from "../../support/sdk.ts";
import type { Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const REFERENCE = "CloudWatch API Reference";

const put = ({ cloudwatch: client }: Sdk, name: string, more: Partial<cloudwatch.PutMetricAlarmCommandInput> = {}) =>
  client.send(
    new cloudwatch.PutMetricAlarmCommand({
      AlarmName: `probe-${name}`,
      Namespace: "AWS/EC2",
      MetricName: "CPUUtilization",
      Statistic: "Average",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "LessThanThreshold",
      ...more,
    }),
  );

async function alarms({ cloudwatch: client }: Sdk, input: cloudwatch.DescribeAlarmsCommandInput) {
  return (await client.send(new cloudwatch.DescribeAlarmsCommand(input))).MetricAlarms ?? [];
}

async function alarmNow(sdk: Sdk, name: string): Promise<cloudwatch.MetricAlarm | undefined> {
  return (await alarms(sdk, { AlarmNames: [`probe-${name}`] }))[0];
}

/** Of many no names: they would be those of whichever probes came before. */
const namesOf = (found: readonly cloudwatch.MetricAlarm[]) =>
  found.length > 2 ? "all" : found.map(({ AlarmName }) => AlarmName).join(" ") || "none";

const setState = ({ cloudwatch: client }: Sdk, name: string, StateValue: "OK" | "ALARM") => {
  const input = { AlarmName: `probe-${name}`, StateValue, StateReason: "of a probe" };
  return client.send(new cloudwatch.SetAlarmStateCommand(input));
};

const tags = (...values: [string, string][]) => values.map(([Key, Value]) => ({ Key, Value }));

/** ARN of a new alarm with two tags. */
async function tagged(sdk: Sdk, name: string): Promise<{ ResourceARN: string }> {
  await put(sdk, name, { Tags: tags(["colour", "green"], ["size", "small"]) });
  return { ResourceARN: (await alarmNow(sdk, name))!.AlarmArn! };
}

async function tagsNow({ cloudwatch: client }: Sdk, at: { ResourceARN: string }): Promise<string> {
  const { Tags = [] } = await client.send(new cloudwatch.ListTagsForResourceCommand(at));
  const found = Tags.map(({ Key, Value }) => `${Key}=${Value}`);
  return found.sort().join(" ") || "none";
}

const ABSENT = { ResourceARN: "arn:aws:cloudwatch:us-east-1:123456789012:alarm:probe-never" };
const TERMINATE = "arn:aws:automate:us-east-1:ec2:terminate";

export const cloudwatchProbes: readonly Probe[] = [
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "state of a new alarm",
    aws: "INSUFFICIENT_DATA",
    source: `${REFERENCE}, PutMetricAlarm`,
    async ask(sdk) {
      await put(sdk, "new");
      return (await alarmNow(sdk, "new"))?.StateValue ?? "none";
    },
  },
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "over one that is in ALARM: its state",
    aws: "ALARM",
    source: `${REFERENCE}, PutMetricAlarm`,
    async ask(sdk) {
      await put(sdk, "state");
      await setState(sdk, "state", "ALARM");
      await put(sdk, "state", { Threshold: 2 });
      return (await alarmNow(sdk, "state"))?.StateValue ?? "none";
    },
  },
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "tags given to a second one of the name: ignored",
    aws: "colour=green size=small",
    source: `${REFERENCE}, PutMetricAlarm (Tags)`,
    async ask(sdk) {
      const at = await tagged(sdk, "tags");
      await put(sdk, "tags", { Tags: tags(["colour", "red"]) });
      return tagsNow(sdk, at);
    },
  },
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "a second one that says no description and no action: those of the first",
    aws: "gone",
    source: `${REFERENCE}, PutMetricAlarm`,
    async ask(sdk) {
      const Dimensions = [{ Name: "InstanceId", Value: "i-0123456789abcdef0" }];
      await put(sdk, "replaced", { Dimensions, AlarmDescription: "of a probe", AlarmActions: [TERMINATE] });
      await put(sdk, "replaced", { Dimensions });
      const { AlarmDescription = "", AlarmActions = [] } = (await alarmNow(sdk, "replaced"))!;
      return AlarmDescription === "" && AlarmActions.length === 0 ? "gone" : "kept";
    },
  },
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "whether its actions are on, where nothing is said",
    aws: "true",
    source: `${REFERENCE}, PutMetricAlarm (ActionsEnabled)`,
    async ask(sdk) {
      await put(sdk, "enabled");
      return String((await alarmNow(sdk, "enabled"))?.ActionsEnabled);
    },
  },
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "a period of 45 seconds",
    aws: "refused",
    source: `${REFERENCE}, PutMetricAlarm (Period)`,
    ask: (sdk) => verdict(put(sdk, "period", { Period: 45 })),
  },
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "25 hours in periods of five minutes",
    aws: "refused",
    source: `${REFERENCE}, PutMetricAlarm (Period)`,
    ask: (sdk) => verdict(put(sdk, "day", { Period: 300, EvaluationPeriods: 300 })),
  },
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "neither a statistic nor an extended one",
    aws: "refused",
    source: `${REFERENCE}, PutMetricAlarm (Statistic)`,
    ask: (sdk) => verdict(put(sdk, "statistic", { Statistic: undefined })),
  },
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "a statistic and an extended one",
    aws: "refused",
    source: `${REFERENCE}, PutMetricAlarm (ExtendedStatistic)`,
    ask: (sdk) => verdict(put(sdk, "statistics", { ExtendedStatistic: "p90" })),
  },
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "no threshold",
    aws: "refused",
    source: `${REFERENCE}, PutMetricAlarm (Threshold)`,
    ask: (sdk) => verdict(put(sdk, "threshold", { Threshold: undefined })),
  },
  {
    operation: "cloudwatch:DescribeAlarms",
    question: "names and a prefix together",
    aws: "refused",
    source: `${REFERENCE}, DescribeAlarms (AlarmNamePrefix)`,
    ask: (sdk) => verdict(alarms(sdk, { AlarmNames: ["probe-new"], AlarmNamePrefix: "probe-" })),
  },
  {
    operation: "cloudwatch:DescribeAlarms",
    question: "by the prefix of an action",
    aws: "probe-action",
    source: `${REFERENCE}, DescribeAlarms (ActionPrefix)`,
    async ask(sdk) {
      const Dimensions = [{ Name: "InstanceId", Value: "i-0123456789abcdef0" }];
      await put(sdk, "action", { Dimensions, AlarmActions: [TERMINATE] });
      await put(sdk, "no-action");
      return namesOf(await alarms(sdk, { ActionPrefix: "arn:aws:automate:", AlarmNamePrefix: "probe-" }));
    },
  },
  {
    operation: "cloudwatch:DescribeAlarms",
    question: "by state",
    aws: "probe-fine",
    source: `${REFERENCE}, DescribeAlarms (StateValue)`,
    async ask(sdk) {
      for (const name of ["fine", "fine-not"]) await put(sdk, name);
      await setState(sdk, "fine", "OK");
      return namesOf(await alarms(sdk, { StateValue: "OK", AlarmNamePrefix: "probe-fine" }));
    },
  },
  {
    operation: "cloudwatch:DescribeAlarms",
    question: "composite ones only: a metric's alarm",
    aws: "none",
    source: `${REFERENCE}, DescribeAlarms (AlarmTypes)`,
    async ask(sdk) {
      await put(sdk, "type");
      return namesOf(await alarms(sdk, { AlarmNames: ["probe-type"], AlarmTypes: ["CompositeAlarm"] }));
    },
  },
  {
    operation: "cloudwatch:DescribeAlarms",
    question: "two, in pages of one",
    aws: "1, more",
    source: `${REFERENCE}, DescribeAlarms (MaxRecords)`,
    async ask(sdk) {
      for (const name of ["page-1", "page-2"]) await put(sdk, name);
      const input = { AlarmNamePrefix: "probe-page-", MaxRecords: 1 };
      const answer = await sdk.cloudwatch.send(new cloudwatch.DescribeAlarmsCommand(input));
      return `${answer.MetricAlarms?.length}, ${answer.NextToken ? "more" : "no more"}`;
    },
  },
  {
    operation: "cloudwatch:DeleteAlarms",
    question: "with one that is not there: the other",
    aws: "deleted",
    source: `${REFERENCE}, DeleteAlarms`,
    async ask(sdk) {
      await put(sdk, "deleted");
      const AlarmNames = ["probe-deleted", "probe-never"];
      await verdict(sdk.cloudwatch.send(new cloudwatch.DeleteAlarmsCommand({ AlarmNames })));
      return (await alarmNow(sdk, "deleted")) === undefined ? "deleted" : "still there";
    },
  },
  {
    operation: "cloudwatch:ListTagsForResource",
    question: "of an alarm that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, ListTagsForResource`,
    ask: (sdk) => tagsNow(sdk, ABSENT),
  },
  {
    operation: "cloudwatch:TagResource",
    question: "one key is overwritten, the others stay",
    aws: "colour=green size=large",
    source: `${REFERENCE}, TagResource`,
    async ask(sdk) {
      const at = await tagged(sdk, "tag");
      await sdk.cloudwatch.send(new cloudwatch.TagResourceCommand({ ...at, Tags: tags(["size", "large"]) }));
      return tagsNow(sdk, at);
    },
  },
  {
    operation: "cloudwatch:TagResource",
    question: "of an alarm that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, TagResource`,
    async ask(sdk) {
      await sdk.cloudwatch.send(new cloudwatch.TagResourceCommand({ ...ABSENT, Tags: tags(["size", "large"]) }));
      return "accepted";
    },
  },
  {
    operation: "cloudwatch:TagResource",
    question: "a 51st tag",
    aws: "refused",
    source: `${REFERENCE}, TagResource`,
    async ask(sdk) {
      const at = await tagged(sdk, "many");
      const many = Array.from({ length: 48 }, (_, index) => ({ Key: `key-${index}`, Value: "" }));
      await sdk.cloudwatch.send(new cloudwatch.TagResourceCommand({ ...at, Tags: many }));
      return verdict(sdk.cloudwatch.send(new cloudwatch.TagResourceCommand({ ...at, Tags: tags(["one", "more"]) })));
    },
  },
  {
    operation: "cloudwatch:UntagResource",
    question: "of two tags the one that is named goes",
    aws: "colour=green",
    source: `${REFERENCE}, UntagResource`,
    async ask(sdk) {
      const at = await tagged(sdk, "untag");
      await sdk.cloudwatch.send(new cloudwatch.UntagResourceCommand({ ...at, TagKeys: ["size"] }));
      return tagsNow(sdk, at);
    },
  },
];
