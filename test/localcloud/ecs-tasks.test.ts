import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-ecs";
import type { WorldEvent } from "../../localcloud/service.ts";
import { createEc2 } from "../../localcloud/services/ec2.ts";
import { createEcs, type Ecs } from "../../localcloud/services/ecs.ts";
import { createIam } from "../../localcloud/services/iam.ts";
import { call, invoke, refused, stubWorld } from "./stub-world.ts";

const IMAGE = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";

function cloud() {
  const world = stubWorld([createIam, createEc2, createEcs]);
  const ecs = world.service<Ecs>("ecs");
  const run = <Output>(operation: string, input: object = {}) =>
    invoke<Output>(ecs, operation, { cluster: "pw", ...input });
  invoke(ecs, "CreateCluster", { clusterName: "pw" });
  /** An EC2 instance of this type, registered as its agent would do it. */
  const join = (InstanceType: string, more: object = {}) => {
    const input = { ImageId: IMAGE, InstanceType, MinCount: 1, MaxCount: 1 };
    const { Instances } = invoke<{ Instances: { InstanceId: string }[] }>(world.service("ec2"), "RunInstances", input);
    const instanceId = Instances[0]!.InstanceId;
    const instanceIdentityDocument = JSON.stringify({ instanceId });
    const answer = run<api.RegisterContainerInstanceResponse>("RegisterContainerInstance", {
      instanceIdentityDocument,
      ...more,
    });
    return { instanceId, arn: answer.containerInstance!.containerInstanceArn! };
  };
  const register = (family: string, container: object = {}, more: object = {}) =>
    invoke(ecs, "RegisterTaskDefinition", {
      family,
      containerDefinitions: [{ name: "main", image: "busybox", memory: 1024, ...container }],
      ...more,
    });
  const runTask = (input: object = {}) => run<api.RunTaskResponse>("RunTask", { taskDefinition: "pw-grey", ...input });
  const describeTasks = (tasks: (string | undefined)[], more: object = {}) =>
    run<api.DescribeTasksResponse>("DescribeTasks", { tasks, ...more });
  const instance = (arn: string) =>
    run<api.DescribeContainerInstancesResponse>("DescribeContainerInstances", { containerInstances: [arn] })
      .containerInstances![0]!;
  return { world, ecs, run, join, register, runTask, describeTasks, instance };
}

const integer = (resources: api.Resource[] | undefined, name: string) =>
  resources!.find((resource) => resource.name === name)!.integerValue;

