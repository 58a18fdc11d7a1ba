/** The scaler against the local cloud: what it reads, what it changes, and what is left. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { type Instance, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { UpdateContainerInstancesStateCommand } from "@aws-sdk/client-ecs";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { writeStepDescription } from "../../src/desired/step-description.ts";
import { BUCKET, CLUSTER, type ClusterOptions, clusterCloud, type Options } from "./cluster-cloud.ts";
import { description } from "./samples.ts";

async function world(t: TestContext, options: Options = {}, cluster: ClusterOptions = {}) {
  const made = await clusterCloud(options, cluster);
  t.after(() => made.cloud.stop());
  made.cloud.calls.clear();
  return made;
}

/** A world in which one instance has booted and joined, and the scaler has seen it. */
async function running(t: TestContext, options: Options = {}, cluster: ClusterOptions = {}) {
  const made = await world(t, options, cluster);
  await made.enqueue(1);
  await made.run({});
  const [instance] = await made.instances();
  made.step(2);
  await made.join(instance!.InstanceId);
  await made.run({});
  made.writes();
  return { ...made, instance: instance! };
}

const alarms = async ({ sdk }: Awaited<ReturnType<typeof world>>) =>
  (await sdk.cloudwatch.send(new DescribeAlarmsCommand({}))).MetricAlarms ?? [];

const tag = ({ Tags = [] }: Instance, name: string) => Tags.find(({ Key }) => Key === name)?.Value;

