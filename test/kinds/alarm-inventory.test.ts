import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeImagesCommand, RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { tagList } from "../../src/aws/tags.ts";
import { systemClock } from "../../src/io/clock.ts";
import { alarm } from "../../src/kinds/alarm.ts";
import { type InCloud, startInCloud } from "./in-cloud.ts";

let place: InCloud;
before(async () => {
  place = await startInCloud();
});
after(() => place.stop());

/** As the scaler makes it beside an instance. */
const giveShutdownAlarm = (instanceId: string) =>
  place.aws.clients.cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: `${instanceId}-shutdown`,
      Namespace: "AWS/EC2",
      MetricName: "CPUUtilization",
      Dimensions: [{ Name: "InstanceId", Value: instanceId }],
      Statistic: "Average",
      Period: 300,
      EvaluationPeriods: 12,
      Threshold: 1,
      ComparisonOperator: "LessThanThreshold",
      Tags: tagList(place.tags(`alarm/${instanceId}-shutdown`)),
    }),
  );

it("an instance's alarm belongs to the running pipeline as long as the instance lives, and to nobody after that", async () => {
  const { ec2 } = place.aws.clients;
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
  const launch = new RunInstancesCommand({
    ImageId: Images[0]?.ImageId,
    InstanceType: "t3.micro",
    MinCount: 2,
    MaxCount: 2,
  });
  const { Instances = [] } = await ec2.send(launch);
  const [live = "", ended = ""] = Instances.map((one) => one.InstanceId ?? "");
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [ended] }));
  const forgotten = "i-0123456789abcdef0";
  for (const id of [live, ended, forgotten]) await giveShutdownAlarm(id);

  // Long after they were made.
  const clock = { ...systemClock, now: () => systemClock.now() + 3_600_000 };
  const rows = await place.rows(alarm({ ...place.aws, clock }));
  const runtime = new Map(rows.map((row) => [row.name, row.runtime ?? false]));
  assert.deepEqual(
    runtime,
    new Map([
      [`${live}-shutdown`, true],
      [`${ended}-shutdown`, false],
      [`${forgotten}-shutdown`, false],
    ]),
  );
});

it("the alarm of an instance that EC2 does not show yet is nobody's orphan", async () => {
  const newborn = "i-0fedcba9876543210";
  await giveShutdownAlarm(newborn);
  const rows = await place.rows(alarm(place.aws));
  assert.equal(rows.find((row) => row.name === `${newborn}-shutdown`)?.runtime, true);
});
