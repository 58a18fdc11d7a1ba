/**
 * The policy of the role that enqueuers and scalers share. The account has one such role, so it names no region: daemons
 * in two regions write the same document. Statement by statement, each is there for one thing that the functions do.
 */
import { type Policy, policy, type Statement } from "../core/policy.ts";
import { arnsOfAnyRegion } from "./arns.ts";
import type { Facts } from "./facts.ts";
import { controlBucket, INSTANCE_ROLE, scalerPrefix } from "./names.ts";
import { allow, ownedBy } from "./policies.ts";

/** @param clusters the clusters that workflows of this account use */
export function lambdaPolicy(clusters: readonly string[], facts: Facts): Policy {
  return policy(...enqueuing(facts), ...remembering(clusters, facts), ...tasks(clusters, facts), ...instances(facts));
}

function enqueuing(facts: Facts): Statement[] {
  const arns = arnsOfAnyRegion(facts);
  return [
    allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], arns.logGroup("/aws/lambda/pw-*")),
    allow("SendMessages", ["sqs:SendMessage", "sqs:GetQueueAttributes"], arns.queue("pw-*")),
    allow("NudgeScaler", "lambda:InvokeFunction", arns.lambda("pw-scaler-*")),
  ];
}

function remembering(clusters: readonly string[], facts: Facts): Statement[] {
  const arns = arnsOfAnyRegion(facts);
  const bucket = controlBucket({ ...facts, region: "*" });
  return [
    allow("ReadSteps", "s3:GetObject", arns.objects(bucket, "steps/*")),
    {
      ...allow("ListSteps", "s3:ListBucket", arns.bucket(bucket)),
      Condition: { StringLike: { "s3:prefix": "steps/*" } },
    },
    allow(
      "KeepLeaseAndFailures",
      ["s3:GetObject", "s3:PutObject"],
      clusters.map((cluster) => arns.objects(bucket, `${scalerPrefix(cluster)}*`)),
    ),
  ];
}

function tasks(clusters: readonly string[], facts: Facts): Statement[] {
  const arns = arnsOfAnyRegion(facts);
  const ours = { ArnLike: { "ecs:cluster": clusters.map(arns.cluster) } };
  return [
    { ...allow("RunTasks", "ecs:RunTask", arns.ecs("task-definition/pw-*")), Condition: ours },
    // Listing tasks knows no resource: the condition alone binds it to our clusters.
    { ...allow("ListTasks", "ecs:ListTasks", "*"), Condition: ours },
    { ...allow("WatchAndStopTasks", ["ecs:DescribeTasks", "ecs:StopTask"], arns.ecs("task/*")), Condition: ours },
    // For this call the cluster itself is the resource.
    allow("ListContainerInstances", "ecs:ListContainerInstances", clusters.map(arns.cluster)),
    {
      ...allow(
        "WatchAndDrainContainerInstances",
        ["ecs:DescribeContainerInstances", "ecs:UpdateContainerInstancesState"],
        arns.ecs("container-instance/*"),
      ),
      Condition: ours,
    },
    {
      ...allow("TagTasks", "ecs:TagResource", arns.ecs("task/*")),
      Condition: { StringEquals: { "ecs:CreateAction": "RunTask" } },
    },
    {
      ...allow("PassTaskRoles", "iam:PassRole", [arns.role("pw-task-*"), arns.role("pipewright-execution-*")]),
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
  ];
}

function instances(facts: Facts): Statement[] {
  const arns = arnsOfAnyRegion(facts);
  const ours = { StringEquals: ownedBy(facts.owner) };
  return [
    allow("SeeInstances", ["ec2:DescribeInstances", "ec2:DescribeSubnets", "ec2:DescribeLaunchTemplates"], "*"),
    { ...allow("LaunchFromOurTemplates", "ec2:RunInstances", arns.ec2("launch-template/*")), Condition: ours },
    {
      ...allow("LaunchWith", "ec2:RunInstances", [
        ...["instance/*", "volume/*", "network-interface/*", "subnet/*", "security-group/*", "key-pair/*"].map(
          arns.ec2,
        ),
        arns.publicImage,
      ]),
      Condition: { ArnLike: { "ec2:LaunchTemplate": arns.ec2("launch-template/*") } },
    },
    {
      ...allow("TagWhatIsLaunched", "ec2:CreateTags", ["instance/*", "volume/*"].map(arns.ec2)),
      Condition: { StringEquals: { "ec2:CreateAction": "RunInstances" } },
    },
    // The template names its machine image by a public parameter, which is read in the name of whoever launches.
    allow("FindMachineImage", "ssm:GetParameters", arns.publicParameter("/aws/service/ecs/optimized-ami/*")),
    {
      // A role made by hand may stand under another path; names of roles are unique whatever the path.
      ...allow("PassInstanceRole", "iam:PassRole", [arns.role(INSTANCE_ROLE), arns.role(`*/${INSTANCE_ROLE}`)]),
      Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
    },
    { ...allow("EndOurInstances", "ec2:TerminateInstances", arns.ec2("instance/*")), Condition: ours },
    {
      ...allow(
        "KeepShutdownAlarms",
        ["PutMetricAlarm", "DeleteAlarms", "DescribeAlarms", "TagResource"].map((action) => `cloudwatch:${action}`),
        arns.alarm("*-shutdown"),
      ),
      // Calls that name no alarm action pass: the condition is about each of those that are named.
      Condition: { "ForAllValues:StringLike": { "cloudwatch:AlarmActions": arns.terminateAction } },
    },
  ];
}