describe("ECS container instances", () => {
  it("register with processors, less than their type's memory, and what placement asks of them", () => {
    const { join, instance, run } = cloud();
    const { arn, instanceId } = join("m5.large");
    const one = instance(arn);
    assert.match(arn, /^arn:aws:ecs:us-east-1:000000000000:container-instance\/pw\/[0-9a-f]{32}$/);
    assert.equal(one.ec2InstanceId, instanceId);
    assert.deepEqual([one.status, one.agentConnected], ["ACTIVE", true]);
    assert.equal(integer(one.registeredResources, "CPU"), 2048);
    const memory = integer(one.registeredResources, "MEMORY")!;
    assert.ok(memory < 8192 && memory >= Math.floor(8192 * 0.9) - 64, String(memory));
    const attributes = Object.fromEntries(one.attributes!.map(({ name, value }) => [name, value]));
    assert.equal(attributes["ecs.instance-type"], "m5.large");
    assert.equal(attributes["ecs.availability-zone"], "us-east-1a");
    const { failures } = run<api.DescribeContainerInstancesResponse>("DescribeContainerInstances", {
      containerInstances: ["0".repeat(32)],
    });
    assert.equal(failures![0]!.reason, "MISSING");
  });

  it("register once, with whatever resources their agent tells", () => {
    const { run } = cloud();
    const input = {
      instanceIdentityDocument: JSON.stringify({ instanceId: "i-0" }),
      totalResources: [
        { name: "CPU", type: "INTEGER", integerValue: 4096 },
        { name: "MEMORY", type: "INTEGER", integerValue: 7000 },
      ],
      attributes: [{ name: "colour", value: "red" }],
    };
    const first = run<api.RegisterContainerInstanceResponse>("RegisterContainerInstance", input).containerInstance!;
    const second = run<api.RegisterContainerInstanceResponse>("RegisterContainerInstance", input).containerInstance!;
    assert.equal(second.containerInstanceArn, first.containerInstanceArn);
    assert.deepEqual(
      [integer(first.remainingResources, "CPU"), integer(first.remainingResources, "MEMORY")],
      [4096, 7000],
    );
    refused("InvalidParameterException", () => run("RegisterContainerInstance", { instanceIdentityDocument: "{" }));
  });

  it("are listed by status and by expressions over their attributes", () => {
    const { join, run } = cloud();
    const small = join("t3.small").arn;
    const large = join("m5.large").arn;
    const list = (input: object) =>
      run<api.ListContainerInstancesResponse>("ListContainerInstances", input).containerInstanceArns;
    assert.deepEqual(list({}), [small, large]);
    const both = [
      "attribute:ecs.instance-type in [t3.small, m5.large]",
      "attribute:ecs.os-type == linux and agentConnected == true",
      "not(attribute:ecs.instance-type =~ c5.*)",
      "attribute:missing !exists or attribute:missing == x",
      "runningTasksCount < 1",
    ];
    for (const filter of both) assert.deepEqual(list({ filter }), [small, large], filter);
    for (const filter of [
      "attribute:ecs.instance-type == m5.large",
      "attribute:ecs.instance-type =~ m5.* && !(attribute:x exists)",
    ]) {
      assert.deepEqual(list({ filter }), [large], filter);
    }
    refused("InvalidParameterException", () => list({ filter: "attribute:x ==" }));
    refused("InvalidParameterException", () => list({ filter: "attribute:x == a b" }));
    run("UpdateContainerInstancesState", { containerInstances: [small, "0".repeat(32)], status: "DRAINING" });
    assert.deepEqual(list({ status: "DRAINING" }), [small]);
    assert.deepEqual(list({ status: "ACTIVE" }), [large]);
    refused("InvalidParameterException", () =>
      run("UpdateContainerInstancesState", { containerInstances: [small], status: "INACTIVE" }),
    );
  });

  it("leave with their tasks only when forced, and are soon forgotten", () => {
    const { world, join, register, runTask, describeTasks, instance, run } = cloud();
    register("pw-grey");
    const { arn } = join("m5.large");
    const [task] = runTask().tasks!;
    const leave = (force: boolean) => run("DeregisterContainerInstance", { containerInstance: arn, force });
    refused("InvalidParameterException", () => leave(false));
    leave(true);
    assert.equal(describeTasks([task!.taskArn]).tasks![0]!.lastStatus, "STOPPED");
    assert.deepEqual([instance(arn).status, instance(arn).agentConnected], ["INACTIVE", false]);
    assert.deepEqual(run<api.ListContainerInstancesResponse>("ListContainerInstances").containerInstanceArns, []);
    refused("InvalidParameterException", () => leave(true));
    world.step(3_600_000);
    assert.equal(instance(arn), undefined);
  });

  it("leave when their machine ends", () => {
    const { ecs, join, register, runTask, describeTasks, instance } = cloud();
    register("pw-grey");
    const { arn, instanceId } = join("m5.large");
    const [task] = runTask().tasks!;
    ecs.instanceEnded(call, instanceId);
    assert.equal(instance(arn).status, "INACTIVE");
    assert.match(describeTasks([task!.taskArn]).tasks![0]!.stoppedReason!, /terminated/);
  });
});

