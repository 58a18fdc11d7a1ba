import assert from "node:assert/strict";
import { after, beforeEach, describe, it } from "node:test";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { startFleetCloud } from "./fleet-cloud.ts";

const BOOT_MS = 10_000;

describe("an instance", async () => {
  const fleet = await startFleetCloud();
  const { cloud, admin, ecs, ec2, iam, launch, members, state, lambda, makeFunction, lines } = fleet;
  const eventbridge = new EventBridge(admin);
  beforeEach(fleet.begin);
  after(async () => {
    eventbridge.destroy();
    await fleet.stop();
  });

  it("joins the cluster of its user data after its boot, with less memory than its type has", async () => {
    const id = await launch();
    assert.deepEqual(await members(), []);
    await cloud.advance(BOOT_MS);
    const [member] = await members();
    assert.deepEqual([member!.id, member!.status], [id, "ACTIVE"]);
    assert.ok(member!.memory < 1024 && member!.memory > 800);
  });

  it("stays outside without a profile, without the permission, and for a cluster that is not there", async () => {
    await launch({ IamInstanceProfile: undefined });
    await launch({}, "ECS_CLUSTER=elsewhere");
    await cloud.advance(BOOT_MS);
    await iam.detachRolePolicy({
      RoleName: "ecsInstanceRole",
      PolicyArn: "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
    });
    await launch();
    await cloud.advance(300_000);
    assert.deepEqual(await members(), []);
    // The agent tries again: a cluster that comes later gets its instance.
    await iam.attachRolePolicy({
      RoleName: "ecsInstanceRole",
      PolicyArn: "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
    });
    await cloud.advance(61_000);
    assert.equal((await members()).length, 1);
  });

  it("ends itself after the minutes without a task that its user data names, where an end is what a shutdown means", async () => {
    const settings = "ECS_CLUSTER=pipewright\nPIPEWRIGHT_IDLE_MINUTES=20";
    const [idle, stopping, busy] = [
      await launch({ InstanceInitiatedShutdownBehavior: "terminate" }, settings),
      await launch({}, settings),
      await launch({ InstanceInitiatedShutdownBehavior: "terminate" }, settings),
    ];
    await cloud.advance(BOOT_MS);
    await ecs.registerTaskDefinition({ family: "f", containerDefinitions: [{ name: "a", image: "i", memory: 64 }] });
    const { containerInstanceArns } = await ecs.listContainerInstances({
      cluster: "pipewright",
      filter: `ec2InstanceId == ${busy}`,
    });
    await ecs.startTask({ cluster: "pipewright", taskDefinition: "f", containerInstances: containerInstanceArns });
    await cloud.advance(18 * 60_000);
    assert.equal(await state(idle), "running");
    await cloud.advance(3 * 60_000);
    const { Reservations } = await ec2.describeInstances({ InstanceIds: [idle] });
    assert.equal(Reservations![0]!.Instances![0]!.StateReason!.Code, "Client.InstanceInitiatedShutdown");
    assert.deepEqual(
      [await state(idle), await state(stopping), await state(busy)],
      ["terminated", "running", "running"],
    );
  });

  it("that ends leaves the cluster, and its tasks stop", async () => {
    const id = await launch();
    await cloud.advance(BOOT_MS);
    await ecs.registerTaskDefinition({ family: "f", containerDefinitions: [{ name: "a", image: "i", memory: 64 }] });
    const { tasks = [] } = await ecs.runTask({ cluster: "pipewright", taskDefinition: "f" });
    await ec2.terminateInstances({ InstanceIds: [id] });
    const task = await fleet.task(tasks[0]!.taskArn!);
    assert.equal(task.lastStatus, "STOPPED");
    assert.match(task.stoppedReason!, /^Host EC2 \(instance i-\w+\) terminated\.$/);
    assert.deepEqual(await members(), []);
  });

  it("cannot be had where there is no capacity: by type, zone and market", async () => {
    const { Subnets = [] } = await ec2.describeSubnets({});
    const [here, there] = Subnets.map(({ SubnetId }) => SubnetId!);
    cloud.world.mishaps.add({ kind: "no-capacity", where: { instanceType: "t3.*", subnet: here!, market: "spot" } });
    const spot = { InstanceMarketOptions: { MarketType: "spot" as const } };
    await assert.rejects(launch({ ...spot, SubnetId: here }), {
      name: "InsufficientInstanceCapacity",
      message: "There is no Spot capacity available that matches your request.",
    });
    await launch({ ...spot, SubnetId: there });
    await launch({ SubnetId: here });
    assert.equal(cloud.world.mishaps.list()[0]?.strikes, 1);
  });

  it("boots and never registers, where that is ordered", async () => {
    cloud.world.mishaps.add({ kind: "never-registers", where: { instanceType: "t3.micro" }, count: 1 });
    const lost = await launch();
    await cloud.advance(3_600_000);
    assert.equal(await state(lost), "running");
    assert.deepEqual(await members(), []);
    const found = await launch();
    await cloud.advance(BOOT_MS);
    assert.deepEqual(
      (await members()).map(({ id }) => id),
      [found],
    );
  });

  it("of the Spot market is warned, drained and ended two minutes later; rules hear of it", async () => {
    const FunctionArn = await makeFunction(
      "hears",
      'export const handler = async (e) => console.log("GOT " + e["detail-type"] + " " + e.detail["instance-id"]);',
    );
    const pattern = { source: ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"] };
    const { RuleArn } = await eventbridge.putRule({ Name: "spot", EventPattern: JSON.stringify(pattern) });
    await eventbridge.putTargets({ Rule: "spot", Targets: [{ Id: "f", Arn: FunctionArn }] });
    await lambda.addPermission({
      FunctionName: "hears",
      StatementId: "rule",
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn: RuleArn!,
    });
    const id = await launch({ InstanceMarketOptions: { MarketType: "spot" } });
    await cloud.advance(BOOT_MS);
    const ordered = await fetch(`${cloud.endpoint}/_localcloud/spot-interruptions`, {
      method: "POST",
      body: JSON.stringify({ instanceId: id }),
    });
    assert.equal(ordered.status, 200);
    await cloud.advance(60_000);
    assert.equal((await members())[0]?.status, "DRAINING");
    assert.equal(await state(id), "running");
    assert.equal(
      lines("hears").filter((line) => line.endsWith(`GOT EC2 Spot Instance Interruption Warning ${id}`)).length,
      1,
    );
    await cloud.advance(61_000);
    assert.notEqual(await state(id), "running");
    assert.deepEqual(await members(), []);
    assert.throws(() => cloud.interruptSpot("i-0"), TypeError);
  });
});
