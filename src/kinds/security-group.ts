/** EC2 security groups in the default VPC, owned whole: an intruder's rule is removed. Name = group name. */
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeSecurityGroupsCommand,
  paginateDescribeSecurityGroups,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { is, orUndefined } from "../aws/errors.ts";
import { createSeats } from "../aws/seats.ts";
import { BATCH_MAX_AGE_MS, tagList, tagsOf } from "../aws/tags.ts";
import { fixedField } from "../core/compare.ts";
import { Failure } from "../core/failure.ts";
import { inventoried, isAdopted, isOurs, TAG, type Tags, tagChanges } from "../core/owner.ts";
import type { Change, Pass, Resource } from "../core/resource.ts";
import { touches, writeTags } from "./changes.ts";
import { canonicalCidr } from "./cidr.ts";
import { EVERYTHING, type Rule, rulesIn, ruleTo, without } from "./security-group-rules.ts";

export const securityGroupSchema = z.strictObject({
  /** Written at birth; AWS cannot change it. */
  description: z.string(),
  ingress: z.array(z.strictObject({ protocol: z.enum(["tcp", "udp"]), port: z.int(), cidr: z.string() })),
  /** All protocols to anywhere, IPv4 only: what a new group has. */
  egressOpen: z.literal(true),
  tags: z.record(z.string(), z.string()),
});
export type SecurityGroupSpec = z.infer<typeof securityGroupSchema>;

export interface SecurityGroupActual {
  readonly id: string;
  readonly description: string;
  /** One rule per protocol, ports and peer. */
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
  readonly tags: Tags;
}

const GONE = ["InvalidGroup.NotFound", "InvalidGroupId.NotFound"];

export function securityGroup(aws: Aws): Resource<SecurityGroupSpec, SecurityGroupActual> {
  const { ec2 } = aws.clients;

  const groups = createSeats<SecurityGroupActual>({
    clock: aws.clock,
    seats: 100,
    maxAgeMs: BATCH_MAX_AGE_MS,
    async load(names) {
      const vpcId = await aws.defaultVpc();
      if (vpcId === undefined) return new Map();
      const Filters = [
        { Name: "vpc-id", Values: [vpcId] },
        { Name: "group-name", Values: [...names] },
      ];
      const answer = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
      return new Map((answer.SecurityGroups ?? []).map((group) => [group.GroupName ?? "", readGroup(group)]));
    },
  });

  return {
    kind: "security-group",
    schema: securityGroupSchema,

    async read(name, pass) {
      const actual = await groups.get(name, pass.fresh);
      if (!actual) return { is: "absent" };
      return { is: isOurs(actual.tags, pass.owner) ? "owned" : "foreign", actual };
    },

    diff(spec, actual): Change[] {
      const { description, ingress, egress, tags } = actual;
      return [
        // A description of a person's choice says nothing.
        ...(othersStay(spec, actual) ? [] : fixedField("description", spec.description, description)),
        ...ruleChange("ingress", correction(spec.ingress.map(ingressRule), ingress, othersStay(spec, actual))),
        ...ruleChange("egressOpen", correction([ANYWHERE], withoutIpv6(egress), othersStay(spec, actual))),
        ...tagChanges(spec.tags, tags),
      ];
    },

    async create(name, spec, pass) {
      const options = { abortSignal: pass.signal };
      const VpcId = await aws.defaultVpc();
      if (VpcId === undefined) throw noDefaultVpc(pass);
      const TagSpecifications = [{ ResourceType: "security-group" as const, Tags: tagList(spec.tags) }];
      groups.forget(name);
      try {
        const { GroupId = "" } = await ec2.send(
          new CreateSecurityGroupCommand({ GroupName: name, Description: spec.description, VpcId, TagSpecifications }),
          options,
        );
        await authorize(GroupId, spec.ingress.map(ingressRule), "ingress", pass);
      } catch (error) {
        if (!is(error, "InvalidGroup.Duplicate")) throw error;
      }
      groups.forget(name);
    },

    async update(name, spec, actual, changes, pass) {
      const options = { abortSignal: pass.signal };
      const { id, ingress, egress } = actual;
      const correct = async (want: readonly Rule[], have: readonly Rule[], direction: Direction) => {
        const { surplus, missing } = correction(want, have, othersStay(spec, actual));
        await authorize(id, missing, direction, pass);
        await revoke(id, surplus, direction, pass);
      };
      if (touches(changes, "ingress")) await correct(spec.ingress.map(ingressRule), ingress, "ingress");
      if (touches(changes, "egressOpen")) await correct([ANYWHERE], withoutIpv6(egress), "egress");
      await writeTags(changes, {
        set: (tags) => ec2.send(new CreateTagsCommand({ Resources: [id], Tags: tagList(tags) }), options),
        remove: (names) =>
          ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: names.map((Key) => ({ Key })) }), options),
      });
      groups.forget(name);
    },

    async delete(name, { id }, pass) {
      await orUndefined(
        ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }), { abortSignal: pass.signal }),
        ...GONE,
      );
      groups.forget(name);
    },

    async *list(pass) {
      const vpcId = await aws.defaultVpc();
      if (vpcId === undefined) return;
      const Filters = [
        { Name: "vpc-id", Values: [vpcId] },
        { Name: `tag:${TAG.owner}`, Values: [pass.owner] },
      ];
      for await (const page of paginateDescribeSecurityGroups(
        { client: ec2 },
        { Filters },
        { abortSignal: pass.signal },
      )) {
        for (const { GroupName = "", Tags } of page.SecurityGroups ?? []) yield inventoried(GroupName, tagsOf(Tags));
      }
    },
  };

  async function authorize(GroupId: string, rules: readonly Rule[], direction: Direction, pass: Pass): Promise<void> {
    if (rules.length === 0) return;
    const options = { abortSignal: pass.signal };
    const input = { GroupId, IpPermissions: rules.map((rule) => rule.permission) };
    await orUndefined<unknown>(
      direction === "ingress"
        ? ec2.send(new AuthorizeSecurityGroupIngressCommand(input), options)
        : ec2.send(new AuthorizeSecurityGroupEgressCommand(input), options),
      // Someone was faster: the next read tells which are left.
      "InvalidPermission.Duplicate",
    );
  }

  async function revoke(GroupId: string, rules: readonly Rule[], direction: Direction, pass: Pass): Promise<void> {
    if (rules.length === 0) return;
    const options = { abortSignal: pass.signal };
    const input = { GroupId, IpPermissions: rules.map((rule) => rule.permission) };
    await orUndefined<unknown>(
      direction === "ingress"
        ? ec2.send(new RevokeSecurityGroupIngressCommand(input), options)
        : ec2.send(new RevokeSecurityGroupEgressCommand(input), options),
      "InvalidPermission.NotFound",
    );
  }
}

