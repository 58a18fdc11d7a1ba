import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-ecs";
import { createEc2 } from "../../localcloud/services/ec2.ts";
import { createEcs } from "../../localcloud/services/ecs.ts";
import { createIam } from "../../localcloud/services/iam.ts";
import { invoke, refused, stubWorld } from "./stub-world.ts";

const ARN = "arn:aws:ecs:us-east-1:000000000000:";

function cloud(options: { lags?: boolean } = {}) {
  const world = stubWorld([createIam, createEc2, createEcs], options);
  const run = <Output>(operation: string, input: object = {}) => invoke<Output>(world.service("ecs"), operation, input);
  const describeCluster = (cluster: string) =>
    run<api.DescribeClustersResponse>("DescribeClusters", {
      clusters: [cluster],
      include: ["TAGS", "SETTINGS", "CONFIGURATIONS"],
    });
  const register = (more: object = {}) =>
    run<api.RegisterTaskDefinitionResponse>("RegisterTaskDefinition", {
      family: "pw-grey",
      containerDefinitions: [{ name: "main", image: "busybox", memory: 64 }],
      ...more,
    }).taskDefinition!;
  const definition = (taskDefinition: string, include?: string[]) =>
    run<api.DescribeTaskDefinitionResponse>("DescribeTaskDefinition", { taskDefinition, include });
  const role = (RoleName: string) => {
    const statement = { Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    invoke(world.service("iam"), "CreateRole", { RoleName, AssumeRolePolicyDocument });
    return `arn:aws:iam::000000000000:role/${RoleName}`;
  };
  return { world, run, describeCluster, register, definition, role };
}

describe("ECS clusters", () => {
  it("are created once: a second creation answers the first, tags and settings untouched", () => {
    const { run, describeCluster } = cloud();
    const tags = [{ key: "pipewright:owner", value: "me" }];
    const settings = [{ name: "containerInsights", value: "enabled" }];
    const first = run<api.CreateClusterResponse>("CreateCluster", { clusterName: "pw", tags, settings });
    const second = run<api.CreateClusterResponse>("CreateCluster", {
      clusterName: "pw",
      tags: [{ key: "a", value: "b" }],
    });
    assert.deepEqual(second, first);
    const { clusters, failures } = describeCluster(`${ARN}cluster/pw`);
    assert.deepEqual(failures, []);
    assert.equal(clusters![0]!.clusterArn, `${ARN}cluster/pw`);
    assert.equal(clusters![0]!.status, "ACTIVE");
    assert.deepEqual([clusters![0]!.tags, clusters![0]!.settings], [tags, settings]);
  });

  it("that never were are failures of the reason MISSING, beside those that are", () => {
    const { run } = cloud();
    run("CreateCluster", { clusterName: "pw" });
    const { clusters, failures } = run<api.DescribeClustersResponse>("DescribeClusters", { clusters: ["pw", "no"] });
    assert.deepEqual(
      clusters!.map(({ clusterName, tags }) => [clusterName, tags]),
      [["pw", []]],
    );
    assert.deepEqual(failures, [{ arn: `${ARN}cluster/no`, reason: "MISSING" }]);
    refused("InvalidParameterException", () => run("DescribeClusters", { clusters: Array(101).fill("pw") }));
  });

  it("take Container Insights from the account's setting", () => {
    const { run, describeCluster } = cloud();
    run("CreateCluster", { clusterName: "before" });
    run("PutAccountSetting", { name: "containerInsights", value: "enhanced" });
    run("CreateCluster", { clusterName: "after" });
    const value = (name: string) => describeCluster(name).clusters![0]!.settings![0]!.value;
    assert.deepEqual([value("before"), value("after")], ["disabled", "enhanced"]);
    const listed = run<api.ListAccountSettingsResponse>("ListAccountSettings", { name: "containerInsights" });
    assert.deepEqual(
      listed.settings!.map(({ name, value }) => [name, value]),
      [["containerInsights", "enhanced"]],
    );
    run("UpdateCluster", { cluster: "after", settings: [{ name: "containerInsights", value: "disabled" }] });
    assert.equal(value("after"), "disabled");
  });

  it("stay visible as INACTIVE when deleted, refuse all work, and can be created anew", () => {
    const { run, describeCluster } = cloud();
    run("CreateCluster", { clusterName: "pw", tags: [{ key: "a", value: "old" }] });
    assert.equal(run<api.DeleteClusterResponse>("DeleteCluster", { cluster: "pw" }).cluster!.status, "INACTIVE");
    assert.equal(describeCluster("pw").clusters![0]!.status, "INACTIVE");
    assert.deepEqual(run<api.ListClustersResponse>("ListClusters").clusterArns, []);
    for (const operation of ["DeleteCluster", "UpdateCluster", "ListTasks", "ListContainerInstances"]) {
      refused("ClusterNotFoundException", () => run(operation, { cluster: "pw" }));
      refused("ClusterNotFoundException", () => run(operation, { cluster: "never" }));
    }
    refused("ClusterNotFoundException", () => run("ListTagsForResource", { resourceArn: `${ARN}cluster/pw` }));
    run("CreateCluster", { clusterName: "pw" });
    const { status, tags } = describeCluster("pw").clusters![0]!;
    assert.deepEqual([status, tags], ["ACTIVE", []]);
  });

  it("cannot be deleted while instances or tasks are in them", () => {
    const { run, register } = cloud();
    run("CreateCluster", { clusterName: "pw" });
    register();
    const instanceIdentityDocument = JSON.stringify({ instanceId: "i-0" });
    const { containerInstance } = run<api.RegisterContainerInstanceResponse>("RegisterContainerInstance", {
      cluster: "pw",
      instanceIdentityDocument,
    });
    run("RunTask", { cluster: "pw", taskDefinition: "pw-grey" });
    refused("ClusterContainsContainerInstancesException", () => run("DeleteCluster", { cluster: "pw" }));
    const { containerInstanceArn } = containerInstance!;
    run("DeregisterContainerInstance", { cluster: "pw", containerInstance: containerInstanceArn, force: true });
    run("DeleteCluster", { cluster: "pw" });
  });

  it("carry tags that can be added, changed and taken", () => {
    const { run } = cloud();
    const resourceArn = `${ARN}cluster/pw`;
    refused("ClusterNotFoundException", () => run("TagResource", { resourceArn, tags: [] }));
    run("CreateCluster", { clusterName: "pw", tags: [{ key: "a", value: "1" }] });
    const tags = [
      { key: "a", value: "2" },
      { key: "b", value: "3" },
    ];
    run("TagResource", { resourceArn, tags });
    run("UntagResource", { resourceArn, tagKeys: ["b", "c"] });
    assert.deepEqual(run<api.ListTagsForResourceResponse>("ListTagsForResource", { resourceArn }).tags, [
      { key: "a", value: "2" },
    ]);
    refused("InvalidParameterException", () =>
      run("TagResource", { resourceArn, tags: [{ key: "aws:x", value: "" }] }),
    );
    refused("InvalidParameterException", () => run("ListTagsForResource", { resourceArn: "pw" }));
  });

  it("fail at first where the world lags, until the service-linked role can be seen", () => {
    const { world, run } = cloud({ lags: true });
    const create = () => run("CreateCluster", { clusterName: "pw" });
    const error = refused("InvalidParameterException", create);
    assert.match(error.message, /Unable to assume the service linked role/);
    refused("InvalidParameterException", create);
    world.step(30_000);
    create();
  });
});

describe("ECS task definitions", () => {
  it("have all defaults filled in", () => {
    const { register, definition } = cloud();
    const made = register({
      networkMode: "bridge",
      containerDefinitions: [{ name: "main", image: "busybox", memory: 64, portMappings: [{ containerPort: 80 }] }],
    });
    assert.deepEqual(definition("pw-grey").taskDefinition, made);
    assert.equal(made.taskDefinitionArn, `${ARN}task-definition/pw-grey:1`);
    assert.equal(made.revision, 1);
    assert.equal(made.status, "ACTIVE");
    assert.ok(made.registeredAt instanceof Date);
    assert.match(made.registeredBy!, /^arn:aws:iam::/);
    assert.deepEqual([made.volumes, made.placementConstraints], [[], []]);
    assert.deepEqual(made.compatibilities, ["EXTERNAL", "EC2"]);
    assert.deepEqual(made.requiresAttributes, [{ name: "com.amazonaws.ecs.capability.docker-remote-api.1.18" }]);
    assert.deepEqual(made.containerDefinitions, [
      {
        name: "main",
        image: "busybox",
        memory: 64,
        cpu: 0,
        essential: true,
        portMappings: [{ containerPort: 80, hostPort: 0, protocol: "tcp" }],
        environment: [],
        mountPoints: [],
        volumesFrom: [],
        systemControls: [],
      },
    ]);
  });

  it("give a container with an address of its own the same port outside", () => {
    const { register } = cloud();
    const containerDefinitions = [{ name: "main", image: "b", memory: 64, portMappings: [{ containerPort: 80 }] }];
    const made = register({ networkMode: "awsvpc", cpu: "1 vCPU", memory: "2 GB", containerDefinitions });
    assert.equal(made.containerDefinitions![0]!.portMappings![0]!.hostPort, 80);
    assert.deepEqual([made.cpu, made.memory], ["1024", "2048"]);
    assert.deepEqual(made.compatibilities, ["EC2", "FARGATE"]);
  });

  it("say which capabilities an instance needs for them", () => {
    const { register, role } = cloud();
    const options = { "awslogs-group": "/pw", "awslogs-region": "us-east-1" };
    const made = register({
      taskRoleArn: role("task"),
      executionRoleArn: role("execution"),
      containerDefinitions: [
        { name: "init", image: "b", memory: 64, essential: false },
        {
          name: "main",
          image: "b",
          memoryReservation: 64,
          dependsOn: [{ containerName: "init", condition: "SUCCESS" }],
          logConfiguration: { logDriver: "awslogs", options },
        },
      ],
    });
    assert.deepEqual(
      made.requiresAttributes!.map(({ name }) => name!.split("capability.")[1]),
      [
        "docker-remote-api.1.18",
        "docker-remote-api.1.19",
        "docker-remote-api.1.21",
        "logging-driver.awslogs",
        "task-iam-role",
        "container-ordering",
        "execution-role-awslogs",
      ],
    );
  });

  it("refuse roles that do not exist, and where the world lags those that are new", () => {
    const { register, role } = cloud();
    const taskRoleArn = "arn:aws:iam::000000000000:role/absent";
    assert.equal(refused("ClientException", () => register({ taskRoleArn })).message, "Role is not valid");
    refused("ClientException", () => register({ executionRoleArn: "absent" }));
    assert.equal(register({ taskRoleArn: role("task") }).revision, 1);
    const late = cloud({ lags: true });
    const fresh = late.role("task");
    refused("ClientException", () => late.register({ taskRoleArn: fresh }));
    late.world.step(30_000);
    assert.equal(late.register({ taskRoleArn: fresh }).taskRoleArn, fresh);
  });

  it("refuse definitions that make no sense, and register nothing", () => {
    const { run, register } = cloud();
    const main = { name: "main", image: "b", memory: 64 };
    const bad = (more: object, code = "ClientException") => refused(code, () => register(more));
    bad({ family: "pw grey" });
    bad({ containerDefinitions: [] });
    bad({ containerDefinitions: [{ ...main, image: "" }] });
    bad({ containerDefinitions: [{ ...main, memory: undefined }] });
    bad({ containerDefinitions: [{ ...main, memoryReservation: 65 }] });
    bad({ containerDefinitions: [main, main] });
    bad({ containerDefinitions: [{ ...main, essential: false }] });
    bad({ containerDefinitions: [{ ...main, mountPoints: [{ sourceVolume: "none" }] }] });
    bad({ containerDefinitions: [{ ...main, secrets: [{ name: "S", valueFrom: "s" }] }] });
    bad({ containerDefinitions: [{ ...main, logConfiguration: { logDriver: "awslogs", options: {} } }] });
    const needs = (containerName: string, condition: string) => ({
      ...main,
      dependsOn: [{ containerName, condition }],
    });
    const portMappings = [{ containerPort: 80, hostPort: 8080 }];
    bad({ networkMode: "host", containerDefinitions: [{ ...main, portMappings }] });
    bad({ networkMode: "none", containerDefinitions: [{ ...main, portMappings }] });
    bad({ containerDefinitions: [needs("absent", "START")] });
    bad({ containerDefinitions: [needs("init", "SUCCESS"), { ...main, name: "init" }] });
    bad({ containerDefinitions: [needs("b", "START"), { ...needs("main", "START"), name: "b" }] });
    bad({ tags: [{ key: "aws:x", value: "" }] }, "InvalidParameterException");
    assert.deepEqual(run<api.ListTaskDefinitionsResponse>("ListTaskDefinitions").taskDefinitionArns, []);
  });

  it("are described by family, by revision and by ARN, with tags when asked", () => {
    const { register, definition } = cloud();
    const tags = [{ key: "spec", value: "1" }];
    register({ tags });
    register();
    assert.equal(definition("pw-grey").taskDefinition!.revision, 2);
    assert.deepEqual(definition("pw-grey:1", ["TAGS"]).tags, tags);
    assert.deepEqual(definition(`${ARN}task-definition/pw-grey:1`).tags, []);
    for (const absent of ["pw-other", "pw-grey:3", `${ARN}task-definition/pw-grey:3`]) {
      const error = refused("ClientException", () => definition(absent));
      assert.equal(error.message, "Unable to describe task definition.");
    }
  });

  it("are listed by whole family and status, in both orders, in pages", () => {
    const { run, register } = cloud();
    for (let revision = 1; revision <= 11; revision++) register();
    register({ family: "pw-grey-2" });
    run("DeregisterTaskDefinition", { taskDefinition: "pw-grey:1" });
    const list = (input: object) => run<api.ListTaskDefinitionsResponse>("ListTaskDefinitions", input);
    const names = (answer: api.ListTaskDefinitionsResponse) =>
      answer.taskDefinitionArns!.map((arn) => arn.split("/")[1]);
    assert.equal(list({ familyPrefix: "pw-grey" }).taskDefinitionArns!.length, 10);
    assert.deepEqual(names(list({ familyPrefix: "pw-grey", status: "INACTIVE" })), ["pw-grey:1"]);
    const first = list({ familyPrefix: "pw-grey", sort: "DESC", maxResults: 9 });
    assert.deepEqual(names(first).slice(0, 3), ["pw-grey:11", "pw-grey:10", "pw-grey:9"]);
    const second = list({ familyPrefix: "pw-grey", sort: "DESC", maxResults: 9, nextToken: first.nextToken });
    assert.deepEqual([names(second), second.nextToken], [["pw-grey:2"], undefined]);
    assert.deepEqual(names(list({ sort: "DESC" }))[0], "pw-grey-2:1");
    assert.deepEqual(names(list({})).slice(-2), ["pw-grey:11", "pw-grey-2:1"]);
    const families = (input: object) =>
      run<api.ListTaskDefinitionFamiliesResponse>("ListTaskDefinitionFamilies", input).families;
    assert.deepEqual(families({ familyPrefix: "pw-grey" }), ["pw-grey", "pw-grey-2"]);
    run("DeregisterTaskDefinition", { taskDefinition: "pw-grey-2:1" });
    assert.deepEqual(families({ status: "ACTIVE" }), ["pw-grey"]);
    assert.deepEqual(families({ status: "INACTIVE" }), ["pw-grey-2"]);
  });

  it("are deregistered, then deleted ten at a time; their numbers never return", () => {
    const { world, run, register, definition } = cloud();
    register();
    const inactive = run<api.DeregisterTaskDefinitionResponse>("DeregisterTaskDefinition", {
      taskDefinition: "pw-grey:1",
    });
    assert.equal(inactive.taskDefinition!.status, "INACTIVE");
    assert.ok(inactive.taskDefinition!.deregisteredAt instanceof Date);
    run("DeregisterTaskDefinition", { taskDefinition: "pw-grey:1" });
    assert.equal(definition("pw-grey:1").taskDefinition!.status, "INACTIVE");
    refused("ClientException", () => definition("pw-grey"));
    refused("ClientException", () => run("DeregisterTaskDefinition", { taskDefinition: "pw-grey" }));
    refused("ClientException", () => run("DeregisterTaskDefinition", { taskDefinition: "pw-grey:9" }));

    assert.equal(register().revision, 2);
    const remove = (taskDefinitions: string[]) =>
      run<api.DeleteTaskDefinitionsResponse>("DeleteTaskDefinitions", { taskDefinitions });
    const { taskDefinitions, failures } = remove(["pw-grey:1", "pw-grey:2", "pw-grey:9"]);
    assert.deepEqual(
      taskDefinitions!.map(({ revision, status }) => [revision, status]),
      [[1, "DELETE_IN_PROGRESS"]],
    );
    assert.deepEqual(
      failures!.map(({ arn }) => arn),
      [`${ARN}task-definition/pw-grey:2`, "pw-grey:9"],
    );
    assert.match(failures![0]!.reason!, /still in ACTIVE status/);
    refused("InvalidParameterException", () => remove(Array(11).fill("pw-grey:1")));
    assert.equal(definition("pw-grey:1").taskDefinition!.status, "DELETE_IN_PROGRESS");
    world.step(300_000);
    refused("ClientException", () => definition("pw-grey:1"));
    assert.equal(register().revision, 3);
  });
});