describe("ECS tasks", () => {
  it("take their part of an instance until they stop, and tell the world of each step", () => {
    const { world, join, register, runTask, describeTasks, instance, run } = cloud();
    const told: WorldEvent[] = [];
    world.onEvent((event) => told.push(event));
    register("pw-grey", { cpu: 512 });
    const { arn } = join("m5.large");
    const free = () => {
      const { remainingResources: left, pendingTasksCount } = instance(arn);
      return [integer(left, "CPU"), integer(left, "MEMORY"), pendingTasksCount];
    };
    const before = free();
    const { tasks, failures } = runTask({ startedBy: "pw", tags: [{ key: "a", value: "1" }] });
    assert.deepEqual(failures, []);
    const [task] = tasks!;
    assert.deepEqual([task!.lastStatus, task!.desiredStatus, task!.group], ["PENDING", "RUNNING", "family:pw-grey"]);
    assert.equal(task!.containerInstanceArn, arn);
    assert.deepEqual(describeTasks([task!.taskArn], { include: ["TAGS"] }).tasks, [task]);
    assert.deepEqual(free(), [before[0]! - 512, before[1]! - 1024, 1]);

    const { task: stopped } = run<api.StopTaskResponse>("StopTask", { task: task!.taskArn, reason: "enough" });
    assert.deepEqual(
      [stopped!.lastStatus, stopped!.stopCode, stopped!.stoppedReason],
      ["STOPPED", "UserInitiated", "enough"],
    );
    assert.deepEqual(describeTasks([task!.taskArn], { include: ["TAGS"] }).tasks![0]!.tags, []);
    assert.deepEqual(free(), before);
    const changes = told.filter(({ type }) => type === "ECS Task State Change").map(({ detail }) => detail.lastStatus);
    assert.deepEqual(changes, ["PENDING", "STOPPED"]);
    // Its instance has less to give, and then as much as before.
    const instances = told.filter(({ type }) => type === "ECS Container Instance State Change");
    assert.deepEqual(
      instances.map(({ detail }) => [detail.version, detail.pendingTasksCount]),
      [
        [1, 0],
        [2, 1],
        [3, 0],
      ],
    );
    world.step(3_600_000);
    assert.equal(describeTasks([task!.taskArn]).failures![0]!.reason, "MISSING");
    refused("InvalidParameterException", () => run("StopTask", { task: task!.taskArn }));
  });

  it("that run are told to stop, and have stopped when whoever runs them says so", () => {
    const { ecs, join, register, runTask, describeTasks, run } = cloud();
    register("pw-grey");
    join("m5.large");
    const taskArn = runTask().tasks![0]!.taskArn!;
    const [record] = [...ecs.tasks(call)];
    record!.task.lastStatus = "RUNNING";
    ecs.changed(call, record!);
    run("StopTask", { task: taskArn, reason: "Spot" });
    const now = () => describeTasks([taskArn]).tasks![0]!;
    assert.deepEqual([now().lastStatus, now().desiredStatus], ["RUNNING", "STOPPED"]);
    ecs.ended(call, record!, {
      stopCode: "EssentialContainerExited",
      stoppedReason: "Essential container in task exited",
    });
    assert.deepEqual([now().lastStatus, now().stopCode, now().stoppedReason], ["STOPPED", "UserInitiated", "Spot"]);
    assert.deepEqual([...ecs.tasks(call)], []);
  });

  it("are as many as fit; what does not fit is a failure that names the instance and the resource", () => {
    const { join, register, runTask } = cloud();
    register("pw-grey", { memory: 3000 });
    register("pw-cpu", { cpu: 4096 });
    const { arn } = join("m5.large");
    const { tasks, failures } = runTask({ count: 5 });
    assert.deepEqual([tasks!.length, failures], [2, [{ arn, reason: "RESOURCE:MEMORY" }]]);
    assert.deepEqual(runTask({ taskDefinition: "pw-cpu" }).failures, [{ arn, reason: "RESOURCE:CPU" }]);
  });

  it("with a published port go one to an instance", () => {
    const { join, register, runTask } = cloud();
    register("pw-grey", { portMappings: [{ containerPort: 80, hostPort: 8080 }] });
    const arns = [join("m5.large").arn, join("m5.large").arn];
    const { tasks, failures } = runTask({ count: 3 });
    assert.deepEqual(tasks!.map((task) => task.containerInstanceArn).sort(), arns);
    assert.deepEqual(
      failures!.map(({ reason }) => reason),
      ["RESOURCE:PORTS", "RESOURCE:PORTS"],
    );
  });

  it("go where their constraints allow, and nowhere else", () => {
    const { join, register, runTask } = cloud();
    register("pw-grey");
    register("pw-arm", {}, { runtimePlatform: { cpuArchitecture: "ARM64" } });
    const large = join("m5.large").arn;
    const wanted = (type: string) => ({
      placementConstraints: [{ type: "memberOf", expression: `attribute:ecs.instance-type == ${type}` }],
    });
    assert.equal(runTask(wanted("m5.large")).tasks![0]!.containerInstanceArn, large);
    assert.deepEqual(runTask(wanted("c5.large")).failures, [
      { arn: large, reason: "MemberOf placement constraint unsatisfied." },
    ]);
    assert.deepEqual(runTask({ taskDefinition: "pw-arm" }).failures, [{ arn: large, reason: "ATTRIBUTE" }]);
    const distinct = { placementConstraints: [{ type: "distinctInstance" }] };
    assert.equal(runTask(distinct).failures![0]!.reason, "DistinctInstance placement constraint unsatisfied.");
  });

  it("fill the fullest instance when packed, and spread otherwise", () => {
    const { join, register, runTask } = cloud();
    register("pw-grey");
    const small = join("t3.medium").arn;
    const large = join("m5.xlarge").arn;
    const placementStrategy = [{ type: "binpack", field: "memory" }];
    const placed = (input: object) => runTask({ count: 2, ...input }).tasks!.map((task) => task.containerInstanceArn);
    assert.deepEqual(placed({ placementStrategy }), [small, small]);
    assert.deepEqual(placed({}), [large, large]);
  });

  it("do not start on instances that drain or have lost their agent, nor without any", () => {
    const { ecs, join, register, runTask, run } = cloud();
    register("pw-grey");
    refused("InvalidParameterException", () => runTask());
    const { arn } = join("m5.large");
    run("UpdateContainerInstancesState", { containerInstances: [arn], status: "DRAINING" });
    const error = refused("InvalidParameterException", () => runTask());
    assert.equal(error.message, "No Container Instances were found in your cluster.");
    assert.deepEqual([...ecs.tasks(call)], []);
  });

  it("are run once for one client token", () => {
    const { join, register, runTask, ecs, world } = cloud();
    register("pw-grey");
    join("m5.large");
    const first = runTask({ clientToken: "t" }).tasks![0]!.taskArn;
    assert.equal(runTask({ clientToken: "t" }).tasks![0]!.taskArn, first);
    const error = refused("ConflictException", () => runTask({ clientToken: "t", startedBy: "other" }));
    assert.deepEqual(error.members.resourceIds, [first]);
    assert.equal([...ecs.tasks(call)].length, 1);
    world.step(86_400_000);
    assert.notEqual(runTask({ clientToken: "t" }).tasks![0]!.taskArn, first);
  });

  it("keep the definition that they run from being gone, though its deletion was asked for", () => {
    const { world, join, register, runTask, run } = cloud();
    register("pw-grey");
    join("m5.large");
    const task = runTask().tasks![0]!.taskArn;
    const one = { taskDefinition: "pw-grey:1" };
    run("DeregisterTaskDefinition", one);
    run("DeleteTaskDefinitions", { taskDefinitions: ["pw-grey:1"] });
    world.step(3_600_000);
    const described = () => run<api.DescribeTaskDefinitionResponse>("DescribeTaskDefinition", one).taskDefinition!;
    assert.equal(described().status, "DELETE_IN_PROGRESS");
    run("StopTask", { task });
    refused("ClientException", described);
  });

  it("keep to ECS's limits of overrides, starters, constraints and strategies", () => {
    const { join, register, runTask, ecs } = cloud();
    const some = (count: number, one: object) => Array.from({ length: count }, () => one);
    const memberOf = { type: "memberOf", expression: "agentConnected == true" };
    register("pw-grey", {}, { placementConstraints: some(4, memberOf) });
    join("m5.large");
    const containerOverrides = [{ name: "main", command: ["x".repeat(8192)] }];
    refused("InvalidParameterException", () => runTask({ overrides: { containerOverrides } }));
    refused("InvalidParameterException", () => runTask({ startedBy: "x".repeat(129) }));
    refused("InvalidParameterException", () => runTask({ placementConstraints: some(7, memberOf) }));
    refused("InvalidParameterException", () => runTask({ placementStrategy: some(6, { type: "random" }) }));
    assert.deepEqual([...ecs.tasks(call)], []);
    runTask({ placementConstraints: some(6, memberOf), startedBy: "x".repeat(128) });
    assert.equal([...ecs.tasks(call)].length, 1);
  });

  it("need a definition that is there and not long deregistered, and a sensible count", () => {
    const { world, join, register, runTask, run } = cloud();
    register("pw-grey");
    join("m5.large");
    assert.equal(
      refused("ClientException", () => runTask({ taskDefinition: "absent" })).message,
      "TaskDefinition not found.",
    );
    refused("InvalidParameterException", () => runTask({ count: 11 }));
    refused("InvalidParameterException", () => runTask({ overrides: { containerOverrides: [{ name: "absent" }] } }));
    refused("ClusterNotFoundException", () => runTask({ cluster: "absent" }));
    run("DeregisterTaskDefinition", { taskDefinition: "pw-grey:1" });
    assert.equal(runTask({ taskDefinition: "pw-grey:1" }).tasks!.length, 1);
    world.step(600_000);
    assert.match(refused("ClientException", () => runTask({ taskDefinition: "pw-grey:1" })).message, /inactive/);
  });

  it("need the memory that overrides give them", () => {
    const { join, register, runTask } = cloud();
    register("pw-grey");
    const { arn } = join("t3.small");
    const overrides = { containerOverrides: [{ name: "main", memory: 4096 }] };
    assert.deepEqual(runTask({ overrides }).failures, [{ arn, reason: "RESOURCE:MEMORY" }]);
  });

  it("are started on the instances that StartTask names", () => {
    const { join, register, run } = cloud();
    register("pw-grey");
    const small = join("t3.micro").arn;
    const large = join("m5.large").arn;
    const { tasks, failures } = run<api.StartTaskResponse>("StartTask", {
      taskDefinition: "pw-grey",
      containerInstances: [small, large, "0".repeat(32)],
    });
    assert.deepEqual(
      tasks!.map((task) => task.containerInstanceArn),
      [large],
    );
    assert.deepEqual(
      failures!.map(({ reason }) => reason),
      ["RESOURCE:MEMORY", "MISSING"],
    );
  });

  it("are listed by what they are wanted to do, by family, instance and starter", () => {
    const { join, register, runTask, run } = cloud();
    register("pw-grey");
    register("pw-other");
    const { arn } = join("m5.large");
    const one = runTask({ startedBy: "me" }).tasks![0]!.taskArn!;
    const two = runTask({ taskDefinition: "pw-other" }).tasks![0]!.taskArn!;
    run("StopTask", { task: two });
    const list = (input: object) => run<api.ListTasksResponse>("ListTasks", input).taskArns;
    assert.deepEqual(list({}), [one]);
    assert.deepEqual(list({ desiredStatus: "STOPPED" }), [two]);
    assert.deepEqual(list({ family: "pw-other" }), []);
    assert.deepEqual(list({ startedBy: "me" }), [one]);
    assert.deepEqual(list({ containerInstance: arn }), [one]);
    refused("InvalidParameterException", () => list({ startedBy: "me", containerInstance: arn }));
    refused("InvalidParameterException", () => list({ containerInstance: "0".repeat(32) }));
  });
});
