import * as iam from "@aws-sdk/client-iam";
import type { Sdk } from "../../support/sdk.ts";
import { role } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";

const IAM = "IAM API Reference";

export const iamProfileProbes: readonly Probe[] = [
  {
    operation: "iam:CreateInstanceProfile",
    question: "of a name that is there",
    aws: "409 EntityAlreadyExistsException",
    source: `${IAM}, CreateInstanceProfile, errors`,
    async ask(sdk) {
      await profile(sdk, "probe-profile");
      return outcomeOf(profile(sdk, "probe-profile"));
    },
  },
  {
    operation: "iam:CreateInstanceProfile",
    question: "a path is in the ARN",
    aws: "instance-profile/probe/probe-path",
    source: "IAM User Guide, IAM identifiers",
    async ask(sdk) {
      const given = { InstanceProfileName: "probe-path", Path: "/probe/" };
      const { InstanceProfile } = await sdk.iam.send(new iam.CreateInstanceProfileCommand(given));
      return InstanceProfile?.Arn?.split(":").at(-1) ?? "absent";
    },
  },
  {
    operation: "iam:AddRoleToInstanceProfile",
    question: "a second role",
    aws: "409 LimitExceededException",
    source: `${IAM}, AddRoleToInstanceProfile`,
    async ask(sdk) {
      const at = await profile(sdk, "probe-two");
      for (const name of ["probe-two-a", "probe-two-b"]) await role(sdk, name, "ec2.amazonaws.com");
      await add(sdk, at, "probe-two-a");
      return outcomeOf(add(sdk, at, "probe-two-b"));
    },
  },
  {
    operation: "iam:AddRoleToInstanceProfile",
    question: "a role that is not there",
    aws: "404 NoSuchEntityException",
    source: `${IAM}, AddRoleToInstanceProfile, errors`,
    ask: async (sdk) => outcomeOf(add(sdk, await profile(sdk, "probe-nobody"), "probe-nobody")),
  },
  {
    operation: "iam:RemoveRoleFromInstanceProfile",
    question: "a role that is in none",
    aws: "404 NoSuchEntityException",
    source: `${IAM}, RemoveRoleFromInstanceProfile, errors`,
    async ask(sdk) {
      const given = { ...(await profile(sdk, "probe-outside")), RoleName: "probe-outside" };
      await role(sdk, given.RoleName, "ec2.amazonaws.com");
      return outcomeOf(sdk.iam.send(new iam.RemoveRoleFromInstanceProfileCommand(given)));
    },
  },
  {
    operation: "iam:GetInstanceProfile",
    question: "its role is told with its trust",
    aws: "probe-whole, with its trust",
    source: `${IAM}, InstanceProfile`,
    async ask(sdk) {
      const at = await profile(sdk, "probe-whole");
      await role(sdk, "probe-whole", "ec2.amazonaws.com");
      await add(sdk, at, "probe-whole");
      const { InstanceProfile } = await sdk.iam.send(new iam.GetInstanceProfileCommand(at));
      const found = InstanceProfile?.Roles?.[0];
      return `${found?.RoleName}, ${found?.AssumeRolePolicyDocument ? "with its trust" : "without its trust"}`;
    },
  },
  {
    operation: "iam:ListInstanceProfiles",
    question: "by path; tags are not told",
    aws: "probe-listed, without tags",
    source: `${IAM}, ListInstanceProfiles`,
    async ask(sdk) {
      const given = { InstanceProfileName: "probe-listed", Path: "/probe-list/" };
      const Tags = [{ Key: "colour", Value: "green" }];
      await sdk.iam.send(new iam.CreateInstanceProfileCommand({ ...given, Tags }));
      await profile(sdk, "probe-unlisted");
      const page = await sdk.iam.send(new iam.ListInstanceProfilesCommand({ PathPrefix: given.Path }));
      const names = page.InstanceProfiles?.map(({ InstanceProfileName }) => InstanceProfileName).join(", ");
      return `${names}, ${page.InstanceProfiles?.[0]?.Tags?.length ? "with tags" : "without tags"}`;
    },
  },
  {
    operation: "iam:ListInstanceProfilesForRole",
    question: "of a role that is not there",
    aws: "404 NoSuchEntityException",
    source: `${IAM}, ListInstanceProfilesForRole, errors`,
    ask: (sdk) => outcomeOf(sdk.iam.send(new iam.ListInstanceProfilesForRoleCommand({ RoleName: "probe-none" }))),
  },
  {
    operation: "iam:DeleteInstanceProfile",
    question: "with a role in it",
    aws: "409 DeleteConflictException",
    source: `${IAM}, DeleteInstanceProfile`,
    async ask(sdk) {
      const at = await profile(sdk, "probe-kept");
      await role(sdk, "probe-kept", "ec2.amazonaws.com");
      await add(sdk, at, "probe-kept");
      return outcomeOf(sdk.iam.send(new iam.DeleteInstanceProfileCommand(at)));
    },
  },
  {
    operation: "iam:TagInstanceProfile",
    question: "a second key: the first stays, GetInstanceProfile tells both",
    aws: "colour, size",
    source: `${IAM}, TagInstanceProfile`,
    async ask(sdk) {
      const at = await profile(sdk, "probe-tagged");
      for (const Key of ["colour", "size"])
        await sdk.iam.send(new iam.TagInstanceProfileCommand({ ...at, Tags: [{ Key, Value: "x" }] }));
      return tagsOf(sdk, at);
    },
  },
  {
    operation: "iam:UntagInstanceProfile",
    question: "one key that is there and one that is not",
    aws: "none",
    source: `${IAM}, UntagInstanceProfile`,
    async ask(sdk) {
      const at = await profile(sdk, "probe-plain");
      await sdk.iam.send(new iam.TagInstanceProfileCommand({ ...at, Tags: [{ Key: "colour", Value: "x" }] }));
      await sdk.iam.send(new iam.UntagInstanceProfileCommand({ ...at, TagKeys: ["colour", "size"] }));
      return tagsOf(sdk, at);
    },
  },
];

interface At {
  readonly InstanceProfileName: string;
}

async function profile({ iam: client }: Sdk, InstanceProfileName: string): Promise<At> {
  await client.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName }));
  return { InstanceProfileName };
}

function add({ iam: client }: Sdk, at: At, RoleName: string): Promise<unknown> {
  return client.send(new iam.AddRoleToInstanceProfileCommand({ ...at, RoleName }));
}

async function tagsOf({ iam: client }: Sdk, at: At): Promise<string> {
  const { InstanceProfile } = await client.send(new iam.GetInstanceProfileCommand(at));
  return (InstanceProfile?.Tags ?? []).map(({ Key }) => Key).join(", ") || "none";
}
