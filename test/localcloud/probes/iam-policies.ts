import * as iam from "@aws-sdk/client-iam";
import type { Sdk } from "../../support/sdk.ts";
import { policy, role } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";

const IAM = "IAM API Reference";
const AWS_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";

/** Policies of roles, and instance profiles. */
export const iamPolicyProbes: readonly Probe[] = [
  {
    operation: "iam:PutRolePolicy",
    question: "a second one of the name replaces the first",
    aws: "sqs%3A%2A",
    source: `${IAM}, PutRolePolicy`,
    async ask(sdk) {
      await role(sdk, "probe-replaced", "ec2.amazonaws.com");
      for (const Action of ["s3:*", "sqs:*"]) await put(sdk, "probe-replaced", { Action });
      return documentOf(sdk, "probe-replaced");
    },
  },
  {
    operation: "iam:PutRolePolicy",
    question: "that names a principal",
    aws: "400 MalformedPolicyDocumentException",
    source: "IAM User Guide, AWS JSON policy elements: Principal",
    async ask(sdk) {
      await role(sdk, "probe-principal", "ec2.amazonaws.com");
      return outcomeOf(put(sdk, "probe-principal", { Principal: "*" }));
    },
  },
  {
    operation: "iam:PutRolePolicy",
    question: "more than 10,240 characters on one role",
    aws: "409 LimitExceededException",
    source: "IAM User Guide, IAM and STS quotas",
    async ask(sdk) {
      await role(sdk, "probe-long", "ec2.amazonaws.com");
      return outcomeOf(put(sdk, "probe-long", { Resource: `arn:aws:s3:::${"x".repeat(10_240)}` }));
    },
  },
  {
    operation: "iam:GetRolePolicy",
    question: "how the document comes: URL-encoded after RFC 3986, the star too",
    aws: "s3%3A%2A",
    source: `${IAM}, GetRolePolicy`,
    async ask(sdk) {
      await role(sdk, "probe-star", "ec2.amazonaws.com");
      await put(sdk, "probe-star");
      return documentOf(sdk, "probe-star");
    },
  },
  {
    operation: "iam:ListRolePolicies",
    question: "two pages of one",
    aws: "a then b",
    source: `${IAM}, ListRolePolicies`,
    async ask(sdk) {
      const RoleName = "probe-policies";
      await role(sdk, RoleName, "ec2.amazonaws.com");
      for (const name of ["b", "a"]) await put(sdk, RoleName, {}, name);
      const pages: string[] = [];
      let Marker: string | undefined;
      do {
        const page = await sdk.iam.send(new iam.ListRolePoliciesCommand({ RoleName, MaxItems: 1, Marker }));
        pages.push((page.PolicyNames ?? []).join(", "));
        Marker = page.IsTruncated ? page.Marker : undefined;
      } while (Marker && pages.length < 5);
      return pages.sort().join(" then ");
    },
  },
  {
    operation: "iam:DeleteRolePolicy",
    question: "that is not there",
    aws: "404 NoSuchEntityException",
    source: `${IAM}, DeleteRolePolicy, errors`,
    async ask(sdk) {
      const RoleName = "probe-no-policy";
      await role(sdk, RoleName, "ec2.amazonaws.com");
      return outcomeOf(sdk.iam.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: "none" })));
    },
  },
  {
    operation: "iam:AttachRolePolicy",
    question: "one that AWS manages",
    aws: "accepted",
    source: "AWS Managed Policy Reference, AmazonEC2ContainerServiceforEC2Role",
    async ask(sdk) {
      await role(sdk, "probe-managed", "ec2.amazonaws.com");
      return outcomeOf(attach(sdk, "probe-managed", AWS_POLICY));
    },
  },
  {
    operation: "iam:AttachRolePolicy",
    question: "one that is not there",
    aws: "404 NoSuchEntityException",
    source: `${IAM}, AttachRolePolicy, errors`,
    async ask(sdk) {
      await role(sdk, "probe-missing", "ec2.amazonaws.com");
      return outcomeOf(attach(sdk, "probe-missing", "arn:aws:iam::aws:policy/ProbeNone"));
    },
  },
  {
    operation: "iam:AttachRolePolicy",
    question: "the policy of a service-linked role",
    aws: "400 PolicyNotAttachableException",
    source: `${IAM}, AttachRolePolicy, errors`,
    async ask(sdk) {
      await role(sdk, "probe-linked", "ec2.amazonaws.com");
      const arn = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy";
      return outcomeOf(attach(sdk, "probe-linked", arn));
    },
  },
  {
    operation: "iam:ListAttachedRolePolicies",
    question: "the name of one on a path",
    aws: "AmazonEC2ContainerServiceforEC2Role",
    source: `${IAM}, ListAttachedRolePolicies`,
    async ask(sdk) {
      const RoleName = "probe-attached";
      await role(sdk, RoleName, "ec2.amazonaws.com");
      await attach(sdk, RoleName, AWS_POLICY);
      const { AttachedPolicies } = await sdk.iam.send(new iam.ListAttachedRolePoliciesCommand({ RoleName }));
      return AttachedPolicies?.[0]?.PolicyName ?? "none";
    },
  },
  {
    operation: "iam:DetachRolePolicy",
    question: "one that is not attached",
    aws: "404 NoSuchEntityException",
    source: `${IAM}, DetachRolePolicy, errors`,
    async ask(sdk) {
      const RoleName = "probe-detached";
      await role(sdk, RoleName, "ec2.amazonaws.com");
      return outcomeOf(sdk.iam.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn: AWS_POLICY })));
    },
  },
  {
    operation: "iam:GetAccountAuthorizationDetails",
    question: "of roles: an inline policy is told, users are not",
    aws: "s3%3A%2A, 0 users",
    source: `${IAM}, GetAccountAuthorizationDetails`,
    async ask(sdk) {
      await role(sdk, "probe-details", "ec2.amazonaws.com");
      await put(sdk, "probe-details");
      const given = { Filter: ["Role" as const], MaxItems: 1000 };
      const answer = await sdk.iam.send(new iam.GetAccountAuthorizationDetailsCommand(given));
      const found = answer.RoleDetailList?.find(({ RoleName }) => RoleName === "probe-details");
      return `${actionIn(found?.RolePolicyList?.[0]?.PolicyDocument)}, ${answer.UserDetailList?.length ?? 0} users`;
    },
  },
  {
    operation: "iam:GetAccountAuthorizationDetails",
    question: "of roles: tags and instance profiles are told",
    aws: "green, probe-detailed",
    source: `${IAM}, RoleDetail`,
    async ask(sdk) {
      const given = { RoleName: "probe-detailed", InstanceProfileName: "probe-detailed" };
      await role(sdk, given.RoleName, "ec2.amazonaws.com");
      await sdk.iam.send(new iam.TagRoleCommand({ ...given, Tags: [{ Key: "colour", Value: "green" }] }));
      await sdk.iam.send(new iam.CreateInstanceProfileCommand(given));
      await sdk.iam.send(new iam.AddRoleToInstanceProfileCommand(given));
      const roles = { Filter: ["Role" as const], MaxItems: 1000 };
      const { RoleDetailList } = await sdk.iam.send(new iam.GetAccountAuthorizationDetailsCommand(roles));
      const found = RoleDetailList?.find(({ RoleName }) => RoleName === given.RoleName);
      return `${found?.Tags?.[0]?.Value}, ${found?.InstanceProfileList?.[0]?.InstanceProfileName}`;
    },
  },
];

function put({ iam: client }: Sdk, RoleName: string, more: object = {}, PolicyName = "own"): Promise<unknown> {
  const PolicyDocument = policy({ Effect: "Allow", Action: "s3:*", Resource: "*", ...more });
  return client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
}

function attach({ iam: client }: Sdk, RoleName: string, PolicyArn: string): Promise<unknown> {
  return client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn }));
}

async function documentOf({ iam: client }: Sdk, RoleName: string): Promise<string> {
  return actionIn((await client.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName: "own" }))).PolicyDocument);
}

/** The action as it is written there, encoded or not. */
function actionIn(document = ""): string {
  return /(s3|sqs)(%3A|:)(%2A|\*)/.exec(document)?.[0] ?? "absent";
}
