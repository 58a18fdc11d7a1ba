import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { deleteShutdownAlarms, putShutdownAlarm } from "../../lambda/shutdown-alarm.ts";
import { startLocalCloud } from "../../localcloud/server.ts";
import { createSdk } from "../support/sdk.ts";

describe("the alarms that end idle instances", async () => {
  const cloud = await startLocalCloud();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const sdk = createSdk({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  after(async () => {
    for (const client of Object.values(sdk)) client.destroy();
    await cloud.stop();
  });

  it("go together, whether or not one is gone already", async () => {
    const action = "arn:aws:automate:us-east-1:ec2:terminate";
    await putShutdownAlarm(sdk.cloudwatch, { instanceId: "i-1", tags: {}, minutes: 60, action });
    await deleteShutdownAlarms(sdk.cloudwatch, ["i-0", "i-1"]);
    assert.deepEqual((await sdk.cloudwatch.send(new DescribeAlarmsCommand({}))).MetricAlarms, []);
  });
});
