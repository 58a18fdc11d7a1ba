import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-ec2";
import { instanceType } from "../../localcloud/services/ec2/instance-types.ts";
import { createEc2 } from "../../localcloud/services/ec2.ts";
import { createIam } from "../../localcloud/services/iam.ts";
import { instanceTypes } from "../../src/workflow/instance-types.ts";
import { invoke, refused, stubWorld } from "./stub-world.ts";

const IMAGE = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
const ARM_IMAGE = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id";

function cloud(options: { lags?: boolean } = {}) {
  const world = stubWorld([createIam, createEc2], options);
  const run = <Output>(operation: string, input: object = {}) => invoke<Output>(world.service("ec2"), operation, input);
  const launch = (more: object = {}) =>
    run<api.Reservation>("RunInstances", {
      ImageId: IMAGE,
      InstanceType: "m5.large",
      MinCount: 1,
      MaxCount: 1,
      ...more,
    }).Instances!;
  const instances = (input: object = {}) =>
    run<api.DescribeInstancesResult>("DescribeInstances", input).Reservations!.flatMap((one) => one.Instances!);
  const states = () => instances().map(({ State }) => State!.Name);
  const profile = (withRole = true) => {
    const iam = (operation: string, input: object) => invoke(world.service("iam"), operation, input);
    iam("CreateInstanceProfile", { InstanceProfileName: "ecsInstanceRole" });
    if (!withRole) return;
    const statement = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    iam("CreateRole", { RoleName: "ecsInstanceRole", AssumeRolePolicyDocument });
    iam("AddRoleToInstanceProfile", { InstanceProfileName: "ecsInstanceRole", RoleName: "ecsInstanceRole" });
  };
  return { world, run, launch, instances, states, profile };
}

