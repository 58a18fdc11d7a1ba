/** What others do behind our back: one owned field of each kind changed, and each kind deleted. By the plain SDK. */

import { DeleteAlarmsCommand, DescribeAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { DeleteLogGroupCommand, PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DeleteSecurityGroupCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSecurityGroupsCommand,
  ModifyLaunchTemplateCommand,
  type RequestLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import {
  DeleteClusterCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecs";
import { DeleteRuleCommand, DisableRuleCommand, RemoveTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  DeleteFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { DeleteQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { GapName } from "../support/lies.ts";
import type { World } from "./world.ts";

/** Something done to the sample workflow, or to what all workflows share. */
export interface Tampering {
  readonly key: string;
  /** The owned field, as `plan` names it. */
  readonly path: string;
  change(world: World): Promise<unknown>;
  /** What a cloud must be able to do for this to be repaired there. */
  readonly needs?: Parameters<World["backend"]["cannot"]>[0];
  /** What our writes may name in its place: an id that AWS generated. */
  alsoNamed?(world: World): Promise<string[]>;
  /** The backend's gap that makes a repair of it impossible there. */
  spoiltBy?: GapName;
}

export const BASE = "pw-change123-change123-s3";
export const INPUT = "container-clouds-input";
const CONTROL = "pipewright-123456789012-us-east-1";
const SCALER = "pw-scaler-pipewright";
const TASK_ROLE = "pw-task-us-east-1-change123";
export const STEP = `${CONTROL}/steps/pipewright/change123/change123-s3.json`;
const stepKey = STEP.slice(CONTROL.length + 1);

export const queueUrl = ({ backend }: World, name: string): string =>
  `${backend.endpoint}/${backend.account.account}/${name}`;

const CHANGES: readonly Tampering[] = [
  {
    key: `role/${TASK_ROLE}`,
    path: "inline.Intruder",
    change: ({ sdk }) => putInlinePolicy(sdk, TASK_ROLE, "Intruder"),
  },
  {
    key: "role/lambda_exec_role",
    path: "attached.arn:aws:iam::aws:policy/CloudWatchActionsEC2Access",
    change: ({ sdk }) =>
      sdk.iam.send(
        new AttachRolePolicyCommand({
          RoleName: "lambda_exec_role",
          PolicyArn: "arn:aws:iam::aws:policy/CloudWatchActionsEC2Access",
        }),
      ),
  },
  {
    key: "instance-profile/ecsInstanceRole",
    path: "role",
    async change({ sdk }) {
      const InstanceProfileName = "ecsInstanceRole";
      await makeRole(sdk, "theirs", "ec2.amazonaws.com");
      await sdk.iam.send(
        new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName: "ecsInstanceRole" }),
      );
      await sdk.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: "theirs" }));
    },
  },
  {
    key: `bucket/${INPUT}`,
    path: "publicAccessBlocked",
    change: ({ sdk }) => sdk.s3.send(new DeletePublicAccessBlockCommand({ Bucket: INPUT })),
  },
  {
    key: `queue/${BASE}`,
    path: "visibilityTimeoutSeconds",
    change: (world) =>
      world.sdk.sqs.send(
        new SetQueueAttributesCommand({ QueueUrl: queueUrl(world, BASE), Attributes: { VisibilityTimeout: "1" } }),
      ),
  },
  {
    key: `log-group//aws/lambda/${BASE}`,
    path: "retentionInDays",
    change: ({ sdk }) =>
      sdk.logs.send(new PutRetentionPolicyCommand({ logGroupName: `/aws/lambda/${BASE}`, retentionInDays: 1 })),
  },
  {
    key: "cluster/pipewright",
    path: "tags.pipewright:resource",
    change: ({ sdk, backend: { account, region } }) =>
      sdk.ecs.send(
        new UntagResourceCommand({
          resourceArn: `arn:aws:ecs:${region}:${account.account}:cluster/pipewright`,
          tagKeys: ["pipewright:resource"],
        }),
      ),
  },
  {
    key: "security-group/pipewright",
    path: "ingress",
    async change(world) {
      const IpPermissions = [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
      const GroupId = await groupId(world);
      await world.sdk.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    },
    alsoNamed: async (world) => [await groupId(world)],
  },
  {
    key: `task-definition/${BASE}`,
    path: "containers.algorithm.image",
    async change({ sdk }) {
      const { taskDefinition, tags } = await sdk.ecs.send(
        new DescribeTaskDefinitionCommand({ taskDefinition: BASE, include: ["TAGS"] }),
      );
      const { containerDefinitions = [], executionRoleArn, networkMode, taskRoleArn, volumes } = taskDefinition!;
      await sdk.ecs.send(
        new RegisterTaskDefinitionCommand({
          ...{ family: BASE, executionRoleArn, networkMode, taskRoleArn, volumes, tags },
          requiresCompatibilities: ["EC2"],
          containerDefinitions: containerDefinitions.map((one) =>
            one.name === "algorithm" ? { ...one, image: "theirs/miner" } : one,
          ),
        }),
      );
    },
  },
  {
    key: `launch-template/${BASE}`,
    path: "instanceType",
    async change({ sdk }) {
      const { LaunchTemplateVersions } = await sdk.ec2.send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: BASE, Versions: ["$Default"] }),
      );
      const standing = LaunchTemplateVersions?.[0]?.LaunchTemplateData as RequestLaunchTemplateData;
      const LaunchTemplateData = { ...standing, InstanceType: "p5.48xlarge" as const };
      const made = await sdk.ec2.send(
        new CreateLaunchTemplateVersionCommand({ LaunchTemplateName: BASE, LaunchTemplateData }),
      );
      const DefaultVersion = String(made.LaunchTemplateVersion!.VersionNumber);
      await sdk.ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName: BASE, DefaultVersion }));
    },
    async alsoNamed({ sdk }) {
      const { LaunchTemplates } = await sdk.ec2.send(
        new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [BASE] }),
      );
      return [LaunchTemplates![0]!.LaunchTemplateId!];
    },
  },
  {
    key: `function/${BASE}`,
    path: "timeoutSeconds",
    change: ({ sdk }) => sdk.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: BASE, Timeout: 3 })),
  },
  {
    key: `function-permission/${BASE}`,
    path: "statements.Intruder",
    change: ({ sdk }) =>
      sdk.lambda.send(
        new AddPermissionCommand({
          FunctionName: BASE,
          StatementId: "Intruder",
          Action: "lambda:InvokeFunction",
          Principal: "sns.amazonaws.com",
        }),
      ),
  },
  {
    key: `event-invoke-config/${BASE}`,
    path: "maximumRetryAttempts",
    spoiltBy: "invoke-config-replaced",
    needs: "invoke-config-replaced",
    async change({ sdk, backend: { account, region } }) {
      // Some clouds let a second configuration not replace the first.
      await sdk.lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName: BASE }));
      await sdk.lambda.send(
        new PutFunctionEventInvokeConfigCommand({
          FunctionName: BASE,
          MaximumEventAgeInSeconds: 21_600,
          MaximumRetryAttempts: 0,
          DestinationConfig: {
            OnFailure: { Destination: `arn:aws:sqs:${region}:${account.account}:${BASE}-undelivered` },
          },
        }),
      );
    },
  },
  {
    key: `rule/${SCALER}`,
    path: "state",
    change: ({ sdk }) => sdk.events.send(new DisableRuleCommand({ Name: SCALER })),
  },
  {
    key: `object/${STEP}`,
    path: "body",
    change: ({ sdk }) =>
      sdk.s3.send(new PutObjectCommand({ Bucket: CONTROL, Key: stepKey, Body: "{}", ContentType: "application/json" })),
  },
  {
    key: `alarm/${BASE}-backlog`,
    path: "threshold",
    async change({ sdk }) {
      const AlarmName = `${BASE}-backlog`;
      const { MetricAlarms } = await sdk.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
      const {
        AlarmDescription,
        Namespace,
        MetricName,
        Dimensions,
        Statistic,
        Period,
        EvaluationPeriods,
        ComparisonOperator,
        TreatMissingData,
      } = MetricAlarms![0]!;
      await sdk.cloudwatch.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName, AlarmDescription, Namespace, MetricName, Dimensions, Statistic, Period, EvaluationPeriods },
          ...{ ComparisonOperator, TreatMissingData },
          Threshold: 1,
        }),
      );
    },
  },
  {
    key: `notification/${INPUT}`,
    path: "events",
    async change({ sdk }) {
      const { LambdaFunctionConfigurations = [] } = await sdk.s3.send(
        new GetBucketNotificationConfigurationCommand({ Bucket: INPUT }),
      );
      await sdk.s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket: INPUT,
          NotificationConfiguration: {
            LambdaFunctionConfigurations: LambdaFunctionConfigurations.map((one) => ({
              ...one,
              Events: ["s3:ObjectCreated:Put"],
            })),
          },
        }),
      );
    },
  },
];

