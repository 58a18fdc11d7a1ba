import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-cloudwatch";
import { type CloudWatch, createCloudWatch } from "../../localcloud/services/cloudwatch.ts";
import { call, invoke, refused, stubWorld } from "./stub-world.ts";

const ALARM = {
  AlarmName: "pw-dead-letters",
  Namespace: "AWS/SQS",
  MetricName: "ApproximateNumberOfMessagesVisible",
  Statistic: "Maximum",
  Dimensions: [{ Name: "QueueName", Value: "pw-dead-letters" }],
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: "GreaterThanThreshold",
};
const ARN = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:pw-dead-letters";
const TERMINATE = "arn:aws:automate:us-east-1:ec2:terminate";

function cloud() {
  const world = stubWorld([createCloudWatch]);
  const cloudwatch = world.service<CloudWatch>("cloudwatch");
  const run = <Output>(operation: string, input: object = {}) => invoke<Output>(cloudwatch, operation, input);
  const put = (more: object = {}) => run("PutMetricAlarm", { ...ALARM, ...more });
  const describeAlarms = (input: object = {}) => run<api.DescribeAlarmsOutput>("DescribeAlarms", input);
  const alarm = () => describeAlarms({ AlarmNames: [ALARM.AlarmName] }).MetricAlarms![0]!;
  const tags = () => run<api.ListTagsForResourceOutput>("ListTagsForResource", { ResourceARN: ARN }).Tags;
  return { world, cloudwatch, run, put, describeAlarms, alarm, tags };
}