describe("EC2 instances", () => {
  it("go from pending to running, and from shutting down to terminated to forgotten, and tell the world", () => {
    const { world, run, launch, states } = cloud();
    const told: unknown[] = [];
    world.onEvent(({ detail }) => told.push(detail.state));
    const [made] = launch();
    assert.deepEqual([made!.State, states()], [{ Code: 0, Name: "pending" }, ["pending"]]);
    world.step(60_000);
    assert.deepEqual(states(), ["running"]);
    const ended = run<api.TerminateInstancesResult>("TerminateInstances", { InstanceIds: [made!.InstanceId] });
    assert.deepEqual(ended.TerminatingInstances, [
      {
        InstanceId: made!.InstanceId,
        PreviousState: { Code: 16, Name: "running" },
        CurrentState: { Code: 32, Name: "shutting-down" },
      },
    ]);
    world.step(60_000);
    assert.deepEqual(states(), ["terminated"]);
    run("TerminateInstances", { InstanceIds: [made!.InstanceId] });
    world.step(3_600_000);
    assert.deepEqual(states(), []);
    refused("InvalidInstanceID.NotFound", () => run("TerminateInstances", { InstanceIds: [made!.InstanceId] }));
    assert.deepEqual(told, ["pending", "running", "shutting-down", "terminated"]);
  });

  it("take everything from a launch template; what the request says wins, and tags come together", () => {
    const { run, launch, instances, profile } = cloud();
    profile();
    const GroupId = run<api.CreateSecurityGroupResult>("CreateSecurityGroup", { GroupName: "pw", Description: "d" })
      .GroupId!;
    run("CreateKeyPair", { KeyName: "ops", KeyType: "ed25519" });
    const data = {
      ImageId: ARM_IMAGE,
      InstanceType: "m6g.large",
      KeyName: "ops",
      SecurityGroupIds: [GroupId],
      IamInstanceProfile: { Name: "ecsInstanceRole" },
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
      TagSpecifications: [
        {
          ResourceType: "instance",
          Tags: [
            { Key: "from", Value: "template" },
            { Key: "both", Value: "t" },
          ],
        },
      ],
    };
    const { LaunchTemplate } = run<api.CreateLaunchTemplateResult>("CreateLaunchTemplate", {
      LaunchTemplateName: "pw-grey",
      LaunchTemplateData: data,
    });
    const [made] = launch({
      ImageId: undefined,
      InstanceType: "m6g.xlarge",
      LaunchTemplate: { LaunchTemplateName: "pw-grey", Version: "$Latest" },
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "both", Value: "request" }] }],
      InstanceMarketOptions: { MarketType: "spot" },
    });
    assert.deepEqual(instances()[0], made);
    assert.equal(made!.InstanceType, "m6g.xlarge");
    assert.equal(made!.Architecture, "arm64");
    assert.match(made!.ImageId!, /^ami-[0-9a-f]{17}$/);
    assert.equal(made!.KeyName, "ops");
    assert.equal(made!.InstanceLifecycle, "spot");
    assert.equal(made!.MetadataOptions!.HttpTokens, "required");
    assert.equal(made!.IamInstanceProfile!.Arn, "arn:aws:iam::000000000000:instance-profile/ecsInstanceRole");
    assert.deepEqual(made!.SecurityGroups, [{ GroupId, GroupName: "pw" }]);
    assert.deepEqual(Object.fromEntries(made!.Tags!.map(({ Key, Value }) => [Key, Value])), {
      from: "template",
      both: "request",
      "aws:ec2launchtemplate:id": LaunchTemplate!.LaunchTemplateId,
      "aws:ec2launchtemplate:version": "1",
    });
  });

  it("refuse what cannot be launched, by the names that EC2 has for it, and launch nothing", () => {
    const { launch, profile, states } = cloud();
    profile(false);
    refused("MissingParameter", () => launch({ ImageId: undefined }));
    refused("InvalidAMIID.NotFound", () => launch({ ImageId: "ami-00000000000000000" }));
    refused("InvalidAMIID.Malformed", () => launch({ ImageId: "linux" }));
    refused("InvalidParameterValue", () => launch({ ImageId: "resolve:ssm:/no/such/parameter" }));
    refused("InvalidParameterValue", () => launch({ InstanceType: "m5.tiny" }));
    assert.match(
      refused("InvalidParameterValue", () => launch({ ImageId: ARM_IMAGE })).message,
      /^The architecture 'x86_64'/,
    );
    refused("InvalidKeyPair.NotFound", () => launch({ KeyName: "ops" }));
    refused("InvalidGroup.NotFound", () => launch({ SecurityGroupIds: ["sg-00000000000000000"] }));
    refused("InvalidSubnetID.NotFound", () => launch({ SubnetId: "subnet-0" }));
    refused("InvalidLaunchTemplateName.NotFoundException", () =>
      launch({ LaunchTemplate: { LaunchTemplateName: "pw" } }),
    );
    refused("InvalidParameterValue", () => launch({ MinCount: 2 }));
    const card = { NetworkInterfaces: [{ DeviceIndex: 0 }], SecurityGroupIds: ["sg-00000000000000000"] };
    refused("InvalidParameterCombination", () => launch(card));
    const absent = refused("InvalidParameterValue", () => launch({ IamInstanceProfile: { Name: "absent" } }));
    assert.match(absent.message, /Invalid IAM Instance Profile name/);
    const empty = refused("InvalidParameterValue", () => launch({ IamInstanceProfile: { Name: "ecsInstanceRole" } }));
    assert.match(empty.message, /has no associated IAM Roles/);
    assert.deepEqual(states(), []);
  });

  it("do not know a new instance profile at once where the world lags", () => {
    const { world, launch, profile } = cloud({ lags: true });
    profile();
    const wanted = { IamInstanceProfile: { Name: "ecsInstanceRole" } };
    const error = refused("InvalidParameterValue", () => launch(wanted));
    assert.match(error.message, /Invalid IAM Instance Profile name/);
    world.step(30_000);
    assert.equal(launch(wanted).length, 1);
  });

  it("are launched once for one client token", () => {
    const { run, launch, states } = cloud();
    const [first] = launch({ ClientToken: "t1" });
    assert.equal(launch({ ClientToken: "t1" })[0]!.InstanceId, first!.InstanceId);
    refused("IdempotentParameterMismatch", () => launch({ ClientToken: "t1", InstanceType: "c5.large" }));
    assert.equal(states().length, 1);
    // Named subnets make the token count within their zone only.
    const { Subnets } = run<api.DescribeSubnetsResult>("DescribeSubnets");
    launch({ ClientToken: "t1", SubnetId: Subnets![1]!.SubnetId });
    assert.equal(states().length, 2);
    run("TerminateInstances", { InstanceIds: [first!.InstanceId] });
    refused("IdempotentInstanceTerminated", () => launch({ ClientToken: "t1" }));
  });

  it("are found by tags and states, in pages, and by identifiers that must all exist", () => {
    const { world, run, launch, instances } = cloud();
    const tagged = (Value: string) => [{ ResourceType: "instance", Tags: [{ Key: "pipewright:owner", Value }] }];
    const mine = launch({ MinCount: 6, MaxCount: 6, TagSpecifications: tagged("me") });
    launch({ TagSpecifications: tagged("you") });
    world.step(60_000);
    run("TerminateInstances", { InstanceIds: [mine[0]!.InstanceId] });
    const Filters = [
      { Name: "tag:pipewright:owner", Values: ["me"] },
      { Name: "instance-state-name", Values: ["pending", "running"] },
    ];
    assert.deepEqual(
      instances({ Filters }).map(({ InstanceId }) => InstanceId),
      mine.slice(1).map(({ InstanceId }) => InstanceId),
    );
    const page = run<api.DescribeInstancesResult>("DescribeInstances", { MaxResults: 5 });
    const rest = run<api.DescribeInstancesResult>("DescribeInstances", { MaxResults: 5, NextToken: page.NextToken });
    const count = (answer: api.DescribeInstancesResult) => answer.Reservations!.flatMap((one) => one.Instances!).length;
    assert.deepEqual([count(page), count(rest), rest.NextToken], [5, 2, undefined]);
    assert.equal(instances({ InstanceIds: [mine[1]!.InstanceId] }).length, 1);
    refused("InvalidInstanceID.NotFound", () =>
      instances({ InstanceIds: [mine[1]!.InstanceId, "i-00000000000000000"] }),
    );
    refused("InvalidInstanceID.Malformed", () => instances({ InstanceIds: ["x"] }));
    refused("InvalidParameterCombination", () => instances({ InstanceIds: [mine[1]!.InstanceId], MaxResults: 5 }));
    const status = run<api.DescribeInstanceStatusResult>("DescribeInstanceStatus").InstanceStatuses!;
    assert.equal(status.length, 6);
    assert.ok(status.every(({ InstanceState }) => InstanceState!.Name === "running"));
  });

  it("are protected from termination when asked to be", () => {
    const { run, launch, states } = cloud();
    const InstanceId = launch({ DisableApiTermination: true })[0]!.InstanceId;
    refused("OperationNotPermitted", () => run("TerminateInstances", { InstanceIds: [InstanceId] }));
    run("ModifyInstanceAttribute", { InstanceId, DisableApiTermination: { Value: false } });
    run("TerminateInstances", { InstanceIds: [InstanceId] });
    assert.deepEqual(states(), ["shutting-down"]);
  });

  it("are protected by one of their zone in the same request, and by none of another", () => {
    const { run, launch, instances } = cloud();
    const inZone = (letter: string, more: object = {}) =>
      launch({ Placement: { AvailabilityZone: `us-east-1${letter}` }, ...more })[0]!.InstanceId!;
    const ids = [inZone("a"), inZone("b", { DisableApiTermination: true }), inZone("b")];
    refused("OperationNotPermitted", () => run("TerminateInstances", { InstanceIds: ids }));
    assert.deepEqual(
      ids.map((id) => instances({ InstanceIds: [id] })[0]!.State!.Name),
      ["shutting-down", "pending", "pending"],
    );
  });
});

