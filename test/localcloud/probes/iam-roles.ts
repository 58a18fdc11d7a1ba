import * as iam from "@aws-sdk/client-iam";
import type { Sdk } from "../../support/sdk.ts";
import { policy, role, trust } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";

const IAM = "IAM API Reference";

export const iamRoleProbes: readonly Probe[] = [
  {
    operation: "iam:CreateRole",
    question: "of a name that differs in case only",
    aws: "409 EntityAlreadyExistsException",
    source: `${IAM}, CreateRole`,
    async ask(sdk) {
      await role(sdk, "probe-case", "ec2.amazonaws.com");
      return outcomeOf(role(sdk, "Probe-Case", "ec2.amazonaws.com"));
    },
  },
  {
    operation: "iam:CreateRole",
    question: "trusting a role that is not there",
    aws: "400 MalformedPolicyDocumentException",
    source: "IAM User Guide, invalid principal in policy",
    async ask(sdk) {
      const arn = await role(sdk, "probe-trusting", "ec2.amazonaws.com");
      const Principal = { AWS: `${arn}-none` };
      const AssumeRolePolicyDocument = policy({ Effect: "Allow", Principal, Action: "sts:AssumeRole" });
      const given = { RoleName: "probe-trusting-nobody", AssumeRolePolicyDocument };
      return outcomeOf(sdk.iam.send(new iam.CreateRoleCommand(given)));
    },
  },
  {
    operation: "iam:CreateRole",
    question: "a name of 65 characters",
    aws: "400 ValidationError",
    source: `${IAM}, CreateRole; common errors`,
    ask: async (sdk) => outcomeOf(role(sdk, "r".repeat(65), "ec2.amazonaws.com")),
  },
  {
    operation: "iam:CreateServiceLinkedRole",
    question: "for events.amazonaws.com: the role's name",
    aws: "AWSServiceRoleForCloudWatchEvents",
    source: "CloudWatch User Guide, service-linked roles for alarms",
    async ask(sdk) {
      const AWSServiceName = "events.amazonaws.com";
      const { Role } = await sdk.iam.send(new iam.CreateServiceLinkedRoleCommand({ AWSServiceName }));
      return Role?.RoleName ?? "none";
    },
  },
  {
    operation: "iam:CreateServiceLinkedRole",
    question: "a second time",
    aws: "400 InvalidInputException",
    source: `${IAM}, CreateServiceLinkedRole`,
    async ask(sdk) {
      const again = () =>
        sdk.iam.send(new iam.CreateServiceLinkedRoleCommand({ AWSServiceName: "spot.amazonaws.com" }));
      await again();
      return outcomeOf(again());
    },
  },
  {
    operation: "iam:GetRole",
    question: "what nobody said: how long a session may be",
    aws: "3600",
    source: `${IAM}, CreateRole`,
    async ask(sdk) {
      await role(sdk, "probe-session", "ec2.amazonaws.com");
      const { Role } = await sdk.iam.send(new iam.GetRoleCommand({ RoleName: "probe-session" }));
      return String(Role?.MaxSessionDuration ?? "absent");
    },
  },
  {
    operation: "iam:GetRole",
    question: "how the trust comes: URL-encoded after RFC 3986",
    aws: "sts%3AAssumeRole",
    source: `${IAM}, GetRole`,
    async ask(sdk) {
      await role(sdk, "probe-encoded", "ec2.amazonaws.com");
      const { Role } = await sdk.iam.send(new iam.GetRoleCommand({ RoleName: "probe-encoded" }));
      return /sts(:|%3A)AssumeRole/.exec(Role?.AssumeRolePolicyDocument ?? "")?.[0] ?? "absent";
    },
  },
  {
    operation: "iam:GetRole",
    question: "that is not there",
    aws: "404 NoSuchEntityException",
    source: `${IAM}, GetRole, errors`,
    ask: (sdk) => outcomeOf(sdk.iam.send(new iam.GetRoleCommand({ RoleName: "probe-none" }))),
  },
  {
    operation: "iam:ListRoles",
    question: "by path; tags are not told",
    aws: "probe-on-path, without tags",
    source: `${IAM}, ListRoles`,
    async ask(sdk) {
      const given = { RoleName: "probe-on-path", Path: "/probe/", Tags: [{ Key: "colour", Value: "green" }] };
      const AssumeRolePolicyDocument = trust("ec2.amazonaws.com");
      await sdk.iam.send(new iam.CreateRoleCommand({ ...given, AssumeRolePolicyDocument }));
      await role(sdk, "probe-off-path", "ec2.amazonaws.com");
      const { Roles = [] } = await sdk.iam.send(new iam.ListRolesCommand({ PathPrefix: "/probe/" }));
      const names = Roles.map(({ RoleName }) => RoleName).join(", ");
      return `${names}, ${Roles.some(({ Tags = [] }) => Tags.length > 0) ? "with tags" : "without tags"}`;
    },
  },
  {
    operation: "iam:UpdateAssumeRolePolicy",
    question: "an action that is no assuming",
    aws: "400 MalformedPolicyDocumentException",
    source: `${IAM}, UpdateAssumeRolePolicy, errors`,
    async ask(sdk) {
      await role(sdk, "probe-retrust", "ec2.amazonaws.com");
      const Principal = { Service: "ec2.amazonaws.com" };
      const PolicyDocument = policy({ Effect: "Allow", Principal, Action: "s3:GetObject" });
      const given = { RoleName: "probe-retrust", PolicyDocument };
      return outcomeOf(sdk.iam.send(new iam.UpdateAssumeRolePolicyCommand(given)));
    },
  },
  {
    operation: "iam:UpdateAssumeRolePolicy",
    question: "replaces the whole",
    aws: "lambda.amazonaws.com",
    source: `${IAM}, UpdateAssumeRolePolicy`,
    async ask(sdk) {
      const RoleName = "probe-other-trust";
      await role(sdk, RoleName, "ec2.amazonaws.com");
      const PolicyDocument = trust("lambda.amazonaws.com");
      await sdk.iam.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
      const { Role } = await sdk.iam.send(new iam.GetRoleCommand({ RoleName }));
      return /(ec2|lambda)\.amazonaws\.com/.exec(Role?.AssumeRolePolicyDocument ?? "")?.[0] ?? "absent";
    },
  },
  {
    operation: "iam:DeleteRole",
    question: "with an inline policy on it",
    aws: "409 DeleteConflictException",
    source: `${IAM}, DeleteRole`,
    async ask(sdk) {
      const RoleName = "probe-conflict";
      await role(sdk, RoleName, "ec2.amazonaws.com");
      const PolicyDocument = policy({ Effect: "Allow", Action: "s3:*", Resource: "*" });
      await sdk.iam.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument }));
      return outcomeOf(sdk.iam.send(new iam.DeleteRoleCommand({ RoleName })));
    },
  },
  {
    operation: "iam:DeleteRole",
    question: "in an instance profile",
    aws: "409 DeleteConflictException",
    source: `${IAM}, DeleteRole`,
    async ask(sdk) {
      const given = { RoleName: "probe-in-profile", InstanceProfileName: "probe-in-profile" };
      await role(sdk, given.RoleName, "ec2.amazonaws.com");
      await sdk.iam.send(new iam.CreateInstanceProfileCommand(given));
      await sdk.iam.send(new iam.AddRoleToInstanceProfileCommand(given));
      return outcomeOf(sdk.iam.send(new iam.DeleteRoleCommand(given)));
    },
  },
  {
    operation: "iam:DeleteRole",
    question: "what a trust shows that named it: its id, so that no other of its name is trusted",
    aws: "AROA…",
    source: "IAM User Guide, AWS JSON policy elements: Principal",
    async ask(sdk) {
      const AWS = await role(sdk, "probe-trusted", "ec2.amazonaws.com");
      const RoleName = "probe-left";
      const AssumeRolePolicyDocument = policy({ Effect: "Allow", Principal: { AWS }, Action: "sts:AssumeRole" });
      await sdk.iam.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
      await sdk.iam.send(new iam.DeleteRoleCommand({ RoleName: "probe-trusted" }));
      const { Role } = await sdk.iam.send(new iam.GetRoleCommand({ RoleName }));
      const shown = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "{}"));
      return String(shown.Statement?.[0]?.Principal?.AWS)
        .replace(/^AROA\w+$/, "AROA…")
        .replace(/^arn:.*/, "its ARN");
    },
  },
  {
    operation: "iam:TagRole",
    question: "another value for a key of other case: one tag",
    aws: "red",
    source: "IAM User Guide, tags for IAM resources, case sensitivity",
    async ask(sdk) {
      await role(sdk, "probe-tag-case", "ec2.amazonaws.com");
      await tagRole(sdk, "probe-tag-case", "colour", "green");
      await tagRole(sdk, "probe-tag-case", "Colour", "red");
      return tagsOfRole(sdk, "probe-tag-case");
    },
  },
  {
    operation: "iam:TagRole",
    question: "a key that begins with `aws:`",
    aws: "400 InvalidInputException",
    source: "IAM User Guide, tags for IAM resources",
    async ask(sdk) {
      await role(sdk, "probe-system-tag", "ec2.amazonaws.com");
      return outcomeOf(tagRole(sdk, "probe-system-tag", "aws:colour", "green"));
    },
  },
  {
    operation: "iam:TagRole",
    question: "a service-linked role",
    aws: "accepted",
    source: `${IAM}, TagRole`,
    async ask(sdk) {
      const AWSServiceName = "ecs.amazonaws.com";
      const { Role } = await sdk.iam.send(new iam.CreateServiceLinkedRoleCommand({ AWSServiceName }));
      return outcomeOf(tagRole(sdk, Role?.RoleName ?? "", "colour", "green"));
    },
  },
  {
    operation: "iam:UntagRole",
    question: "one key that is there and one that is not",
    aws: "none",
    source: `${IAM}, UntagRole`,
    async ask(sdk) {
      const RoleName = "probe-untagged";
      await role(sdk, RoleName, "ec2.amazonaws.com");
      await tagRole(sdk, RoleName, "colour", "green");
      await sdk.iam.send(new iam.UntagRoleCommand({ RoleName, TagKeys: ["colour", "size"] }));
      return tagsOfRole(sdk, RoleName);
    },
  },
];

function tagRole({ iam: client }: Sdk, RoleName: string, Key: string, Value: string): Promise<unknown> {
  return client.send(new iam.TagRoleCommand({ RoleName, Tags: [{ Key, Value }] }));
}

async function tagsOfRole({ iam: client }: Sdk, RoleName: string): Promise<string> {
  const { Role } = await client.send(new iam.GetRoleCommand({ RoleName }));
  return (Role?.Tags ?? []).map(({ Value }) => Value).join(", ") || "none";
}
