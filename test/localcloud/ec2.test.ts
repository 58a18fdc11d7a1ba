import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-ec2";
import { createEc2 } from "../../localcloud/services/ec2.ts";
import { createIam } from "../../localcloud/services/iam.ts";
import { call, invoke, refused, stubWorld } from "./stub-world.ts";

function cloud(options: { lags?: boolean } = {}) {
  const world = stubWorld([createIam, createEc2], options);
  const run = <Output>(operation: string, input: object = {}, from = call) =>
    invoke<Output>(world.service("ec2"), operation, input, from);
  const groups = (input: object = {}) =>
    run<api.DescribeSecurityGroupsResult>("DescribeSecurityGroups", input).SecurityGroups!;
  const newGroup = (GroupName = "pw", more: object = {}) =>
    run<api.CreateSecurityGroupResult>("CreateSecurityGroup", { GroupName, Description: "d", ...more }).GroupId!;
  return { world, run, groups, newGroup };
}

const ssh = (CidrIp: string, more: object = {}) => ({
  IpProtocol: "tcp",
  FromPort: 22,
  ToPort: 22,
  IpRanges: [{ CidrIp, ...more }],
});

describe("EC2: what an account has from the start", () => {
  it("a default VPC with three subnets in three zones and a default group, the same at every look", () => {
    const { run, groups } = cloud();
    const [vpc, ...otherVpcs] = run<api.DescribeVpcsResult>("DescribeVpcs").Vpcs!;
    assert.equal(vpc!.IsDefault, true);
    assert.equal(otherVpcs.length, 0);
    const filter = { Filters: [{ Name: "vpc-id", Values: [vpc!.VpcId!] }] };
    const subnets = run<api.DescribeSubnetsResult>("DescribeSubnets", filter).Subnets!;
    assert.deepEqual(
      subnets.map(({ AvailabilityZone, AvailabilityZoneId }) => [AvailabilityZone, AvailabilityZoneId]),
      [
        ["us-east-1a", "use1-az1"],
        ["us-east-1b", "use1-az2"],
        ["us-east-1c", "use1-az3"],
      ],
    );
    assert.deepEqual(run<api.DescribeSubnetsResult>("DescribeSubnets", filter).Subnets, subnets);
    assert.deepEqual(
      groups().map(({ GroupName, VpcId }) => [GroupName, VpcId]),
      [["default", vpc!.VpcId]],
    );
  });

  it("another region is another account's worth of nothing", () => {
    const { run, newGroup } = cloud();
    newGroup("pw");
    const there = run<api.DescribeSecurityGroupsResult>("DescribeSecurityGroups", {}, { ...call, region: "eu-west-1" });
    assert.deepEqual(
      there.SecurityGroups!.map(({ GroupName }) => GroupName),
      ["default"],
    );
  });

  it("filters find nothing where identifiers are refused", () => {
    const { run } = cloud();
    const none = { Filters: [{ Name: "subnet-id", Values: ["subnet-0"] }] };
    assert.deepEqual(run<api.DescribeSubnetsResult>("DescribeSubnets", none).Subnets, []);
    refused("InvalidSubnetID.NotFound", () => run("DescribeSubnets", { SubnetIds: ["subnet-0"] }));
    refused("InvalidVpcID.NotFound", () => run("DescribeVpcs", { VpcIds: ["vpc-0"] }));
    refused("InvalidParameterValue", () => run("DescribeVpcs", { Filters: [{ Name: "colour", Values: ["red"] }] }));
  });

  it("names regions, and refuses one that is none", () => {
    const { run } = cloud();
    const { Regions } = run<api.DescribeRegionsResult>("DescribeRegions", { RegionNames: ["eu-west-1"] });
    assert.deepEqual(Regions![0], {
      RegionName: "eu-west-1",
      Endpoint: "ec2.eu-west-1.amazonaws.com",
      OptInStatus: "opt-in-not-required",
    });
    refused("InvalidParameterValue", () => run("DescribeRegions", { RegionNames: ["eu-west-9"] }));
  });

  it("a dry run is an error that says it would have worked, and does nothing", () => {
    const { run, groups } = cloud();
    const error = refused("DryRunOperation", () =>
      run("CreateSecurityGroup", { GroupName: "pw", Description: "d", DryRun: true }),
    );
    assert.equal(error.status, 412);
    assert.equal(groups().length, 1);
  });
});