describe("EC2 instance types", () => {
  it("have processors, memory and architecture; what is no type is refused", () => {
    const { run } = cloud();
    const { InstanceTypes } = run<api.DescribeInstanceTypesResult>("DescribeInstanceTypes", {
      InstanceTypes: ["m6g.xlarge", "p3.2xlarge"],
    });
    assert.deepEqual(
      InstanceTypes!.map((type) => [
        type.InstanceType,
        type.VCpuInfo!.DefaultVCpus,
        type.MemoryInfo!.SizeInMiB,
        type.ProcessorInfo!.SupportedArchitectures,
        type.GpuInfo?.Gpus?.[0]?.Count,
      ]),
      [
        ["m6g.xlarge", 4, 16384, ["arm64"], undefined],
        ["p3.2xlarge", 8, 62464, ["x86_64"], 1],
      ],
    );
    refused("InvalidInstanceType", () => run("DescribeInstanceTypes", { InstanceTypes: ["m5.tiny"] }));
  });

  it("agree with those that workflows may name", () => {
    for (const type of instanceTypes()) {
      const here = instanceType(type.name);
      assert.ok(here, `${type.name} is not known to the local cloud`);
      assert.deepEqual(
        [here.vcpus, here.memoryMiB, here.architecture, here.gpu?.count ?? 0],
        [type.vcpu, type.memoryMiB, type.architecture, type.gpus],
        type.name,
      );
    }
  });
});
