/**
 * The policies of the role that enqueuers and scalers share. The account has one such role, so what all regions need names
 * no region: daemons in two regions write the same document. What only the workflows of one region need, clusters of their
 * own choice, stands in a policy that bears the region in its name and is its daemon's alone. Statement by statement, each
 * is there for one thing that the functions do.
 */
import { type Policy, policy, type Statement } from "../core/policy.ts";
import { ANY_REGION, arnsOf, arnsOfAnyRegion, ec2Service } from "./arns.ts";
import type { Facts } from "./facts.ts";
import {
  controlBucket,
  DEFAULT_CLUSTER,
  INSTANCE_ROLE,
  LAMBDA_POLICY,
  regionalLambdaPolicy,
  scalerPrefix,
} from "./names.ts";
import { allow, ownedBy } from "./policies.ts";

/** @param clusters those that workflows of this region use */
export function lambdaPolicies(clusters: readonly string[], facts: Facts): Record<string, Policy> {
  const everywhere = { ...facts, region: ANY_REGION };
  const chosen = clusters.filter((cluster) => cluster !== DEFAULT_CLUSTER);
  return {
    [LAMBDA_POLICY]: policy(
      ...enqueuing(facts),
      ...seeingSteps(facts),
      ...scaling([DEFAULT_CLUSTER], everywhere),
      ...launching(facts),
    ),
    ...(chosen.length > 0 ? { [regionalLambdaPolicy(facts)]: policy(...scaling(chosen, facts)) } : {}),
  };
}

function enqueuing(facts: Facts): Statement[] {
  const arns = arnsOfAnyRegion(facts);
  return [
    allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], arns.logGroup("/aws/lambda/pw-*")),
    allow("SendMessages", ["sqs:SendMessage", "sqs:GetQueueAttributes"], arns.queue("pw-*")),
    allow("NudgeScaler", "lambda:InvokeFunction", arns.lambda("pw-scaler-*")),
  ];
}

function seeingSteps(facts: Facts): Statement[] {
  const arns = arnsOfAnyRegion(facts);
  const bucket = controlBucket({ ...facts, region: ANY_REGION });
  return [
    allow("ReadSteps", "s3:GetObject", arns.objects(bucket, "steps/*")),
    {
      ...allow("ListSteps", "s3:ListBucket", arns.bucket(bucket)),
      Condition: { StringLike: { "s3:prefix": "steps/*" } },
    },
  ];
}

/** What is bound to clusters. @param facts with the region, or any, in which these clusters are */
function scaling(clusters: readonly string[], facts: Facts): Statement[] {
  const arns = arnsOf(facts);
  const ours = { ArnLike: { "ecs:cluster": clusters.map(arns.cluster) } };
  return [
    allow(
      "KeepLeaseAndFailures",
      ["s3:GetObject", "s3:PutObject"],
      clusters.map((cluster) => arns.objects(controlBucket(facts), `${scalerPrefix(cluster)}*`)),
    ),
    { ...allow("RunTasks", "ecs:RunTask", arns.ecs("task-definition/pw-*")), Condition: ours },
    // Listing tasks knows no resource: the condition alone binds it to our clusters.
    { ...allow("ListTasks", "ecs:ListTasks", "*"), Condition: ours },
    { ...allow("WatchAndStopTasks", ["ecs:DescribeTasks", "ecs:StopTask"], arns.ecs("task/*")), Condition: ours },
    // For these calls the cluster itself is the resource.
    allow(
      "ListAndRemoveContainerInstances",
      ["ecs:ListContainerInstances", "ecs:DeregisterContainerInstance"],
      clusters.map(arns.cluster),
    ),
    {
      ...allow(
        "WatchAndDrainContainerInstances",
        ["ecs:DescribeContainerInstances", "ecs:UpdateContainerInstancesState"],
        arns.ecs("container-instance/*"),
      ),
      Condition: ours,
    },
  ];
}

/** Tasks and instances come into being with their tags and roles. */
function launching(facts: Facts): Statement[] {
  const arns = arnsOfAnyRegion(facts);
  const ours = { StringEquals: ownedBy(facts.owner) };
  return [
    {
      ...allow("TagTasks", "ecs:TagResource", arns.ecs("task/*")),
      Condition: { StringEquals: { "ecs:CreateAction": "RunTask" } },
    },
    {
      ...allow("PassTaskRoles", "iam:PassRole", [arns.role("pw-task-*"), arns.role("pipewright-execution-*")]),
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
    allow("SeeInstances", ["ec2:DescribeInstances", "ec2:DescribeSubnets", "ec2:DescribeLaunchTemplates"], "*"),
    { ...allow("LaunchFromOurTemplates", "ec2:RunInstances", arns.ec2("launch-template/*")), Condition: ours },
    {
      // A Spot request that is given no tags is not looked at (EC2 User Guide, "Example policies", Spot Instances).
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
      Condition: { StringEquals: { "iam:PassedToService": ec2Service(facts) } },
    },
    { ...allow("EndOurInstances", "ec2:TerminateInstances", arns.ec2("instance/*")), Condition: ours },
    // AWS does not publish whether a call that names alarms is judged by those alone; its refusals name all of them.
    allow("SeeShutdownAlarms", "cloudwatch:DescribeAlarms", arns.alarm("*")),
    {
      ...allow(
        "KeepShutdownAlarms",
        ["PutMetricAlarm", "DeleteAlarms", "TagResource"].map((action) => `cloudwatch:${action}`),
        arns.alarm("*-shutdown"),
      ),
      // Calls that name no alarm action pass: the condition is about each of those that are named.
      Condition: { "ForAllValues:StringLike": { "cloudwatch:AlarmActions": arns.terminateAction } },
    },
  ];
}
