import * as ec2 from "@aws-sdk/client-ec2";
import type { Sdk } from "../../support/sdk.ts";
import { launch } from "./machines.ts";
import type { Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const REFERENCE = "EC2 API Reference";
const CODES = `${REFERENCE}, error codes`;

async function group({ ec2: client }: Sdk, GroupName: string): Promise<{ GroupId: string }> {
  const { GroupId } = await client.send(new ec2.CreateSecurityGroupCommand({ GroupName, Description: "of a probe" }));
  return { GroupId: GroupId! };
}

async function groupNow({ ec2: client }: Sdk, { GroupId }: { GroupId: string }): Promise<ec2.SecurityGroup> {
  const answer = await client.send(new ec2.DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  return answer.SecurityGroups![0]!;
}

const ssh = (CidrIp: string, Description?: string): ec2.IpPermission => ({
  IpProtocol: "tcp",
  FromPort: 22,
  ToPort: 22,
  IpRanges: [{ CidrIp, Description }],
});
const everywhere: ec2.IpPermission = { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] };

export const ec2NetworkProbes: readonly Probe[] = [
  {
    operation: "ec2:CreateSecurityGroup",
    question: "of a name that differs in case only",
    aws: "InvalidGroup.Duplicate",
    source: `${REFERENCE}, CreateSecurityGroup (GroupName)`,
    async ask(sdk) {
      await group(sdk, "probe-case");
      await group(sdk, "Probe-Case");
      return "accepted";
    },
  },
  {
    operation: "ec2:CreateSecurityGroup",
    question: "of a name that begins like an id",
    aws: "refused",
    source: `${REFERENCE}, CreateSecurityGroup (GroupName)`,
    ask: (sdk) => verdict(group(sdk, "sg-probe")),
  },
  {
    operation: "ec2:CreateSecurityGroup",
    question: "the ways out of a new group",
    aws: "-1 0.0.0.0/0",
    source: "VPC User Guide, security group rules",
    async ask(sdk) {
      const { IpPermissionsEgress = [] } = await groupNow(sdk, await group(sdk, "probe-way-out"));
      return IpPermissionsEgress.map(({ IpProtocol, IpRanges }) => `${IpProtocol} ${IpRanges?.[0]?.CidrIp}`).join();
    },
  },
  {
    operation: "ec2:AuthorizeSecurityGroupIngress",
    question: "a rule that is there",
    aws: "InvalidPermission.Duplicate",
    source: CODES,
    async ask(sdk) {
      const rule = { ...(await group(sdk, "probe-twice")), IpPermissions: [ssh("10.0.0.0/24")] };
      for (const _ of [1, 2]) await sdk.ec2.send(new ec2.AuthorizeSecurityGroupIngressCommand(rule));
      return "accepted";
    },
  },
  {
    operation: "ec2:AuthorizeSecurityGroupIngress",
    question: "answers what it added, one rule for each range",
    aws: "10.0.0.0/24, 10.1.0.0/24",
    source: `${REFERENCE}, AuthorizeSecurityGroupIngress (SecurityGroupRules)`,
    async ask(sdk) {
      const IpRanges = ["10.0.0.0/24", "10.1.0.0/24"].map((CidrIp) => ({ CidrIp }));
      const IpPermissions = [{ ...ssh(""), IpRanges }];
      const input = { ...(await group(sdk, "probe-ranges")), IpPermissions };
      const { SecurityGroupRules } = await sdk.ec2.send(new ec2.AuthorizeSecurityGroupIngressCommand(input));
      return SecurityGroupRules?.map(({ CidrIpv4 }) => CidrIpv4).join(", ") || "none";
    },
  },
  {
    operation: "ec2:AuthorizeSecurityGroupIngress",
    question: "a range of 33 bits",
    aws: "refused",
    source: `${REFERENCE}, IpRange`,
    async ask(sdk) {
      const input = { ...(await group(sdk, "probe-bits")), IpPermissions: [ssh("10.0.0.0/33")] };
      return verdict(sdk.ec2.send(new ec2.AuthorizeSecurityGroupIngressCommand(input)));
    },
  },
  {
    operation: "ec2:AuthorizeSecurityGroupIngress",
    question: "a 61st rule",
    aws: "RulesPerSecurityGroupLimitExceeded",
    source: "VPC User Guide, quotas; EC2 API Reference, error codes",
    async ask(sdk) {
      const IpRanges = Array.from({ length: 61 }, (_, index) => ({ CidrIp: `10.0.${index}.0/24` }));
      const input = { ...(await group(sdk, "probe-61")), IpPermissions: [{ ...ssh(""), IpRanges }] };
      await sdk.ec2.send(new ec2.AuthorizeSecurityGroupIngressCommand(input));
      return "accepted";
    },
  },
  {
    operation: "ec2:AuthorizeSecurityGroupEgress",
    question: "the way out that a group is born with",
    aws: "InvalidPermission.Duplicate",
    source: CODES,
    async ask(sdk) {
      const input = { ...(await group(sdk, "probe-born")), IpPermissions: [everywhere] };
      await sdk.ec2.send(new ec2.AuthorizeSecurityGroupEgressCommand(input));
      return "accepted";
    },
  },
  {
    operation: "ec2:RevokeSecurityGroupIngress",
    question: "a rule that is not there, in the default VPC: no error, but named",
    aws: "named",
    source: `${REFERENCE}, RevokeSecurityGroupIngress`,
    async ask(sdk) {
      const input = { ...(await group(sdk, "probe-unknown")), IpPermissions: [ssh("10.0.0.0/24")] };
      const { UnknownIpPermissions } = await sdk.ec2.send(new ec2.RevokeSecurityGroupIngressCommand(input));
      return UnknownIpPermissions?.length ? "named" : "not named";
    },
  },
  {
    operation: "ec2:RevokeSecurityGroupIngress",
    question: "a rule with a description, without saying the description",
    aws: "revoked",
    source: `${REFERENCE}, RevokeSecurityGroupIngress`,
    async ask(sdk) {
      const at = await group(sdk, "probe-described");
      const given = { ...at, IpPermissions: [ssh("10.0.0.0/24", "of a probe")] };
      await sdk.ec2.send(new ec2.AuthorizeSecurityGroupIngressCommand(given));
      const gone = { ...at, IpPermissions: [ssh("10.0.0.0/24")] };
      await sdk.ec2.send(new ec2.RevokeSecurityGroupIngressCommand(gone));
      return (await groupNow(sdk, at)).IpPermissions?.length ? "stays" : "revoked";
    },
  },
  {
    operation: "ec2:RevokeSecurityGroupEgress",
    question: "answers which rules it revoked",
    aws: "0.0.0.0/0",
    source: `${REFERENCE}, RevokeSecurityGroupEgress (RevokedSecurityGroupRules)`,
    async ask(sdk) {
      const input = { ...(await group(sdk, "probe-revoked")), IpPermissions: [everywhere] };
      const { RevokedSecurityGroupRules } = await sdk.ec2.send(new ec2.RevokeSecurityGroupEgressCommand(input));
      return RevokedSecurityGroupRules?.[0]?.CidrIpv4 ?? "not said";
    },
  },
  {
    operation: "ec2:DeleteSecurityGroup",
    question: "which another group's rule names",
    aws: "DependencyViolation",
    source: `${REFERENCE}, DeleteSecurityGroup`,
    async ask(sdk) {
      const [named, other] = [await group(sdk, "probe-named"), await group(sdk, "probe-naming")];
      const IpPermissions = [{ IpProtocol: "-1", UserIdGroupPairs: [named] }];
      await sdk.ec2.send(new ec2.AuthorizeSecurityGroupIngressCommand({ ...other, IpPermissions }));
      await sdk.ec2.send(new ec2.DeleteSecurityGroupCommand(named));
      return "deleted";
    },
  },
  {
    operation: "ec2:DeleteSecurityGroup",
    question: "of an instance that lives",
    aws: "DependencyViolation",
    source: `${REFERENCE}, DeleteSecurityGroup`,
    async ask(sdk) {
      const at = await group(sdk, "probe-lived-in");
      await launch(sdk, { SecurityGroupIds: [at.GroupId] });
      await sdk.ec2.send(new ec2.DeleteSecurityGroupCommand(at));
      return "deleted";
    },
  },
  {
    operation: "ec2:DeleteSecurityGroup",
    question: "the VPC's own",
    aws: "CannotDelete",
    source: CODES,
    async ask(sdk) {
      const Filters = [{ Name: "group-name", Values: ["default"] }];
      const { SecurityGroups } = await sdk.ec2.send(new ec2.DescribeSecurityGroupsCommand({ Filters }));
      await sdk.ec2.send(new ec2.DeleteSecurityGroupCommand({ GroupId: SecurityGroups![0]!.GroupId! }));
      return "deleted";
    },
  },
  {
    operation: "ec2:DescribeSecurityGroups",
    question: "by an id that is not there",
    aws: "InvalidGroup.NotFound",
    source: CODES,
    async ask(sdk) {
      await groupNow(sdk, { GroupId: "sg-0123456789abcdef0" });
      return "empty";
    },
  },
  {
    operation: "ec2:DescribeSecurityGroups",
    question: "by a filter with a wildcard",
    aws: "probe-wild-1",
    source: "EC2 User Guide, filters",
    async ask(sdk) {
      await group(sdk, "probe-wild-1");
      const Filters = [{ Name: "group-name", Values: ["probe-wil?-*"] }];
      const { SecurityGroups } = await sdk.ec2.send(new ec2.DescribeSecurityGroupsCommand({ Filters }));
      return SecurityGroups?.map(({ GroupName }) => GroupName).join() || "none";
    },
  },
  {
    operation: "ec2:DescribeSubnets",
    question: "free addresses of an empty /20: AWS keeps five",
    aws: "4091",
    source: "VPC User Guide, subnet CIDR blocks",
    async ask(sdk) {
      const { Subnets = [] } = await sdk.ec2.send(new ec2.DescribeSubnetsCommand({}));
      return String(Math.max(...Subnets.map(({ AvailableIpAddressCount }) => AvailableIpAddressCount ?? 0)));
    },
  },
  {
    operation: "ec2:DescribeSubnets",
    question: "by an id that is not there",
    aws: "InvalidSubnetID.NotFound",
    source: CODES,
    async ask(sdk) {
      await sdk.ec2.send(new ec2.DescribeSubnetsCommand({ SubnetIds: ["subnet-0123456789abcdef0"] }));
      return "empty";
    },
  },
  {
    operation: "ec2:DescribeVpcs",
    question: "addresses of the default one",
    aws: "172.31.0.0/16",
    source: "VPC User Guide, default VPCs",
    async ask(sdk) {
      const Filters = [{ Name: "is-default", Values: ["true"] }];
      const { Vpcs } = await sdk.ec2.send(new ec2.DescribeVpcsCommand({ Filters }));
      return Vpcs?.map(({ CidrBlock }) => CidrBlock).join() || "none";
    },
  },
  {
    operation: "ec2:DescribeVpcs",
    question: "by an id that is not there",
    aws: "InvalidVpcID.NotFound",
    source: CODES,
    async ask(sdk) {
      await sdk.ec2.send(new ec2.DescribeVpcsCommand({ VpcIds: ["vpc-0123456789abcdef0"] }));
      return "empty";
    },
  },
];