describe("a run of the scaler", () => {
  it("with nothing waiting and nothing running reads a list, the queue and the instances, and writes nothing", async (t) => {
    const { run, cloud } = await world(t);
    assert.equal(await run({}), "idle");
    cloud.calls.clear();
    assert.equal(await run({}), "idle");
    assert.deepEqual(cloud.calls.counts(), {
      "ec2:DescribeInstances": 1,
      "s3:ListObjectsV2": 1,
      "sqs:GetQueueAttributes": 1,
    });
  });

  it("launches one instance from the step's template for files that wait, with the alarm that ends it", async (t) => {
    const made = await world(t);
    await made.enqueue(40);
    assert.equal(await made.run({}), "done");
    const [instance, ...others] = await made.instances();
    assert.equal(others.length, 0);
    assert.equal(tag(instance!, "pipewright:owner"), "default");
    const [alarm, ...more] = await alarms(made);
    assert.equal(more.length, 0);
    assert.equal(alarm!.AlarmName, `${instance!.InstanceId}-shutdown`);
    assert.deepEqual(alarm!.AlarmActions, ["arn:aws:automate:us-east-1:ec2:terminate"]);
    assert.deepEqual(alarm!.Dimensions, [{ Name: "InstanceId", Value: instance!.InstanceId }]);
    assert.equal(alarm!.Period! * alarm!.EvaluationPeriods!, 3_600);
    assert.deepEqual(
      [alarm!.Namespace, alarm!.MetricName, alarm!.Threshold, alarm!.ComparisonOperator],
      ["AWS/EC2", "CPUUtilization", 1, "LessThanThreshold"],
    );
  });

  it("launches no second instance while the first boots, from whatever container it runs in", async (t) => {
    const made = await world(t);
    await made.enqueue(40);
    await made.run({});
    await made.run({});
    await made.newScaler()({});
    assert.equal((await made.instances()).length, 1);
  });

  it("starts a task for every four files once the instance has joined, tagged and on the right type", async (t) => {
    const made = await world(t);
    await made.enqueue(9);
    await made.run({});
    const [instance] = await made.instances();
    await made.join(instance!.InstanceId);
    await made.run({});
    const tasks = await made.tasks();
    assert.equal(tasks.length, 3);
    assert.equal(tasks[0]!.tags!.find(({ key }) => key === "pipewright:owner")?.value, "default");
    assert.equal(tasks[0]!.startedBy, "pipewright-scaler");
    await made.run({});
    assert.equal((await made.tasks()).length, 3);
  });

  it("starts more than ten tasks in as many calls as that takes", async (t) => {
    const made = await running(t, { task: { memoryMiB: 64, cpuUnits: 64, filesPerTask: 1 } });
    await made.enqueue(20);
    await made.run({});
    assert.equal((await made.tasks()).length, 21);
  });

  it("starts tasks on instances also where the cluster would by itself have them elsewhere", async (t) => {
    const capacityProviders = ["FARGATE"];
    const defaultCapacityProviderStrategy = [{ capacityProvider: "FARGATE", weight: 1 }];
    const made = await running(t, {}, { capacityProviders, defaultCapacityProviderStrategy });
    assert.equal((await made.tasks()).length, 1);
  });

  it("starts as many tasks on an instance as it has GPUs, where each needs one", async (t) => {
    const type = { type: "g4dn.12xlarge", memoryMiB: 176_883, cpuUnits: 49_152, gpus: 4 };
    const made = await running(t, { task: { gpus: 1, filesPerTask: 1 }, instances: { ...type, max: 1 } });
    await made.enqueue(20);
    await made.run({});
    assert.equal((await made.tasks()).length, 4);
    assert.deepEqual((await made.report()).steps["plants/grey"]?.troubles ?? {}, {}, "and none is refused");
  });

  it("launches as many as the tasks need, up to the cap, once a task has run well", async (t) => {
    const made = await running(t, { instances: { max: 3 } });
    made.startTasks();
    made.step(2);
    await made.enqueue(200);
    await made.run({});
    assert.equal((await made.instances()).length, 3);
    assert.equal((await alarms(made)).length, 3);
  });

  it("asks for no further instance in a run in which EC2 has had enough", async (t) => {
    const made = await running(t, { instances: { max: 20 } });
    made.startTasks();
    made.step(2);
    await made.enqueue(400);
    made.cloud.calls.clear();
    made.cloud.faults.add({ kind: "throttle", service: "ec2", operation: "RunInstances" });
    await made.run({});
    const asked = made.cloud.calls.count({ service: "ec2", operation: "RunInstances" });
    // The SDK tries it three times.
    assert.equal(asked, 3);
    made.cloud.faults.clear();
    await made.run({});
    assert.equal((await made.instances()).length, 17);
  });

  it("launches the same instance once where EC2's answer is lost", async (t) => {
    const made = await world(t);
    await made.enqueue(1);
    made.cloud.faults.add({ kind: "drop", service: "ec2", operation: "RunInstances", count: 1 });
    await made.run({});
    assert.equal((await made.instances()).length, 1);
  });

  it("leaves tasks alone where ECS's answer is lost", async (t) => {
    const made = await world(t);
    await made.enqueue(4);
    await made.run({});
    await made.join((await made.instances())[0]!.InstanceId);
    made.cloud.faults.add({ kind: "drop", service: "ecs", operation: "RunTask", count: 1 });
    await made.run({});
    await made.run({});
    assert.equal((await made.tasks()).length, 1);
  });

  it("does not start a task again that ECS does not show yet", async (t) => {
    const made = await world(t);
    await made.enqueue(4);
    await made.run({});
    await made.join((await made.instances())[0]!.InstanceId);
    // Within one minute of the clock the same wish has the same token.
    made.cloud.world.clock.step(60_000 - (made.cloud.world.now() % 60_000));
    await made.run({});
    for (const operation of ["ListTasks", "DescribeContainerInstances"]) {
      made.cloud.faults.add({ kind: "stale", service: "ecs", operation });
    }
    made.cloud.calls.clear();
    await made.run({});
    made.cloud.faults.clear();
    assert.equal(made.cloud.calls.count({ operation: "RunTask" }), 1);
    assert.equal((await made.tasks()).length, 1);
  });

  it("tells why EC2 refused, waits, and tries again", async (t) => {
    const made = await world(t);
    await made.enqueue(1);
    const fault = made.cloud.faults.add({ kind: "denied", service: "ec2", operation: "RunInstances" });
    await made.run({});
    const { launch } = (await made.report()).steps["plants/grey"]!.troubles;
    assert.match(launch!.reason, /^ec2:RunInstances: UnauthorizedOperation/);
    made.cloud.calls.clear();
    await made.run({});
    assert.equal(made.cloud.calls.count({ operation: "RunInstances" }), 0);
    made.cloud.faults.clear(fault);
    made.step(1);
    await made.run({});
    assert.equal((await made.instances()).length, 1);
    assert.deepEqual((await made.report()).steps["plants/grey"]!.troubles, {});
  });

  it("throttled, holds nothing against the step", async (t) => {
    const made = await world(t);
    await made.enqueue(1);
    const fault = made.cloud.faults.add({ kind: "throttle", service: "ec2", operation: "RunInstances", count: 3 });
    await made.run({});
    made.cloud.faults.clear(fault);
    await made.run({});
    assert.equal((await made.instances()).length, 1);
  });

  it("tells why tasks do not start, tries again after a while with one, and forgets it when one runs well", async (t) => {
    const made = await running(t);
    made.endTasks("TaskFailedToStart", "CannotPullContainerError: no such image");
    await made.run({});
    const troubles = async () => (await made.report()).steps["plants/grey"]!.troubles;
    assert.match((await troubles()).start!.reason, /no such image/);
    assert.equal((await made.tasks()).length, 0);
    await made.enqueue(40);
    made.step(1);
    await made.run({});
    assert.equal((await made.tasks()).length, 1);
    made.startTasks();
    made.step(1);
    await made.run({});
    assert.deepEqual(await troubles(), {});
    assert.equal((await made.tasks()).length, 3);
  });

  it("takes a worker that ends with an error at once for one that did not start", async (t) => {
    const made = await running(t);
    made.startTasks();
    made.endTasks("EssentialContainerExited", "Essential container in task exited", 1);
    await made.run({});
    assert.match((await made.report()).steps["plants/grey"]!.troubles.start!.reason, /exit code 1/);
    assert.equal((await made.tasks()).length, 0);
  });

  it("tries at once again when the step was mended", async (t) => {
    const made = await running(t);
    made.endTasks("TaskFailedToStart", "no such image");
    await made.run({});
    await made.describe(writeStepDescription(description({ generation: "b" })));
    await made.run({});
    assert.equal((await made.tasks()).length, 1);
  });

  it("drains an idle instance, ends it when it is still empty, and leaves no alarm", async (t) => {
    const made = await running(t);
    made.startTasks();
    await made.emptyQueue();
    made.endTasks("EssentialContainerExited", "done", 0);
    made.step(14);
    await made.run({});
    assert.equal((await made.members())[0]!.status, "ACTIVE");
    made.step(1);
    await made.run({});
    assert.equal((await made.members())[0]!.status, "DRAINING");
    assert.equal((await made.instances()).length, 1);
    await made.run({});
    assert.equal((await made.instances()).length, 0);
    await made.run({});
    assert.equal((await alarms(made)).length, 0);
    made.step(1);
    await made.run({});
    made.writes();
    assert.equal(await made.run({}), "idle");
    assert.deepEqual(made.writes(), []);
  });

  it("ends an instance that has not joined ten minutes after its launch, and says so", async (t) => {
    const made = await world(t);
    await made.enqueue(1);
    await made.run({});
    const [instance] = await made.instances();
    made.step(10);
    await made.run({});
    assert.equal((await made.instances()).length, 0);
    const { boot } = (await made.report()).steps["plants/grey"]!.troubles;
    assert.match(boot!.reason, new RegExp(`^${instance!.InstanceId} has not joined the cluster within 10 minutes`));
  });

  it("ends an instance whose agent has gone for good, and nothing is left of its tasks", async (t) => {
    const made = await running(t);
    made.startTasks();
    await made.emptyQueue();
    made.loseAgents();
    await made.run({});
    made.step(29);
    await made.run({});
    assert.equal((await made.instances()).length, 1);
    made.step(1);
    await made.run({});
    assert.deepEqual([await made.instances(), await made.members(), await made.tasks()], [[], [], []]);
    made.step(1);
    await made.run({});
    await made.run({});
    assert.equal(await made.run({}), "idle");
  });

  it("does so where ECS is not to be had at first", async (t) => {
    const made = await running(t);
    made.startTasks();
    await made.emptyQueue();
    made.loseAgents();
    await made.run({});
    made.step(30);
    const fault = made.cloud.faults.add({ kind: "throttle", operation: "DeregisterContainerInstance" });
    await made.run({});
    assert.equal((await made.instances()).length, 1);
    made.cloud.faults.clear(fault);
    await made.run({});
    assert.deepEqual([await made.instances(), await made.members(), await made.tasks()], [[], [], []]);
  });

  it("starts a task in place of one whose instance has ended without a word to ECS", async (t) => {
    const made = await running(t, { task: { max: 1 } });
    made.startTasks();
    made.loseAgents();
    await made.sdk.ec2.send(new TerminateInstancesCommand({ InstanceIds: [made.instance.InstanceId!] }));
    assert.equal((await made.tasks()).length, 1, "ECS goes on telling of it");
    await made.run({});
    const [next] = await made.instances();
    await made.join(next?.InstanceId);
    await made.run({});
    assert.equal((await made.tasks()).length, 2);
  });

  it("takes off ECS's list what has ended without a word to it, and then rests", async (t) => {
    const made = await running(t);
    made.startTasks();
    await made.emptyQueue();
    made.loseAgents();
    await made.sdk.ec2.send(new TerminateInstancesCommand({ InstanceIds: [made.instance.InstanceId!] }));
    made.step(2);
    assert.equal((await made.members()).length, 1, "ECS goes on listing it");
    await made.run({});
    assert.deepEqual([await made.members(), await made.tasks()], [[], []]);
    await made.run({});
    assert.equal(await made.run({}), "idle");
  });

  it("gives an alarm to an instance that lacks one", async (t) => {
    const made = await world(t);
    await made.enqueue(1);
    const fault = made.cloud.faults.add({
      kind: "throttle",
      service: "cloudwatch",
      operation: "PutMetricAlarm",
      count: 3,
    });
    await made.run({});
    assert.equal((await alarms(made)).length, 0);
    made.cloud.faults.clear(fault);
    await made.run({});
    assert.equal((await alarms(made)).length, 1);
  });

  it("works on where the alarms cannot be read", async (t) => {
    const made = await world(t);
    await made.enqueue(1);
    made.cloud.faults.add({ kind: "denied", service: "cloudwatch", operation: "DescribeAlarms" });
    await made.run({});
    await made.join((await made.instances())[0]!.InstanceId);
    await made.run({});
    assert.equal((await made.tasks()).length, 1);
  });

  it("takes away the alarm of an instance that ended while the alarms could not be read", async (t) => {
    const made = await running(t);
    made.startTasks();
    await made.emptyQueue();
    made.endTasks("EssentialContainerExited", "done", 0);
    await made.sdk.ec2.send(new TerminateInstancesCommand({ InstanceIds: [made.instance.InstanceId!] }));
    const fault = made.cloud.faults.add({ kind: "denied", service: "cloudwatch", operation: "DescribeAlarms" });
    await made.run({});
    made.cloud.faults.clear(fault);
    await made.run({});
    assert.equal((await alarms(made)).length, 0);
    made.step(1);
    await made.run({});
    assert.equal(await made.run({}), "idle");
  });

  it("takes away the alarms of many instances in one call", async (t) => {
    const made = await running(t, { instances: { max: 3 } });
    made.startTasks();
    made.step(2);
    await made.enqueue(200);
    await made.run({});
    assert.equal((await alarms(made)).length, 3);
    await made.emptyQueue();
    const ids = (await made.instances()).map(({ InstanceId = "" }) => InstanceId);
    await made.sdk.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
    made.cloud.calls.clear();
    await made.run({});
    assert.equal((await alarms(made)).length, 0);
    assert.equal(made.cloud.calls.count({ operation: "DeleteAlarms" }), 1);
  });

  it("on a Spot warning drains the instance and stops its tasks", async (t) => {
    const made = await running(t, { instances: { spot: true } });
    assert.equal(made.instance.InstanceLifecycle, "spot");
    assert.equal((await made.tasks()).length, 1);
    const warning = {
      "detail-type": "EC2 Spot Instance Interruption Warning",
      detail: { "instance-id": made.instance.InstanceId, "instance-action": "terminate" },
    };
    await made.run(warning);
    assert.equal((await made.members())[0]!.status, "DRAINING");
    const [stopped] = await made.tasks("STOPPED");
    assert.equal(stopped!.stoppedReason, "The Spot instance is taken back");
    assert.equal((await made.tasks()).length, 0);
  });

  it("does so where the warning was lost, since the agent has drained the instance", async (t) => {
    const made = await running(t, { instances: { spot: true } });
    const containerInstances = [(await made.members())[0]!.containerInstanceArn!];
    await made.sdk.ecs.send(
      new UpdateContainerInstancesStateCommand({ cluster: CLUSTER, containerInstances, status: "DRAINING" }),
    );
    await made.run({ "detail-type": "Scheduled Event" });
    assert.equal((await made.tasks("STOPPED"))[0]!.stoppedReason, "The Spot instance is taken back");
    assert.equal((await made.tasks()).length, 0);
  });

  it("on a Spot warning does so even while another run holds the lease", async (t) => {
    const made = await running(t, { instances: { spot: true } });
    // A run that was killed never gave its lease back.
    made.cloud.faults.add({ kind: "error", service: "s3", operation: "PutObject", after: 1 });
    await made
      .newScaler()({})
      .catch(() => undefined);
    made.cloud.faults.clear();
    const detail = { "instance-id": made.instance.InstanceId };
    assert.equal(await made.run({ "detail-type": "EC2 Spot Instance Interruption Warning", detail }), "busy");
    assert.equal((await made.tasks()).length, 0);
  });

  it("leaves an instance alone that a person drains, and its tasks", async (t) => {
    const made = await running(t);
    const [member] = await made.members();
    const containerInstances = [member!.containerInstanceArn!];
    await made.sdk.ecs.send(
      new UpdateContainerInstancesStateCommand({ cluster: CLUSTER, containerInstances, status: "DRAINING" }),
    );
    await made.run({});
    assert.equal((await made.tasks()).length, 1);
  });

  it("two at a time act as one", async (t) => {
    const made = await world(t);
    await made.enqueue(40);
    const runs = await Promise.all([made.run({}), made.newScaler()({}), made.newScaler()({})]);
    assert.ok(runs.includes("done"));
    assert.equal((await made.instances()).length, 1);
  });

  it("serves the other steps where one description is damaged or its queue is gone", async (t) => {
    const made = await world(t);
    await made.describe("{", "plants/broken");
    const gone = description({ workflow: "gone" });
    await made.describe(writeStepDescription(gone), "gone/grey");
    await made.enqueue(1);
    assert.equal(await made.run({}), "done");
    assert.equal((await made.instances()).length, 1);
  });

  it("starts afresh where its report is lost or damaged, without launching again", async (t) => {
    const made = await running(t);
    await made.sdk.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `scaler/${CLUSTER}/report.json` }));
    await made.enqueue(3);
    await made.newScaler()({});
    assert.equal((await made.instances()).length, 1);
    assert.equal((await made.tasks()).length, 1);
  });

  it("sees that an instance was ended by somebody else, and that its alarm is to go", async (t) => {
    const made = await running(t);
    await made.emptyQueue();
    await made.sdk.ec2.send(new TerminateInstancesCommand({ InstanceIds: [made.instance.InstanceId!] }));
    await made.run({});
    assert.equal((await alarms(made)).length, 0);
  });
});
