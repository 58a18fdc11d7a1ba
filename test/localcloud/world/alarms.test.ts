import assert from "node:assert/strict";
import { after, beforeEach, describe, it } from "node:test";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { SQS } from "@aws-sdk/client-sqs";
import { judged } from "../../../localcloud/world/alarms.ts";
import { startFleetCloud } from "./fleet-cloud.ts";

const HOUR_MS = 3_600_000;

describe("an alarm", async () => {
  const fleet = await startFleetCloud();
  const { cloud, admin, ec2, iam, launch, state } = fleet;
  const cloudwatch = new CloudWatch(admin);
  const sqs = new SQS({ ...admin, useQueueUrlAsEndpoint: false });
  beforeEach(fleet.begin);
  after(async () => {
    cloudwatch.destroy();
    sqs.destroy();
    await fleet.stop();
  });

  const guard = (id: string, more: object = {}) =>
    cloudwatch.putMetricAlarm({
      AlarmName: `${id}-shutdown`,
      Namespace: "AWS/EC2",
      MetricName: "CPUUtilization",
      Dimensions: [{ Name: "InstanceId", Value: id }],
      Statistic: "Average",
      Period: 300,
      EvaluationPeriods: 12,
      Threshold: 1,
      ComparisonOperator: "LessThanThreshold",
      AlarmActions: ["arn:aws:automate:us-east-1:ec2:terminate"],
      ...more,
    });
  const stateOf = async (AlarmName: string) =>
    (await cloudwatch.describeAlarms({ AlarmNames: [AlarmName] })).MetricAlarms?.[0]?.StateValue;

  it("ends an instance that has idled for an hour, and not sooner", async () => {
    const id = await launch();
    await guard(id);
    await cloud.advance(HOUR_MS - 600_000);
    assert.equal(await state(id), "running");
    await cloud.advance(900_000);
    assert.match((await state(id))!, /shutting-down|terminated/);
    assert.equal(await stateOf(`${id}-shutdown`), "ALARM");
  });

  it("leaves an instance alone that is protected, or where CloudWatch has no role in the account", async () => {
    const guarded = await launch({ DisableApiTermination: true });
    const lonely = await launch();
    await guard(guarded);
    await guard(lonely);
    await iam.deleteServiceLinkedRole({ RoleName: "AWSServiceRoleForCloudWatchEvents" });
    await cloud.advance(2 * HOUR_MS);
    assert.equal(await stateOf(`${lonely}-shutdown`), "ALARM");
    assert.deepEqual([await state(guarded), await state(lonely)], ["running", "running"]);
  });

  it("acts on the transition only: what is set up while it is in alarm already does nothing", async () => {
    const id = await launch({ DisableApiTermination: true });
    await guard(id);
    await cloud.advance(2 * HOUR_MS);
    await ec2.modifyInstanceAttribute({ InstanceId: id, DisableApiTermination: { Value: false } });
    await cloud.advance(2 * HOUR_MS);
    assert.equal(await state(id), "running");
    await cloudwatch.setAlarmState({ AlarmName: `${id}-shutdown`, StateValue: "OK", StateReason: "a test" });
    await cloud.advance(120_000);
    assert.notEqual(await state(id), "running");
  });

  it("sees how old the oldest message of a queue is", async () => {
    const { QueueUrl } = await sqs.createQueue({ QueueName: "pw-q" });
    await cloudwatch.putMetricAlarm({
      AlarmName: "pw-q-backlog",
      Namespace: "AWS/SQS",
      MetricName: "ApproximateAgeOfOldestMessage",
      Dimensions: [{ Name: "QueueName", Value: "pw-q" }],
      Statistic: "Maximum",
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1800,
      ComparisonOperator: "GreaterThanThreshold",
    });
    await cloud.advance(700_000);
    assert.equal(await stateOf("pw-q-backlog"), "OK");
    await sqs.sendMessage({ QueueUrl, MessageBody: "x" });
    await cloud.advance(HOUR_MS);
    assert.equal(await stateOf("pw-q-backlog"), "ALARM");
    await sqs.purgeQueue({ QueueUrl });
    await cloud.advance(700_000);
    assert.equal(await stateOf("pw-q-backlog"), "OK");
  });

  it("treats missing data as it is told, and does not go off before its time", () => {
    const alarm = { ComparisonOperator: "LessThanThreshold", Threshold: 1, EvaluationPeriods: 3 } as const;
    const [low, high, none] = [0, 5, undefined];
    const state = (points: (number | undefined)[], TreatMissingData?: string) =>
      judged({ ...alarm, ...(TreatMissingData && { TreatMissingData }) }, points);
    assert.equal(state([low, low, low]), "ALARM");
    assert.equal(state([low, high, low]), "OK");
    assert.equal(state([none, none, none]), "INSUFFICIENT_DATA");
    assert.equal(state([none, none, none], "ignore"), undefined);
    assert.equal(state([none, none, none], "breaching"), "ALARM");
    assert.equal(state([none, none, none], "notBreaching"), "OK");
    // One low value of a new instance is no reason yet; one that lies back far enough is.
    assert.equal(state([none, none, low]), undefined);
    assert.equal(state([low, none, none]), "ALARM");
    assert.equal(state([low, none, low], "notBreaching"), "OK");
    assert.equal(judged({ ...alarm, DatapointsToAlarm: 2 }, [low, high, low]), "ALARM");
  });
});