describe("CloudWatch alarms", () => {
  it("begin without data, with actions enabled and their lists empty", () => {
    const { put, alarm, world } = cloud();
    put();
    const now = new Date(world.now());
    assert.deepEqual(alarm(), {
      ...ALARM,
      AlarmArn: ARN,
      ActionsEnabled: true,
      AlarmActions: [],
      OKActions: [],
      InsufficientDataActions: [],
      AlarmConfigurationUpdatedTimestamp: now,
      StateValue: "INSUFFICIENT_DATA",
      StateReason: "Unchecked: Initial alarm creation",
      StateUpdatedTimestamp: now,
      StateTransitionedTimestamp: now,
    });
    assert.equal("TreatMissingData" in alarm(), false);
  });

  it("are replaced whole by a second put, which ignores its tags and keeps the state", () => {
    const { put, run, alarm, tags } = cloud();
    put({ AlarmDescription: "old", TreatMissingData: "notBreaching", Tags: [{ Key: "a", Value: "1" }] });
    run("SetAlarmState", { AlarmName: ALARM.AlarmName, StateValue: "ALARM", StateReason: "test" });
    put({ Threshold: 5, Tags: [{ Key: "a", Value: "2" }] });
    assert.deepEqual(
      [alarm().Threshold, alarm().AlarmDescription, alarm().TreatMissingData],
      [5, undefined, undefined],
    );
    assert.deepEqual([alarm().StateValue, tags()], ["ALARM", [{ Key: "a", Value: "1" }]]);
  });

  it("refuse what makes no alarm, and keep nothing of it", () => {
    const { put, describeAlarms } = cloud();
    const bad = (more: object) => refused("ValidationException", () => put(more));
    bad({ AlarmName: "" });
    bad({ ComparisonOperator: "More" });
    bad({ EvaluationPeriods: 0 });
    bad({ DatapointsToAlarm: 2 });
    bad({ Threshold: undefined });
    bad({ TreatMissingData: "perhaps" });
    bad({ MetricName: undefined });
    bad({ Namespace: undefined });
    bad({ Statistic: "Median" });
    bad({ Statistic: undefined });
    bad({ ExtendedStatistic: "p99" });
    bad({ Period: 45 });
    bad({ Period: 60, EvaluationPeriods: 1441 });
    bad({ AlarmActions: ["terminate"] });
    bad({ AlarmActions: Array(6).fill("arn:aws:sns:us-east-1:000000000000:topic") });
    bad({ Tags: [{ Key: "aws:a", Value: "" }] });
    assert.match(bad({ AlarmActions: [TERMINATE] }).message, /InstanceId dimension/);
    assert.deepEqual(describeAlarms().MetricAlarms, []);
    put({ AlarmActions: [TERMINATE], Dimensions: [{ Name: "InstanceId", Value: "i-0" }] });
    put({ Period: 3600, EvaluationPeriods: 168 });
  });

  it("are described by up to a hundred names, absent ones silently left out", () => {
    const { put, describeAlarms } = cloud();
    const names = Array.from({ length: 100 }, (_, index) => `pw-${String(index).padStart(3, "0")}`);
    for (const AlarmName of names.slice(1)) put({ AlarmName });
    const answer = describeAlarms({ AlarmNames: names });
    assert.deepEqual(
      answer.MetricAlarms!.map(({ AlarmName }) => AlarmName),
      names.slice(1),
    );
    assert.deepEqual([answer.CompositeAlarms, answer.NextToken], [[], undefined]);
    refused("ValidationException", () => describeAlarms({ AlarmNames: [...names, "one-more"] }));
    refused("ValidationException", () => describeAlarms({ AlarmNames: ["a"], AlarmNamePrefix: "a" }));
  });

  it("are described by prefix, state and kind, in pages", () => {
    const { put, run, describeAlarms } = cloud();
    for (const AlarmName of ["pw-a", "pw-b", "pw-c", "other"]) put({ AlarmName });
    run("SetAlarmState", { AlarmName: "pw-b", StateValue: "OK", StateReason: "" });
    const names = (input: object) => describeAlarms(input).MetricAlarms!.map(({ AlarmName }) => AlarmName);
    const first = describeAlarms({ AlarmNamePrefix: "pw-", MaxRecords: 2 });
    assert.equal(first.MetricAlarms!.length, 2);
    assert.deepEqual(names({ AlarmNamePrefix: "pw-", MaxRecords: 2, NextToken: first.NextToken }), ["pw-c"]);
    assert.deepEqual(names({ StateValue: "OK" }), ["pw-b"]);
    assert.deepEqual(names({ AlarmTypes: ["CompositeAlarm"] }), []);
    refused("InvalidNextToken", () => describeAlarms({ NextToken: "nonsense" }));
  });

  it("are deleted beside one that is not there, which is told", () => {
    const { put, run, describeAlarms } = cloud();
    put();
    refused("ResourceNotFound", () => run("DeleteAlarms", { AlarmNames: [ALARM.AlarmName, "absent"] }));
    assert.deepEqual(describeAlarms().MetricAlarms, []);
    put();
    run("DeleteAlarms", { AlarmNames: [ALARM.AlarmName] });
    assert.deepEqual(describeAlarms().MetricAlarms, []);
  });

  it("have their actions switched off and on; names that are not there do not matter", () => {
    const { put, run, alarm } = cloud();
    put();
    run("DisableAlarmActions", { AlarmNames: ["absent", ALARM.AlarmName] });
    assert.equal(alarm().ActionsEnabled, false);
    run("EnableAlarmActions", { AlarmNames: [ALARM.AlarmName] });
    assert.equal(alarm().ActionsEnabled, true);
  });

  it("tell the world of transitions only", () => {
    const { world, put, run } = cloud();
    const told: unknown[] = [];
    world.onEvent(({ detail }) => told.push(detail.state));
    put();
    const set = (StateValue: string) =>
      run("SetAlarmState", { AlarmName: ALARM.AlarmName, StateValue, StateReason: "r" });
    set("ALARM");
    set("ALARM");
    set("OK");
    assert.deepEqual(told, [
      { value: "ALARM", reason: "r" },
      { value: "OK", reason: "r" },
    ]);
    refused("ResourceNotFound", () => run("SetAlarmState", { AlarmName: "absent", StateValue: "OK", StateReason: "" }));
    refused("ValidationException", () => set("BURNING"));
  });

  it("carry tags of their own operations", () => {
    const { put, run, tags } = cloud();
    refused("ResourceNotFoundException", tags);
    put();
    run("TagResource", {
      ResourceARN: ARN,
      Tags: [
        { Key: "a", Value: "1" },
        { Key: "b", Value: "2" },
      ],
    });
    run("UntagResource", { ResourceARN: ARN, TagKeys: ["a"] });
    assert.deepEqual(tags(), [{ Key: "b", Value: "2" }]);
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: "" }));
    refused("ValidationException", () => run("TagResource", { ResourceARN: ARN, Tags: many }));
    assert.equal(tags()!.length, 1);
  });
});

