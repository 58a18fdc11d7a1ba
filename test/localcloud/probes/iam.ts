import * as iam from "@aws-sdk/client-iam";
import { policy, role } from "./made.ts";
import type { Probe } from "./probe.ts";

export const iamProbes: readonly Probe[] = [
  {
    operation: "iam:DeleteRole",
    question: "with an inline policy on it",
    aws: "DeleteConflictException",
    source: "IAM API Reference, DeleteRole",
    async ask(sdk) {
      const RoleName = "probe-conflict";
      await role(sdk, RoleName, "ec2.amazonaws.com");
      const PolicyDocument = policy({ Effect: "Allow", Action: "s3:*", Resource: "*" });
      await sdk.iam.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument }));
      await sdk.iam.send(new iam.DeleteRoleCommand({ RoleName }));
      return "deleted";
    },
  },
  {
    operation: "iam:CreateRole",
    question: "of a name that differs in case only",
    aws: "EntityAlreadyExistsException",
    source: "IAM API Reference, CreateRole",
    async ask(sdk) {
      await role(sdk, "probe-case", "ec2.amazonaws.com");
      await role(sdk, "Probe-Case", "ec2.amazonaws.com");
      return "accepted";
    },
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
];
