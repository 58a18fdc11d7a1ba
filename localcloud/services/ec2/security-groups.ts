import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult,
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  IpPermission,
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupEgressResult,
  RevokeSecurityGroupIngressRequest,
  SecurityGroup,
} from "@aws-sdk/client-ec2";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import { arn } from "../arn.ts";
import type { Place, Regional } from "../regions.ts";
import { tagsToList } from "../tags.ts";
import { describedPage, filtered, required } from "./filters.ts";
import { hasNetwork } from "./instance-record.ts";
import {
  answeredRule,
  type Peer,
  permissionsOf,
  type RuleRecord,
  revokedRule,
  ruleKey,
  rulesOf,
  ruleText,
  type SecurityGroupRecord,
} from "./security-group-rules.ts";
import type { Ec2State } from "./state.ts";
import { tagsAtBirth } from "./tags.ts";

export function securityGroupOperations(states: Regional<Ec2State>, world: World): Record<string, Operation> {
  function authorize(input: AuthorizeInput, call: Call, egress: boolean): AuthorizeSecurityGroupEgressResult {
    const state = states.in(call);
    const group = groupOf(state, input);
    const wanted = rulesOf(permissionsIn(input), (pair) => peerGroup(state, pair));
    if (wanted.length === 0) required(undefined, "ipPermissions");
    const tags = tagsAtBirth(input.TagSpecifications, "security-group-rule");
    const present = new Set(group.rules.filter((rule) => rule.egress === egress).map(ruleKey));
    // All or nothing: one rule that is there already refuses the whole request.
    for (const rule of wanted) {
      if (present.has(ruleKey(rule))) {
        throw new AwsError("InvalidPermission.Duplicate", `the specified rule "${ruleText(rule)}" already exists`);
      }
      present.add(ruleKey(rule));
    }
    const added: RuleRecord[] = wanted.map((rule) => ({
      ...rule,
      id: world.id("sgr-", 17),
      egress,
      tags: new Map(tags),
    }));
    const rules = [...group.rules, ...added];
    checkQuota(rules.filter((rule) => rule.egress === egress));
    group.rules = rules;
    return { Return: true, SecurityGroupRules: added.map((rule) => answeredRule(rule, group.id, call)) };
  }

  function revoke(input: RevokeInput, call: Call, egress: boolean): RevokeSecurityGroupEgressResult {
    const state = states.in(call);
    const group = groupOf(state, input);
    const present = group.rules.filter((rule) => rule.egress === egress);
    const byId = (input.SecurityGroupRuleIds ?? []).map((id) => {
      const rule = present.find((one) => one.id === id);
      if (rule === undefined) {
        throw new AwsError("InvalidSecurityGroupRuleId.NotFound", `The security group rule ID '${id}' does not exist`);
      }
      return rule;
    });
    const wanted = rulesOf(permissionsIn(input), (pair) => peerGroup(state, pair));
    if (byId.length + wanted.length === 0) required(undefined, "ipPermissions");
    const keys = new Set(wanted.map(ruleKey));
    const gone = new Set([...byId, ...present.filter((rule) => keys.has(ruleKey(rule)))]);
    const found = new Set(present.map(ruleKey));
    // In the default VPC, the only one there is, what is not there is named and no error.
    const unknown = wanted.filter((rule) => !found.has(ruleKey(rule)));
    group.rules = group.rules.filter((rule) => !gone.has(rule));
    return {
      Return: true,
      UnknownIpPermissions: permissionsOf(unknown, call.account),
      RevokedSecurityGroupRules: [...gone].map((rule) => revokedRule(rule, group.id)),
    };
  }

  return {
    CreateSecurityGroup(input: CreateSecurityGroupRequest, call: Call): CreateSecurityGroupResult {
      const state = states.in(call);
      const name = required(input.GroupName, "GroupName");
      const description = required(input.Description, "GroupDescription");
      if (name.length > 255 || name.startsWith("sg-") || !/^[\w .:/()#,@[\]+=&;{}!$*-]+$/.test(name)) {
        throw new AwsError("InvalidParameterValue", `Invalid security group name '${name}'`);
      }
      const vpcId = input.VpcId ?? defaultVpc(state);
      if (!state.vpcs.has(vpcId)) throw new AwsError("InvalidVpcID.NotFound", `The vpc ID '${vpcId}' does not exist`);
      const lowerCase = name.toLowerCase();
      const inVpc = [...state.securityGroups.values()].filter((group) => group.vpcId === vpcId);
      if (inVpc.some((group) => group.name.toLowerCase() === lowerCase)) {
        throw new AwsError("InvalidGroup.Duplicate", `The security group '${name}' already exists for VPC '${vpcId}'`);
      }
      const tags = tagsAtBirth(input.TagSpecifications, "security-group");
      const allowAll = {
        id: world.id("sgr-", 17),
        egress: true,
        protocol: "-1",
        peer: { cidr4: "0.0.0.0/0" },
        tags: new Map(),
      };
      const id = world.id("sg-", 17);
      state.securityGroups.set(id, { id, name, description, vpcId, tags, rules: [allowAll] });
      return { GroupId: id, SecurityGroupArn: groupArn(call, id), Tags: tagsToList(tags) };
    },

    DescribeSecurityGroups(input: DescribeSecurityGroupsRequest, call: Call): DescribeSecurityGroupsResult {
      const state = states.in(call);
      const ids = new Set([
        ...(input.GroupIds ?? []).map((GroupId) => groupOf(state, { GroupId }).id),
        ...(input.GroupNames ?? []).map((GroupName) => groupOf(state, { GroupName }).id),
      ]);
      const named = [...state.securityGroups.values()].filter(({ id }) => ids.size === 0 || ids.has(id));
      const found = filtered(named, input.Filters, {
        "group-id": (group) => [group.id],
        "group-name": (group) => [group.name],
        "vpc-id": (group) => [group.vpcId],
        description: (group) => [group.description],
        "owner-id": () => [call.account],
        "ip-permission.cidr": (group) => cidrs(group, false),
        "ip-permission.group-id": (group) => peerGroups(group, false),
        "ip-permission.from-port": (group) => ingress(group).map(({ ports }) => ports?.from),
        "ip-permission.to-port": (group) => ingress(group).map(({ ports }) => ports?.to),
        "ip-permission.protocol": (group) => ingress(group).map(({ protocol }) => protocol),
        "egress.ip-permission.cidr": (group) => cidrs(group, true),
        "egress.ip-permission.group-id": (group) => peerGroups(group, true),
      });
      const page = describedPage(found, input, { least: 5, most: 1000 });
      return { SecurityGroups: page.items.map((group) => answered(group, call)), NextToken: page.next };
    },

    AuthorizeSecurityGroupIngress: (input: AuthorizeInput, call: Call): AuthorizeSecurityGroupIngressResult =>
      authorize(input, call, false),
    AuthorizeSecurityGroupEgress: (input: AuthorizeInput, call: Call) => authorize(input, call, true),
    RevokeSecurityGroupIngress: (input: RevokeInput, call: Call) => revoke(input, call, false),
    RevokeSecurityGroupEgress: (input: RevokeInput, call: Call) => revoke(input, call, true),

    DeleteSecurityGroup(input: DeleteSecurityGroupRequest, call: Call): DeleteSecurityGroupResult {
      const state = states.in(call);
      const group = groupOf(state, input);
      if (group.name === "default") {
        throw new AwsError(
          "CannotDelete",
          `the specified group: "${group.id}" name: "${group.name}" cannot be deleted by a user`,
        );
      }
      const referenced = [...state.securityGroups.values()].some(
        (other) => other !== group && other.rules.some(({ peer }) => "groupId" in peer && peer.groupId === group.id),
      );
      const used = [...state.instances.values()].some(
        (instance) => instance.securityGroupIds.includes(group.id) && hasNetwork(instance, world.now()),
      );
      if (referenced || used) {
        throw new AwsError("DependencyViolation", `resource ${group.id} has a dependent object`);
      }
      state.securityGroups.delete(group.id);
      return { Return: true, GroupId: group.id };
    },
  };
}

/** AWS's default quota of rules of one direction, for each version of the protocol on its own. */
const RULES_LIMIT = 60;

/** A rule that names no address counts for both versions. */
function checkQuota(rules: readonly RuleRecord[]): void {
  const [version4, version6] = ["cidr6", "cidr4"].map((other) => rules.filter(({ peer }) => !(other in peer)).length);
  if (version4! <= RULES_LIMIT && version6! <= RULES_LIMIT) return;
  throw new AwsError(
    "RulesPerSecurityGroupLimitExceeded",
    "The maximum number of rules per security group has been reached.",
  );
}

/** By identifier anywhere, by name in the default VPC only. */
export function groupOf(
  state: Ec2State,
  { GroupId, GroupName }: { GroupId?: string | undefined; GroupName?: string | undefined },
): SecurityGroupRecord {
  if (GroupId === undefined && GroupName === undefined) required(undefined, "groupName or groupId");
  if (GroupId !== undefined) {
    if (!/^sg-[0-9a-f]+$/.test(GroupId)) {
      throw new AwsError("InvalidGroupId.Malformed", `Invalid id: "${GroupId}" (expecting "sg-...")`);
    }
    const group = state.securityGroups.get(GroupId);
    if (group === undefined) {
      throw new AwsError("InvalidGroup.NotFound", `The security group '${GroupId}' does not exist`);
    }
    return group;
  }
  const vpcId = defaultVpc(state);
  const group = [...state.securityGroups.values()].find((one) => one.name === GroupName && one.vpcId === vpcId);
  if (group === undefined) {
    throw new AwsError(
      "InvalidGroup.NotFound",
      `The security group '${GroupName}' does not exist in default VPC '${vpcId}'`,
    );
  }
  return group;
}

type AuthorizeInput = AuthorizeSecurityGroupIngressRequest & AuthorizeSecurityGroupEgressRequest;
type RevokeInput = RevokeSecurityGroupIngressRequest & RevokeSecurityGroupEgressRequest;

/** The form with single parameters, which the command line still uses, says the same as one permission. */
function permissionsIn(input: Omit<AuthorizeInput, "GroupId">): IpPermission[] {
  if (input.IpPermissions !== undefined) return input.IpPermissions;
  if (input.IpProtocol === undefined && input.SourceSecurityGroupName === undefined) return [];
  const { CidrIp, SourceSecurityGroupName: GroupName } = input;
  return [
    {
      IpProtocol: input.IpProtocol ?? "-1",
      FromPort: input.FromPort,
      ToPort: input.ToPort,
      IpRanges: CidrIp === undefined ? [] : [{ CidrIp }],
      UserIdGroupPairs: GroupName === undefined ? [] : [{ GroupName }],
    },
  ];
}

function peerGroup(state: Ec2State, pair: { GroupId?: string | undefined; GroupName?: string | undefined }): string {
  return groupOf(state, pair.GroupId === undefined ? { GroupName: pair.GroupName } : { GroupId: pair.GroupId }).id;
}

function defaultVpc(state: Ec2State): string {
  return [...state.vpcs.values()].find((vpc) => vpc.isDefault)!.id;
}

export function groupArn(place: Place, id: string): string {
  return arn("ec2", place.region, place.account, `security-group/${id}`);
}

function answered(group: SecurityGroupRecord, place: Place): SecurityGroup {
  return {
    GroupId: group.id,
    GroupName: group.name,
    Description: group.description,
    OwnerId: place.account,
    VpcId: group.vpcId,
    SecurityGroupArn: groupArn(place, group.id),
    IpPermissions: permissionsOf(ingress(group), place.account),
    IpPermissionsEgress: permissionsOf(
      group.rules.filter((rule) => rule.egress),
      place.account,
    ),
    Tags: tagsToList(group.tags),
  };
}

function ingress(group: SecurityGroupRecord): RuleRecord[] {
  return group.rules.filter((rule) => !rule.egress);
}

function peers(group: SecurityGroupRecord, egress: boolean): Peer[] {
  return group.rules.filter((rule) => rule.egress === egress).map((rule) => rule.peer);
}

function cidrs(group: SecurityGroupRecord, egress: boolean): string[] {
  return peers(group, egress).flatMap((peer) => ("cidr4" in peer ? [peer.cidr4] : []));
}

function peerGroups(group: SecurityGroupRecord, egress: boolean): string[] {
  return peers(group, egress).flatMap((peer) => ("groupId" in peer ? [peer.groupId] : []));
}