type Direction = "ingress" | "egress";

const readGroup = (group: SecurityGroup): SecurityGroupActual => ({
  id: group.GroupId ?? "",
  description: group.Description ?? "",
  ingress: rulesIn(group.IpPermissions),
  egress: rulesIn(group.IpPermissionsEgress),
  tags: tagsOf(group.Tags),
});

const ANYWHERE = ruleTo("0.0.0.0/0", EVERYTHING);
const ANYWHERE_IPV6 = ruleTo("::/0", EVERYTHING);

/** In a VPC with IPv6, a new group has that as well. */
const withoutIpv6 = (rules: readonly Rule[]): Rule[] => without(rules, [ANYWHERE_IPV6]);

const ingressRule = ({ protocol, port, cidr }: SecurityGroupSpec["ingress"][number]): Rule =>
  ruleTo(canonicalCidr(cidr), protocol, port);

const othersStay = (spec: SecurityGroupSpec, actual: SecurityGroupActual): boolean =>
  isAdopted(spec.tags) || isAdopted(actual.tags);

interface Correction {
  readonly want: readonly Rule[];
  readonly have: readonly Rule[];
  readonly missing: readonly Rule[];
  readonly surplus: readonly Rule[];
}

const correction = (want: readonly Rule[], have: readonly Rule[], othersStay: boolean): Correction => ({
  want,
  have,
  missing: without(want, have),
  surplus: othersStay ? [] : without(have, want),
});

const ruleChange = (path: string, { want, have, missing, surplus }: Correction): Change[] =>
  missing.length + surplus.length === 0
    ? []
    : [{ path, want: want.map((rule) => rule.text), have: have.map((rule) => rule.text) }];

const noDefaultVpc = ({ account }: Pass): Failure =>
  new Failure(
    `${account.region} has no default VPC, where our security group stands; \`aws ec2 create-default-vpc\` makes one`,
    {
      class: "invalid",
      code: "NoDefaultVpc",
      action: "ec2:CreateSecurityGroup",
    },
  );