/** Those that can be repaired on this cloud; the others are named with the reason. */
export function changesOn({ backend }: World): readonly Tampering[] {
  return CHANGES.filter(({ key, needs }) => {
    const why = needs && backend.cannot(needs);
    if (why) console.log(`left out on ${backend.name}, which ${why}: ${key}`);
    return !why;
  });
}

/** Each kind gone. What else went with it by AWS's own rules comes back too. */
export const DELETIONS: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  role: ({ sdk }) => deleteRole(sdk, TASK_ROLE),
  async "instance-profile"({ sdk }) {
    const InstanceProfileName = "ecsInstanceRole";
    await sdk.iam.send(
      new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName: InstanceProfileName }),
    );
    await sdk.iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
  },
  bucket: ({ sdk }) => sdk.s3.send(new DeleteBucketCommand({ Bucket: INPUT })),
  async queue(world) {
    await world.sdk.sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl(world, BASE) }));
    // SQS keeps a name back for a minute.
    world.backend.cloud?.world.clock.step(60_000);
  },
  "log-group": ({ sdk }) => sdk.logs.send(new DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${BASE}` })),
  cluster: ({ sdk }) => sdk.ecs.send(new DeleteClusterCommand({ cluster: "pipewright" })),
  "security-group": async (world) =>
    world.sdk.ec2.send(new DeleteSecurityGroupCommand({ GroupId: await groupId(world) })),
  "task-definition": ({ sdk }) => sdk.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: `${BASE}:1` })),
  "launch-template": ({ sdk }) => sdk.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: BASE })),
  function: ({ sdk }) => sdk.lambda.send(new DeleteFunctionCommand({ FunctionName: BASE })),
  "function-permission": ({ sdk }) =>
    sdk.lambda.send(new RemovePermissionCommand({ FunctionName: BASE, StatementId: "PipewrightUploads" })),
  "event-invoke-config": ({ sdk }) =>
    sdk.lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName: BASE })),
  async rule({ sdk }) {
    await sdk.events.send(new RemoveTargetsCommand({ Rule: SCALER, Ids: ["scaler"] }));
    await sdk.events.send(new DeleteRuleCommand({ Name: SCALER }));
  },
  object: ({ sdk }) => sdk.s3.send(new DeleteObjectCommand({ Bucket: CONTROL, Key: stepKey })),
  alarm: ({ sdk }) => sdk.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [`${BASE}-backlog`] })),
  notification: ({ sdk }) =>
    sdk.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: INPUT, NotificationConfiguration: {} })),
};

type Sdk = World["sdk"];

export async function makeRole({ iam }: Sdk, RoleName: string, service: string, Path = "/"): Promise<void> {
  const statement = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument }));
}

export async function putInlinePolicy({ iam }: Sdk, RoleName: string, PolicyName: string): Promise<void> {
  const statement = { Effect: "Allow", Action: "dynamodb:GetItem", Resource: "*" };
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
}

export async function deleteRole({ iam }: Sdk, RoleName: string): Promise<void> {
  const inline = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of inline.PolicyNames ?? [])
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  for (const { PolicyArn } of attached.AttachedPolicies ?? []) {
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  }
  await iam.send(new DeleteRoleCommand({ RoleName }));
}

async function groupId({ sdk }: World): Promise<string> {
  const Filters = [{ Name: "group-name", Values: ["pipewright"] }];
  const { SecurityGroups } = await sdk.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  return SecurityGroups![0]!.GroupId!;
}
