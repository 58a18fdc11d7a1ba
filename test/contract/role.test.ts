import { after } from "node:test";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRoleTagsCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { tagList, tagsOf } from "../../src/aws/tags.ts";
import { type Policy, policy } from "../../src/core/policy.ts";
import { role } from "../../src/kinds/role.ts";
import { startBackend } from "../support/backend.ts";
import type { Stage } from "./case.ts";
import { contract } from "./contract.ts";
import { othersTag, type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const OURS = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
const THEIRS = "arn:aws:iam::aws:policy/CloudWatchActionsEC2Access";

const trust = (...services: string[]): Policy =>
  policy(
    ...services.map((Service) => ({ Effect: "Allow" as const, Principal: { Service }, Action: "sts:AssumeRole" })),
  );
const receive = (queue: string): Policy =>
  policy({ Effect: "Allow", Action: "sqs:ReceiveMessage", Resource: `arn:aws:sqs:us-east-1:123456789012:${queue}` });

const put = ({ sdk, name }: Stage, PolicyName: string, document: Policy) =>
  sdk.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName, PolicyDocument: JSON.stringify(document) }));
const attach = ({ sdk, name }: Stage, PolicyArn: string) =>
  sdk.iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn }));
const inlineOf = async ({ sdk, name }: Stage) =>
  (await sdk.iam.send(new ListRolePoliciesCommand({ RoleName: name }))).PolicyNames ?? [];
const attachedOf = async ({ sdk, name }: Stage) =>
  ((await sdk.iam.send(new ListAttachedRolePoliciesCommand({ RoleName: name }))).AttachedPolicies ?? []).map(
    (one) => one.PolicyArn!,
  );

const tagCalls: TagCalls = {
  set: ({ sdk, name }, tags) => sdk.iam.send(new TagRoleCommand({ RoleName: name, Tags: tagList(tags) })),
  remove: ({ sdk, name }, TagKeys) => sdk.iam.send(new UntagRoleCommand({ RoleName: name, TagKeys })),
  get: async ({ sdk, name }) => tagsOf((await sdk.iam.send(new ListRoleTagsCommand({ RoleName: name }))).Tags),
};

contract(backend, {
  kind: "role",
  make: role,
  name: ({ unique, account }) => `pw-task-${account.region}-contract-${unique}`,
  spec: ({ tags }) => ({
    path: "/",
    trust: trust("ecs-tasks.amazonaws.com"),
    inline: { Task: receive("ours"), Secrets: receive("secret") },
    attached: [OURS],
    tags,
  }),
  tampers: [
    {
      field: "trust",
      change: ({ sdk, name }) =>
        sdk.iam.send(
          new UpdateAssumeRolePolicyCommand({
            RoleName: name,
            PolicyDocument: JSON.stringify(trust("ecs-tasks.amazonaws.com", "ec2.amazonaws.com")),
          }),
        ),
    },
    {
      field: "inline",
      what: "another inline policy under our name",
      change: (stage) => put(stage, "Task", receive("*")),
      paths: ["inline.Task"],
    },
    {
      field: "inline",
      what: "an inline policy taken off",
      change: ({ sdk, name }) => sdk.iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName: "Secrets" })),
      paths: ["inline.Secrets"],
    },
    {
      field: "inline",
      what: "an inline policy that an intruder added",
      change: (stage) => put(stage, "Intruder", receive("*")),
      paths: ["inline.Intruder"],
    },
    {
      field: "attached",
      what: "a managed policy taken off",
      change: ({ sdk, name }) => sdk.iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn: OURS })),
      paths: [`attached.${OURS}`],
    },
    {
      field: "attached",
      what: "a managed policy that an intruder attached",
      change: (stage) => attach(stage, THEIRS),
      paths: [`attached.${THEIRS}`],
    },
    ...tagTampers(tagCalls),
  ],
  writtenAtBirth: { path: "a role made by hand may stand under another path, and AWS cannot move it" },
  others: [othersTag(tagCalls)],
  async remove(stage) {
    const RoleName = stage.name;
    for (const PolicyArn of await attachedOf(stage)) {
      await stage.sdk.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    }
    for (const PolicyName of await inlineOf(stage)) {
      await stage.sdk.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    }
    await stage.sdk.iam.send(new DeleteRoleCommand({ RoleName }));
  },
  foreign: ({ sdk, name }) =>
    sdk.iam.send(
      new CreateRoleCommand({
        RoleName: name,
        AssumeRolePolicyDocument: JSON.stringify(trust("lambda.amazonaws.com")),
        Tags: tagList({ colour: "green" }),
      }),
    ),
  adopted: {
    keeps: [
      {
        what: "an inline policy of its maker's",
        put: (stage) => put(stage, "Theirs", receive("theirs")),
        stands: async (stage) => (await inlineOf(stage)).includes("Theirs"),
      },
      {
        what: "a managed policy of its maker's",
        put: (stage) => attach(stage, THEIRS),
        stands: async (stage) => (await attachedOf(stage)).includes(THEIRS),
      },
    ],
  },
});
