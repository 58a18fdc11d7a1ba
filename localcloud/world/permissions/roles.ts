import { arn } from "../../services/arn.ts";
import type { Need } from "../policy/evaluate.ts";
import type { Ask, NeedsOf } from "./ask.ts";
import { passRole } from "./ecs.ts";

const role = (name: string, { account }: Ask["call"]): string => `arn:aws:iam::${account}:role/${name}`;

/** IAM's operations whose conditions speak of more than the role. */
export const iamNeeds: NeedsOf = {
  AttachRolePolicy: ({ input, call }) => [
    {
      action: "iam:AttachRolePolicy",
      resource: role(input.RoleName, call),
      context: { "iam:policyarn": [input.PolicyArn] },
    },
  ],
  CreateServiceLinkedRole: ({ input, call }) => [
    {
      action: "iam:CreateServiceLinkedRole",
      resource: role(`aws-service-role/${input.AWSServiceName}/*`, call),
      context: { "iam:awsservicename": [input.AWSServiceName] },
    },
  ],
  // Whoever puts a role into a profile hands it to the machines that bear the profile.
  AddRoleToInstanceProfile: ({ input, call }) => [
    {
      action: "iam:AddRoleToInstanceProfile",
      resource: `arn:aws:iam::${call.account}:instance-profile/${input.InstanceProfileName}`,
    },
    passRole(role(input.RoleName, call), "ec2.amazonaws.com"),
  ],
};

export const lambdaNeeds: NeedsOf = {
  Invoke: (ask) => [{ ...onFunction(ask), action: "lambda:InvokeFunction" }],
  CreateFunction: (ask) => [onFunction(ask), passRole(ask.input.Role, "lambda.amazonaws.com")],
  UpdateFunctionConfiguration: (ask) => [
    onFunction(ask),
    ...(ask.input.Role === undefined ? [] : [passRole(ask.input.Role, "lambda.amazonaws.com")]),
  ],
  AddPermission: (ask) => [{ ...onFunction(ask), context: { "lambda:principal": [ask.input.Principal] } }],
};

const onFunction = ({ input, call, operation }: Ask): Need => ({
  action: `lambda:${operation}`,
  resource: functionArn(input.FunctionName ?? "", call),
});

/** Given by name, by `account:function:name` or by ARN, with a version or without. */
function functionArn(given: string, { account, region }: Ask["call"]): string {
  const name = given.replace(/^.*function:/, "").replace(/:.*$/, "");
  return given.startsWith("arn:")
    ? given.replace(/:\$LATEST$/, "")
    : arn("lambda", region, account, `function:${name}`);
}
