import { after } from "node:test";
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { tagList, tagsOf } from "../../src/aws/tags.ts";
import { type SecurityGroupSpec, securityGroup } from "../../src/kinds/security-group.ts";
import { startBackend } from "../support/backend.ts";
import type { Stage } from "./case.ts";
import { contract } from "./contract.ts";
import { othersTag, type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const groupsOf = async ({ sdk, name }: Stage) => {
  const Filters = [{ Name: "group-name", Values: [name] }];
  return (await sdk.ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups ?? [];
};
const idOf = async (stage: Stage): Promise<string> => (await groupsOf(stage))[0]!.GroupId!;

const permission = (IpProtocol: string, port: number, CidrIp: string): IpPermission => ({
  IpProtocol,
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp }],
});
const ANYWHERE: IpPermission = { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] };

const allow = async (stage: Stage, ...IpPermissions: IpPermission[]) =>
  stage.sdk.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: await idOf(stage), IpPermissions }));
const forbid = async (stage: Stage, ...IpPermissions: IpPermission[]) =>
  stage.sdk.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: await idOf(stage), IpPermissions }));

/** Another rule in place of ours. */
async function instead(stage: Stage, other: IpPermission) {
  const [group] = await groupsOf(stage);
  if (group?.IpPermissions?.length) await forbid(stage, ...group.IpPermissions);
  await allow(stage, other);
}

const tagCalls: TagCalls = {
  set: async (stage, tags) =>
    stage.sdk.ec2.send(new CreateTagsCommand({ Resources: [await idOf(stage)], Tags: tagList(tags) })),
  remove: async (stage, names) =>
    stage.sdk.ec2.send(new DeleteTagsCommand({ Resources: [await idOf(stage)], Tags: names.map((Key) => ({ Key })) })),
  get: async (stage) => tagsOf((await groupsOf(stage))[0]?.Tags),
};

contract<SecurityGroupSpec>(backend, {
  kind: "security-group",
  make: securityGroup,
  spec: ({ tags }) => ({
    description: "no way in but published ports",
    ingress: [{ protocol: "tcp", port: 9_090, cidr: "10.0.0.0/8" }],
    egressOpen: true,
    tags,
  }),
  tampers: [
    {
      field: "ingress[].protocol",
      change: (stage) => instead(stage, permission("udp", 9_090, "10.0.0.0/8")),
      paths: ["ingress"],
    },
    {
      field: "ingress[].port",
      change: (stage) => instead(stage, permission("tcp", 22, "10.0.0.0/8")),
      paths: ["ingress"],
    },
    {
      field: "ingress[].cidr",
      change: (stage) => instead(stage, permission("tcp", 9_090, "0.0.0.0/0")),
      paths: ["ingress"],
    },
    {
      field: "ingress[].port",
      what: "a way in that an intruder added, from everywhere",
      change: (stage) => allow(stage, permission("tcp", 2_222, "0.0.0.0/0")),
      paths: ["ingress"],
    },
    {
      field: "egressOpen",
      what: "the way out closed",
      change: async (stage) =>
        stage.sdk.ec2.send(
          new RevokeSecurityGroupEgressCommand({ GroupId: await idOf(stage), IpPermissions: [ANYWHERE] }),
        ),
    },
    {
      field: "egressOpen",
      what: "a way out that an intruder added",
      change: async (stage) =>
        stage.sdk.ec2.send(
          new AuthorizeSecurityGroupEgressCommand({
            GroupId: await idOf(stage),
            IpPermissions: [permission("tcp", 25, "192.0.2.0/24")],
          }),
        ),
    },
    ...tagTampers(tagCalls),
  ],
  writtenAtBirth: { description: "AWS cannot change it: another one is refused" },
  others: [othersTag(tagCalls)],
  remove: async (stage) => stage.sdk.ec2.send(new DeleteSecurityGroupCommand({ GroupId: await idOf(stage) })),
  foreign: ({ sdk, name }) =>
    sdk.ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: name,
        Description: "made by hand",
        TagSpecifications: [{ ResourceType: "security-group", Tags: tagList({ colour: "green" }) }],
      }),
    ),
  adopted: {
    keeps: [
      {
        what: "a way in of its maker's",
        put: (stage) => allow(stage, permission("tcp", 22, "192.0.2.7/32")),
        stands: async (stage) => (await groupsOf(stage))[0]!.IpPermissions!.some(({ FromPort }) => FromPort === 22),
      },
    ],
  },
  copies: async (stage) => (await groupsOf(stage)).length,
  alsoNamed: async (stage) => [await idOf(stage)],
});
