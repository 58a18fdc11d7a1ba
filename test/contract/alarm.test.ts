import { after } from "node:test";
import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import { tagList, tagsOf } from "../../src/aws/tags.ts";
import { type AlarmSpec, alarm } from "../../src/kinds/alarm.ts";
import { startBackend } from "../support/backend.ts";
import type { Stage, Tamper } from "./case.ts";
import { contract } from "./contract.ts";
import { othersTag, type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const arnOf = (stage: Stage) => stage.arn("cloudwatch", `alarm:${stage.name}`);
const topic = (stage: Stage, name: string) => stage.arn("sns", name);

const tagCalls: TagCalls = {
  set: (stage, tags) =>
    stage.sdk.cloudwatch.send(new TagResourceCommand({ ResourceARN: arnOf(stage), Tags: tagList(tags) })),
  remove: (stage, TagKeys) =>
    stage.sdk.cloudwatch.send(new UntagResourceCommand({ ResourceARN: arnOf(stage), TagKeys })),
  get: async (stage) =>
    tagsOf((await stage.sdk.cloudwatch.send(new ListTagsForResourceCommand({ ResourceARN: arnOf(stage) }))).Tags),
};

const standing = async ({ sdk, name }: Stage) =>
  (await sdk.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms?.[0];

/** Puts the alarm as it stands, but for some fields. */
async function change(stage: Stage, fields: Partial<PutMetricAlarmCommandInput>): Promise<void> {
  const {
    AlarmName,
    AlarmDescription,
    Namespace,
    MetricName,
    Dimensions,
    Statistic,
    Period,
    EvaluationPeriods,
    Threshold,
    ComparisonOperator,
    TreatMissingData,
    AlarmActions,
    OKActions,
    ActionsEnabled,
  } = (await standing(stage)) ?? {};
  await stage.sdk.cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      AlarmDescription,
      Namespace,
      MetricName,
      Dimensions,
      Statistic,
      Period,
      EvaluationPeriods,
      Threshold,
      ComparisonOperator,
      TreatMissingData,
      AlarmActions,
      OKActions,
      ActionsEnabled,
      ...fields,
    }),
  );
}

const changed = (field: keyof AlarmSpec, fields: Partial<PutMetricAlarmCommandInput>): Tamper => ({
  field,
  change: (stage) => change(stage, fields),
});

contract<AlarmSpec>(backend, {
  kind: "alarm",
  make: alarm,
  spec: (stage) => ({
    description: "Files that could not be processed wait here",
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: "pw-contract" },
    statistic: "Maximum",
    periodSeconds: 300,
    evaluationPeriods: 1,
    threshold: 0,
    comparisonOperator: "GreaterThanThreshold",
    treatMissingData: "notBreaching",
    alarmActions: [topic(stage, "ours")],
    actionsEnabled: true,
    tags: stage.tags,
  }),
  tampers: [
    changed("description", { AlarmDescription: "nothing to see here" }),
    changed("namespace", { Namespace: "AWS/SNS" }),
    changed("metricName", { MetricName: "NumberOfMessagesSent" }),
    changed("dimensions", { Dimensions: [{ Name: "QueueName", Value: "another" }] }),
    changed("statistic", { Statistic: "Average" }),
    changed("periodSeconds", { Period: 60 }),
    changed("evaluationPeriods", { EvaluationPeriods: 3 }),
    changed("threshold", { Threshold: 1_000 }),
    changed("comparisonOperator", { ComparisonOperator: "LessThanThreshold" }),
    changed("treatMissingData", { TreatMissingData: "ignore" }),
    { field: "alarmActions", change: (stage) => change(stage, { AlarmActions: [] }) },
    {
      field: "alarmActions",
      what: "an action that an intruder added",
      change: (stage) => change(stage, { AlarmActions: [topic(stage, "ours"), topic(stage, "intruder")] }),
    },
    changed("actionsEnabled", { ActionsEnabled: false }),
    ...tagTampers(tagCalls),
  ],
  others: [
    othersTag(tagCalls),
    {
      what: "an action for when all is well again",
      put: (stage) => change(stage, { OKActions: [topic(stage, "theirs")] }),
      stands: async (stage) => (await standing(stage))?.OKActions?.[0] === topic(stage, "theirs"),
    },
  ],
  remove: ({ sdk, name }) => sdk.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [name] })),
  foreign: (stage) =>
    stage.sdk.cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: stage.name,
        Namespace: "AWS/SQS",
        MetricName: "NumberOfMessagesSent",
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: "GreaterThanThreshold",
        AlarmActions: [topic(stage, "theirs")],
        Tags: tagList({ colour: "green" }),
      }),
    ),
  createOverwrites: "PutMetricAlarm creates and replaces alike, and has no condition",
  adopted: {
    keeps: [
      {
        what: "an action of its maker's",
        put: async () => {},
        stands: async (stage) => ((await standing(stage))?.AlarmActions ?? []).includes(topic(stage, "theirs")),
      },
    ],
  },
});