describe("CloudWatch metrics", () => {
  const at = (world: { now(): number }, seconds: number) => new Date(world.now() + seconds * 1000);

  it("are averaged by period, and kept apart by their dimensions", () => {
    const { world, run } = cloud();
    const datum = (Value: number, seconds: number, host = "a") => ({
      MetricName: "Load",
      Value,
      Timestamp: at(world, seconds),
      Dimensions: [{ Name: "Host", Value: host }],
    });
    run("PutMetricData", {
      Namespace: "Test",
      MetricData: [datum(1, 70), datum(2, 0), datum(4, 30), datum(9, 0, "b")],
    });
    const input = {
      Namespace: "Test",
      MetricName: "Load",
      Dimensions: [{ Name: "Host", Value: "a" }],
      StartTime: at(world, 0),
      EndTime: at(world, 120),
      Period: 60,
      Statistics: ["Average", "Sum", "SampleCount", "Minimum", "Maximum"],
      ExtendedStatistics: ["p50"],
    };
    assert.deepEqual(run<api.GetMetricStatisticsOutput>("GetMetricStatistics", input).Datapoints, [
      {
        Timestamp: at(world, 0),
        Unit: "None",
        Average: 3,
        Sum: 6,
        SampleCount: 2,
        Minimum: 2,
        Maximum: 4,
        ExtendedStatistics: { p50: 2 },
      },
      {
        Timestamp: at(world, 60),
        Unit: "None",
        Average: 1,
        Sum: 1,
        SampleCount: 1,
        Minimum: 1,
        Maximum: 1,
        ExtendedStatistics: { p50: 1 },
      },
    ]);
    const Metric = { Namespace: "Test", MetricName: "Load", Dimensions: [{ Name: "Host", Value: "a" }] };
    const data = run<api.GetMetricDataOutput>("GetMetricData", {
      MetricDataQueries: [{ Id: "m", MetricStat: { Metric, Period: 60, Stat: "Sum" } }],
      StartTime: at(world, 0),
      EndTime: at(world, 120),
    });
    assert.deepEqual(data.MetricDataResults![0]!.Values, [1, 6]);
    const listed = run<api.ListMetricsOutput>("ListMetrics", { Namespace: "Test", Dimensions: [{ Name: "Host" }] });
    assert.deepEqual(
      listed.Metrics!.map(({ Dimensions }) => Dimensions![0]!.Value),
      ["a", "b"],
    );
  });

  it("of AWS's own namespaces are written by AWS alone", () => {
    const { world, cloudwatch, run } = cloud();
    const MetricData = [{ MetricName: "CPUUtilization", Value: 1 }];
    refused("InvalidParameterValueException", () => run("PutMetricData", { Namespace: "AWS/EC2", MetricData }));
    const metric = { namespace: "AWS/EC2", name: "CPUUtilization", dimensions: [{ name: "InstanceId", value: "i-0" }] };
    cloudwatch.record(call, metric, { atMs: world.now(), unit: "Percent", value: 42 });
    const window = { startMs: world.now(), endMs: world.now() + 1, periodMs: 300_000 };
    const [period] = cloudwatch.periods(call, metric, window);
    assert.equal(period!.samples[0]!.sum, 42);
  });

  it("refuse values and windows that make no sense", () => {
    const { world, run } = cloud();
    const put = (datum: object) =>
      run("PutMetricData", { Namespace: "Test", MetricData: [{ MetricName: "Load", ...datum }] });
    refused("MissingRequiredParameterException", () => put({}));
    refused("InvalidParameterValueException", () => put({ Value: 1, Timestamp: at(world, 86_400) }));
    refused("InvalidParameterValueException", () => put({ Values: [1, 2], Counts: [1] }));
    const window = {
      Namespace: "Test",
      MetricName: "Load",
      StartTime: at(world, 0),
      EndTime: at(world, 60),
      Period: 60,
    };
    refused("MissingRequiredParameterException", () => run("GetMetricStatistics", window));
    const Statistics = ["Sum"];
    refused("ValidationException", () => run("GetMetricStatistics", { ...window, Statistics, EndTime: at(world, 0) }));
    refused("InvalidParameterValueException", () => run("GetMetricStatistics", { ...window, Statistics, Period: 90 }));
  });
});
