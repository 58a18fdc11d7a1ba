import assert from "node:assert/strict";
import { after, beforeEach, describe, it } from "node:test";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { startFleetCloud } from "./fleet-cloud.ts";

describe("a rule", async () => {
  const fleet = await startFleetCloud();
  const { cloud, admin, lambda, makeFunction, lines, launch } = fleet;
  const eventbridge = new EventBridge(admin);
  const code =
    'export const handler = async (e) => console.log("GOT " + (e["detail-type"] ?? JSON.stringify(e)) + " " + (e.detail?.status ?? ""));';
  beforeEach(fleet.begin);
  after(async () => {
    eventbridge.destroy();
    await fleet.stop();
  });

  const rule = async (given: object, target: object = {}) => {
    const Arn = await makeFunction("f", code);
    const { RuleArn } = await eventbridge.putRule({ Name: "r", ...given });
    await eventbridge.putTargets({ Rule: "r", Targets: [{ Id: "f", Arn, ...target }] });
    await lambda.addPermission({
      FunctionName: "f",
      StatementId: "rule",
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn: RuleArn!,
    });
  };
  const heard = () => lines("f").flatMap((line) => /GOT (.*)$/.exec(line)?.[1]?.trim() ?? []);

  it("with a schedule ticks at its rate, and no longer when it is switched off", async () => {
    await rule({ ScheduleExpression: "rate(1 minute)" });
    await cloud.advance(10 * 60_000 + 5000);
    assert.equal(heard().length, 10);
    assert.equal(heard()[0], "Scheduled Event");
    await eventbridge.disableRule({ Name: "r" });
    await cloud.advance(10 * 60_000);
    assert.equal(heard().length, 10);
  });

  it("with a slower rate ticks no sooner", async () => {
    await rule({ ScheduleExpression: "rate(5 minutes)" }, { Input: '{"own":true}' });
    await cloud.advance(21 * 60_000);
    assert.deepEqual(heard(), Array(4).fill('{"own":true}'));
  });

  it("with a schedule by cron ticks in the minutes that it names", async () => {
    const minute = (new Date(cloud.world.now()).getUTCMinutes() + 10) % 60;
    await rule({ ScheduleExpression: `cron(${minute} * * * ? *)` });
    await cloud.advance(3 * 3_600_000);
    assert.equal(heard().length, 3);
  });

  it("with a pattern hears what the cluster's instances do, and not of another cluster's", async () => {
    const clusterArn = ["arn:aws:ecs:us-east-1:123456789012:cluster/pipewright"];
    const pattern = {
      source: ["aws.ecs"],
      "detail-type": ["ECS Container Instance State Change"],
      detail: { clusterArn },
    };
    await rule({ EventPattern: JSON.stringify(pattern) });
    await fleet.ecs.createCluster({ clusterName: "other" });
    await launch({}, "ECS_CLUSTER=other");
    await launch();
    await cloud.advance(30_000);
    assert.deepEqual(heard(), ["ECS Container Instance State Change ACTIVE"]);
  });

  it("does not run a function that it may not invoke", async () => {
    await rule({ ScheduleExpression: "rate(1 minute)" });
    await lambda.removePermission({ FunctionName: "f", StatementId: "rule" });
    await cloud.advance(300_000);
    assert.deepEqual(heard(), []);
  });
});