describe("EC2 key pairs", () => {
  it("are created with their private half, described without it, and found by filter", () => {
    const { run } = cloud();
    const made = run<api.KeyPair>("CreateKeyPair", { KeyName: "ops", KeyType: "ed25519" });
    assert.match(made.KeyMaterial!, /^-----BEGIN PRIVATE KEY-----/);
    assert.match(
      run<api.KeyPair>("CreateKeyPair", { KeyName: "rsa" }).KeyMaterial!,
      /^-----BEGIN RSA PRIVATE KEY-----/,
    );
    const { KeyPairs } = run<api.DescribeKeyPairsResult>("DescribeKeyPairs", { KeyNames: ["ops"] });
    assert.equal(KeyPairs![0]!.KeyPairId, made.KeyPairId);
    assert.equal(KeyPairs![0]!.KeyFingerprint, made.KeyFingerprint);
    assert.equal("KeyMaterial" in KeyPairs![0]!, false);
    refused("InvalidKeyPair.Duplicate", () => run("CreateKeyPair", { KeyName: "ops", KeyType: "ed25519" }));
    refused("InvalidKeyPair.NotFound", () => run("DescribeKeyPairs", { KeyNames: ["ops", "other"] }));
    const filter = { Filters: [{ Name: "key-name", Values: ["other"] }] };
    assert.deepEqual(run<api.DescribeKeyPairsResult>("DescribeKeyPairs", filter).KeyPairs, []);
  });

  it("are imported from OpenSSH's form: the same key has the same fingerprint", () => {
    const { run } = cloud();
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
    const parts = [
      Buffer.from("ssh-rsa"),
      Buffer.from(rsa.e!, "base64url"),
      Buffer.concat([Buffer.of(0), Buffer.from(rsa.n!, "base64url")]),
    ];
    const blob = Buffer.concat(parts.flatMap((part) => [Buffer.of(0, 0, part.length >> 8, part.length & 255), part]));
    const PublicKeyMaterial = Buffer.from(`ssh-rsa ${blob.toString("base64")} me@home`);
    const one = run<api.ImportKeyPairResult>("ImportKeyPair", { KeyName: "one", PublicKeyMaterial });
    const two = run<api.ImportKeyPairResult>("ImportKeyPair", { KeyName: "two", PublicKeyMaterial });
    assert.match(one.KeyFingerprint!, /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    assert.equal(one.KeyFingerprint, two.KeyFingerprint);
    refused("InvalidKey.Format", () =>
      run("ImportKeyPair", { KeyName: "x", PublicKeyMaterial: Buffer.from("nonsense") }),
    );
  });

  it("can be deleted twice", () => {
    const { run } = cloud();
    run("CreateKeyPair", { KeyName: "ops", KeyType: "ed25519" });
    assert.equal(run<api.DeleteKeyPairResult>("DeleteKeyPair", { KeyName: "ops" }).Return, true);
    assert.equal(run<api.DeleteKeyPairResult>("DeleteKeyPair", { KeyName: "ops" }).Return, true);
    refused("InvalidKeyPair.NotFound", () => run("DescribeKeyPairs", { KeyNames: ["ops"] }));
  });
});

describe("EC2 security groups", () => {
  it("are born with their tags and an open way out", () => {
    const { newGroup, groups } = cloud();
    const tags = [{ Key: "pipewright:owner", Value: "me" }];
    const id = newGroup("pw", { TagSpecifications: [{ ResourceType: "security-group", Tags: tags }] });
    const [group] = groups({ GroupIds: [id] });
    assert.deepEqual(group!.Tags, tags);
    assert.deepEqual(group!.IpPermissions, []);
    assert.deepEqual(group!.IpPermissionsEgress, [
      {
        IpProtocol: "-1",
        FromPort: undefined,
        ToPort: undefined,
        IpRanges: [{ CidrIp: "0.0.0.0/0", Description: undefined }],
        Ipv6Ranges: [],
        UserIdGroupPairs: [],
        PrefixListIds: [],
      },
    ]);
    assert.deepEqual(groups({ Filters: [{ Name: "tag:pipewright:owner", Values: ["m?"] }] }), [group]);
    assert.deepEqual(groups({ Filters: [{ Name: "tag-key", Values: ["nobody"] }] }), []);
  });

  it("have names that are unique in a VPC, and a description", () => {
    const { run, newGroup } = cloud();
    newGroup("pw");
    refused("InvalidGroup.Duplicate", () => newGroup("pw"));
    refused("InvalidGroup.Duplicate", () => newGroup("PW"));
    refused("MissingParameter", () => run("CreateSecurityGroup", { GroupName: "other" }));
    refused("InvalidVpcID.NotFound", () => newGroup("other", { VpcId: "vpc-0" }));
    const wrong = [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "b" }] }];
    refused("InvalidParameterValue", () => newGroup("other", { TagSpecifications: wrong }));
  });

  it("that are not there are an error by id and by name, and nothing by filter", () => {
    const { groups } = cloud();
    refused("InvalidGroup.NotFound", () => groups({ GroupIds: ["sg-00000000000000000"] }));
    refused("InvalidGroup.NotFound", () => groups({ GroupNames: ["pw"] }));
    refused("InvalidGroupId.Malformed", () => groups({ GroupIds: ["pw"] }));
    assert.deepEqual(groups({ Filters: [{ Name: "group-name", Values: ["pw"] }] }), []);
  });

  it("merge rules of equal protocol and ports, and canonicalise addresses", () => {
    const { run, newGroup, groups } = cloud();
    const GroupId = newGroup();
    const IpPermissions = [ssh("10.0.0.5/24", { Description: "office" })];
    const answer = run<api.AuthorizeSecurityGroupIngressResult>("AuthorizeSecurityGroupIngress", {
      GroupId,
      IpPermissions,
    });
    assert.equal(answer.SecurityGroupRules![0]!.CidrIpv4, "10.0.0.0/24");
    run("AuthorizeSecurityGroupIngress", { GroupId, IpPermissions: [ssh("192.168.0.0/16")] });
    run("AuthorizeSecurityGroupIngress", { GroupId, IpProtocol: "6", FromPort: 80, ToPort: 80, CidrIp: "0.0.0.0/0" });
    const ingress = groups({ GroupIds: [GroupId] })[0]!.IpPermissions!;
    assert.deepEqual(
      ingress.map((one) => [one.IpProtocol, one.FromPort, one.ToPort, one.IpRanges!.map(({ CidrIp }) => CidrIp)]),
      [
        ["tcp", 22, 22, ["10.0.0.0/24", "192.168.0.0/16"]],
        ["tcp", 80, 80, ["0.0.0.0/0"]],
      ],
    );
    assert.equal(ingress[0]!.IpRanges![0]!.Description, "office");
  });

  it("drop the ports of rules for all protocols", () => {
    const { run, newGroup, groups } = cloud();
    const GroupId = newGroup();
    const all = { IpProtocol: "-1", FromPort: 1, ToPort: 2, IpRanges: [{ CidrIp: "10.0.0.0/8" }] };
    run("AuthorizeSecurityGroupIngress", { GroupId, IpPermissions: [all] });
    const [rule] = groups({ GroupIds: [GroupId] })[0]!.IpPermissions!;
    assert.deepEqual([rule!.IpProtocol, rule!.FromPort, rule!.ToPort], ["-1", undefined, undefined]);
  });

  it("refuse a request of which one rule is there, and name what is not there to be revoked", () => {
    const { run, newGroup, groups } = cloud();
    const GroupId = newGroup();
    run("AuthorizeSecurityGroupIngress", { GroupId, IpPermissions: [ssh("10.0.0.0/24")] });
    refused("InvalidPermission.Duplicate", () =>
      run("AuthorizeSecurityGroupIngress", {
        GroupId,
        IpPermissions: [ssh("10.1.0.0/24"), ssh("10.0.0.0/24", { Description: "new" })],
      }),
    );
    const rangesOf = (permissions: api.IpPermission[] | undefined) =>
      permissions!.flatMap((one) => one.IpRanges!.map(({ CidrIp }) => CidrIp));
    const ranges = () => rangesOf(groups({ GroupIds: [GroupId] })[0]!.IpPermissions);
    assert.deepEqual(ranges(), ["10.0.0.0/24"]);
    const { UnknownIpPermissions } = run<api.RevokeSecurityGroupIngressResult>("RevokeSecurityGroupIngress", {
      GroupId,
      IpPermissions: [ssh("10.0.0.0/24"), ssh("10.2.0.0/24")],
    });
    assert.deepEqual(rangesOf(UnknownIpPermissions), ["10.2.0.0/24"]);
    assert.deepEqual(ranges(), []);
  });

  it("have at most sixty rules of a direction, for each version of the protocol", () => {
    const { run, newGroup, groups } = cloud();
    const GroupId = newGroup();
    const many = (count: number) => Array.from({ length: count }, (_, index) => index);
    const authorize = (more: object) =>
      run("AuthorizeSecurityGroupIngress", { GroupId, IpPermissions: [{ ...ssh(""), IpRanges: [], ...more }] });
    const version4 = many(60).map((index) => ({ CidrIp: `10.0.${index}.0/24` }));
    refused("RulesPerSecurityGroupLimitExceeded", () =>
      authorize({ IpRanges: [...version4, { CidrIp: "0.0.0.0/0" }] }),
    );
    assert.deepEqual(groups({ GroupIds: [GroupId] })[0]!.IpPermissions, []);
    authorize({ IpRanges: version4 });
    authorize({ Ipv6Ranges: many(60).map((index) => ({ CidrIpv6: `fd00:${index}::/32` })) });
    // A group counts for both.
    refused("RulesPerSecurityGroupLimitExceeded", () => authorize({ UserIdGroupPairs: [{ GroupId }] }));
  });

  it("lose their way out by revoking it, by content or by the rule's identifier", () => {
    const { run, newGroup, groups } = cloud();
    const GroupId = newGroup();
    const IpPermissions = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
    run("RevokeSecurityGroupEgress", { GroupId, IpPermissions });
    assert.deepEqual(groups({ GroupIds: [GroupId] })[0]!.IpPermissionsEgress, []);
    const added = run<api.AuthorizeSecurityGroupEgressResult>("AuthorizeSecurityGroupEgress", {
      GroupId,
      IpPermissions,
    });
    const SecurityGroupRuleIds = [added.SecurityGroupRules![0]!.SecurityGroupRuleId];
    run("RevokeSecurityGroupEgress", { GroupId, SecurityGroupRuleIds });
    refused("InvalidSecurityGroupRuleId.NotFound", () =>
      run("RevokeSecurityGroupEgress", { GroupId, SecurityGroupRuleIds }),
    );
    assert.deepEqual(groups({ GroupIds: [GroupId] })[0]!.IpPermissionsEgress, []);
  });

  it("cannot go while another group or a living instance refers to them", () => {
    const { world, run, newGroup, groups } = cloud();
    const GroupId = newGroup("one");
    const other = newGroup("two");
    const pair = [{ IpProtocol: "tcp", FromPort: 1, ToPort: 1, UserIdGroupPairs: [{ GroupId }] }];
    run("AuthorizeSecurityGroupIngress", { GroupId: other, IpPermissions: pair });
    refused("DependencyViolation", () => run("DeleteSecurityGroup", { GroupId }));
    run("DeleteSecurityGroup", { GroupId: other });
    const ImageId = anImage(run);
    const { Instances } = run<api.Reservation>("RunInstances", {
      ImageId,
      InstanceType: "t3.micro",
      MinCount: 1,
      MaxCount: 1,
      SecurityGroupIds: [GroupId],
    });
    refused("DependencyViolation", () => run("DeleteSecurityGroup", { GroupId }));
    run("TerminateInstances", { InstanceIds: [Instances![0]!.InstanceId] });
    refused("DependencyViolation", () => run("DeleteSecurityGroup", { GroupId }));
    world.step(60_000);
    run("DeleteSecurityGroup", { GroupId });
    refused("InvalidGroup.NotFound", () => run("DeleteSecurityGroup", { GroupId }));
    refused("CannotDelete", () => run("DeleteSecurityGroup", { GroupId: groups()[0]!.GroupId }));
  });
});

describe("EC2 tags", () => {
  it("are added, overwritten, deleted by key or only with their value, and listed", () => {
    const { run, newGroup, groups } = cloud();
    const id = newGroup();
    const tag = (Key: string, Value: string) => run("CreateTags", { Resources: [id], Tags: [{ Key, Value }] });
    tag("a", "1");
    tag("b", "2");
    tag("a", "3");
    run("DeleteTags", { Resources: [id], Tags: [{ Key: "a", Value: "1" }, { Key: "b" }] });
    assert.deepEqual(groups({ GroupIds: [id] })[0]!.Tags, [{ Key: "a", Value: "3" }]);
    const { Tags } = run<api.DescribeTagsResult>("DescribeTags", { Filters: [{ Name: "resource-id", Values: [id] }] });
    assert.deepEqual(Tags, [{ ResourceId: id, ResourceType: "security-group", Key: "a", Value: "3" }]);
  });

  it("refuse what does not exist, reserved keys and more than fifty", () => {
    const { run, newGroup, groups } = cloud();
    const id = newGroup();
    const tags = (Tags: object[], Resources = [id]) => run("CreateTags", { Resources, Tags });
    refused("InvalidGroup.NotFound", () => tags([{ Key: "a", Value: "1" }], ["sg-00000000000000000"]));
    refused("InvalidLaunchTemplateId.NotFound", () => tags([{ Key: "a", Value: "1" }], ["lt-00000000000000000"]));
    refused("InvalidInstanceID.NotFound", () => tags([{ Key: "a", Value: "1" }], [id, "i-00000000000000000"]));
    refused("InvalidParameterValue", () => tags([{ Key: "aws:a", Value: "1" }]));
    refused("TagLimitExceeded", () =>
      tags(Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: "" }))),
    );
    assert.deepEqual(groups({ GroupIds: [id] })[0]!.Tags, []);
  });
});

function anImage(run: ReturnType<typeof cloud>["run"]): string {
  const filter = { Filters: [{ Name: "name", Values: ["al2023-ami-ecs-hvm-x86_64"] }] };
  return run<api.DescribeImagesResult>("DescribeImages", filter).Images![0]!.ImageId!;
}
