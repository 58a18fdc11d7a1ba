/**
 * What the daemon and the commands themselves are allowed: the policy of the identity that they run under. Every action
 * that `src/` calls and no other (test/desired/daemon-policy.test.ts), on what bears our names or, where AWS makes up the
 * name, on what carries our owner tag.
 */
import { TAG } from "../core/owner.ts";
import { type Policy, policy, type Statement } from "../core/policy.ts";
import type { AccountFacts } from "../core/resource.ts";
import { ANY_REGION, type Arns, arnsOf, ec2Service } from "./arns.ts";
import { controlBucket, EC2_ACTIONS_ROLE, INSTANCE_ROLE, LAMBDA_ROLE, MANAGED_POLICY } from "./names.ts";
import { allow, ownedBy } from "./policies.ts";

/** Characters of a managed policy, white space not counted (IAM User Guide, "IAM and AWS STS quotas"). */
export const MANAGED_POLICY_MOST = 6_144;

/** A policy that is attached in an account speaks of that account: its number need not be known. */
const ANY_ACCOUNT: AccountFacts = { account: "*", region: ANY_REGION, partition: "aws" };

/**
 * Two documents, because one would be longer than AWS takes: what files pass through, and what works on them.
 * @param owner setting `PIPEWRIGHT_OWNER`
 * @param buckets patterns of the names of users' buckets
 */
export function daemonPolicies(owner: string, buckets: readonly string[]): Record<"files" | "machines", Policy> {
  const arns = arnsOf(ANY_ACCOUNT);
  return {
    files: policy(
      allow("FindByTag", "tag:GetResources", "*"),
      ...bucketAccess(buckets, arns),
      ...queueAccess(arns),
      ...functionAccess(arns),
      ...logAccess(arns),
      ...alarmAccess(arns),
    ),
    machines: policy(...roleAccess(arns), ...clusterAccess(owner, arns), ...machineAccess(owner, arns)),
  };
}

/** `of("sqs", "CreateQueue SetQueueAttributes")` → both with their prefix. */
const of = (service: string, names: string): string[] => names.split(/\s+/).map((name) => `${service}:${name}`);

function bucketAccess(buckets: readonly string[], arns: Arns): Statement[] {
  // Names that users choose; ours between two steps; the control bucket.
  const names = [...new Set([...buckets, "pw-*", controlBucket(ANY_ACCOUNT)])];
  const covered = names.includes("*") ? ["*"] : names;
  return [
    allow("ListAllBuckets", "s3:ListAllMyBuckets", "*"),
    allow(
      "KeepBuckets",
      of(
        "s3",
        `CreateBucket DeleteBucket ListBucket ListBucketVersions ListBucketMultipartUploads TagResource
        GetBucketTagging PutBucketTagging GetBucketPolicy PutBucketPolicy DeleteBucketPolicy
        GetEncryptionConfiguration PutEncryptionConfiguration GetBucketPublicAccessBlock PutBucketPublicAccessBlock
        GetBucketOwnershipControls PutBucketOwnershipControls GetLifecycleConfiguration PutLifecycleConfiguration
        GetBucketNotification PutBucketNotification`,
      ),
      covered.map(arns.bucket),
    ),
    allow(
      "CarryFiles",
      of("s3", "GetObject PutObject DeleteObject DeleteObjectVersion AbortMultipartUpload"),
      covered.map((name) => arns.objects(name, "*")),
    ),
  ];
}

const queueAccess = (arns: Arns): Statement[] => [
  allow("ListQueues", "sqs:ListQueues", "*"),
  allow(
    "KeepQueues",
    of(
      "sqs",
      `CreateQueue DeleteQueue GetQueueAttributes SetQueueAttributes ListQueueTags TagQueue UntagQueue
      SendMessage ReceiveMessage DeleteMessage StartMessageMoveTask ListMessageMoveTasks`,
    ),
    arns.queue("pw-*"),
  ),
];

const functionAccess = (arns: Arns): Statement[] => [
  allow("ListFunctions", of("lambda", "ListFunctions GetAccountSettings"), "*"),
  allow(
    "KeepFunctions",
    of(
      "lambda",
      `CreateFunction DeleteFunction GetFunction UpdateFunctionCode UpdateFunctionConfiguration InvokeFunction
      PutFunctionConcurrency DeleteFunctionConcurrency GetPolicy RemovePermission
      GetFunctionEventInvokeConfig PutFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig
      ListTags TagResource UntagResource`,
    ),
    arns.lambda("pw-*"),
  ),
  {
    ...allow("LetEventsIn", "lambda:AddPermission", arns.lambda("pw-*")),
    Condition: { StringEquals: { "lambda:Principal": ["s3.amazonaws.com", "events.amazonaws.com"] } },
  },
  allow("ListRules", "events:ListRules", "*"),
  allow(
    "KeepRules",
    of(
      "events",
      `PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule
      TagResource UntagResource ListTagsForResource`,
    ),
    arns.rule("pw-*"),
  ),
];

const logAccess = (arns: Arns): Statement[] => [
  allow("ListLogs", "logs:DescribeLogGroups", "*"),
  allow(
    "KeepLogs",
    of(
      "logs",
      "CreateLogGroup DeleteLogGroup PutRetentionPolicy TagResource UntagResource ListTagsForResource FilterLogEvents",
    ),
    ["/aws/lambda/pw-*", "/pipewright/*"].map(arns.logGroup),
  ),
];

const alarmAccess = (arns: Arns): Statement[] => [
  allow("ListAlarms", "cloudwatch:DescribeAlarms", "*"),
  allow(
    "KeepAlarms",
    of("cloudwatch", "PutMetricAlarm DeleteAlarms TagResource UntagResource ListTagsForResource"),
    // Those of the scaler, which the collector takes away, bear the instance's id.
    ["pw-*", "*-shutdown"].map(arns.alarm),
  ),
];

function roleAccess(arns: Arns): Statement[] {
  const ofTasks = ["pw-task-*", "pipewright-execution-*"].map(arns.role);
  // One that a person made may stand under another path; names of roles are unique whatever the path.
  const named = (name: string) => [arns.role(name), arns.role(`*/${name}`)];
  const all = [...ofTasks, ...[LAMBDA_ROLE, INSTANCE_ROLE, EC2_ACTIONS_ROLE].flatMap(named)];
  const handOver = (sid: string, service: string, roles: string[]): Statement => ({
    ...allow(sid, "iam:PassRole", roles),
    Condition: { StringEquals: { "iam:PassedToService": service } },
  });
  return [
    allow("SeeRoles", of("iam", "GetAccountAuthorizationDetails ListRoles ListInstanceProfiles"), "*"),
    allow(
      "ReadRoles",
      of("iam", "GetRole ListRolePolicies GetRolePolicy ListAttachedRolePolicies ListInstanceProfilesForRole"),
      arns.role("*"),
    ),
    allow(
      "KeepRoles",
      of(
        "iam",
        `CreateRole DeleteRole UpdateAssumeRolePolicy PutRolePolicy DeleteRolePolicy DetachRolePolicy
        TagRole UntagRole`,
      ),
      all,
    ),
    {
      ...allow("AttachPolicies", "iam:AttachRolePolicy", all),
      Condition: { ArnEquals: { "iam:PolicyARN": Object.values(MANAGED_POLICY).map(arns.managedPolicy) } },
    },
    allow(
      "KeepProfile",
      of(
        "iam",
        `GetInstanceProfile CreateInstanceProfile DeleteInstanceProfile AddRoleToInstanceProfile
        RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile`,
      ),
      named(INSTANCE_ROLE).map((arn) => arn.replace(":role/", ":instance-profile/")),
    ),
    handOver("PassFunctionRole", "lambda.amazonaws.com", named(LAMBDA_ROLE)),
    handOver("PassInstanceRole", ec2Service(ANY_ACCOUNT), named(INSTANCE_ROLE)),
    handOver("PassTaskRoles", "ecs-tasks.amazonaws.com", ofTasks),
    {
      ...allow("MakeServiceLinkedRoles", "iam:CreateServiceLinkedRole", arns.role("aws-service-role/*")),
      Condition: {
        StringEquals: { "iam:AWSServiceName": ["ecs", "events", "spot"].map((name) => `${name}.amazonaws.com`) },
      },
    },
  ];
}

/** Clusters have the names that files give them, tasks and machines those that ECS makes up: the tag tells ours. */
function clusterAccess(owner: string, arns: Arns): Statement[] {
  const ours = { StringEquals: ownedBy(owner) };
  return [
    // ECS knows no resources for these.
    allow(
      "SeeClusters",
      of("ecs", "ListClusters ListTaskDefinitions DescribeTaskDefinition DeregisterTaskDefinition ListTasks"),
      "*",
    ),
    allow(
      "SeeTasks",
      of("ecs", "DescribeClusters DescribeTasks ListContainerInstances DescribeContainerInstances"),
      ["cluster/*", "task/*", "container-instance/*"].map(arns.ecs),
    ),
    {
      ...allow("MakeInClusters", of("ecs", "CreateCluster RegisterTaskDefinition"), "*"),
      Condition: { StringEquals: bornTo(owner) },
    },
    {
      ...allow("TagAtBirth", "ecs:TagResource", arns.ecs("cluster/*")),
      Condition: { StringEquals: { "ecs:CreateAction": "CreateCluster" } },
    },
    {
      ...allow(
        "KeepClusters",
        of("ecs", "DeleteCluster DeregisterContainerInstance TagResource UntagResource StopTask"),
        ["cluster/*", "task/*"].map(arns.ecs),
      ),
      Condition: ours,
    },
    allow(
      "KeepTaskDefinitions",
      of("ecs", "DeleteTaskDefinitions TagResource UntagResource"),
      arns.ecs("task-definition/pw-*"),
    ),
  ];
}

/** EC2 makes up the ids of all that it holds: what carries our owner tag is ours to change, and what is made must carry it. */
function machineAccess(owner: string, arns: Arns): Statement[] {
  const kinds = ["launch-template/*", "security-group/*"].map(arns.ec2);
  return [
    allow(
      "SeeMachines",
      of(
        "ec2",
        `DescribeInstances DescribeKeyPairs DescribeLaunchTemplates DescribeLaunchTemplateVersions
        DescribeSecurityGroups DescribeSubnets DescribeVpcs`,
      ),
      "*",
    ),
    {
      ...allow("MakeTemplatesAndGroups", of("ec2", "CreateLaunchTemplate CreateSecurityGroup"), kinds),
      Condition: { StringEquals: bornTo(owner) },
    },
    allow("MakeGroupsInVpc", "ec2:CreateSecurityGroup", arns.ec2("vpc/*")),
    {
      ...allow("TagTemplatesAndGroups", "ec2:CreateTags", kinds),
      Condition: { StringEquals: { "ec2:CreateAction": ["CreateLaunchTemplate", "CreateSecurityGroup"] } },
    },
    {
      ...allow(
        "KeepTemplatesAndGroups",
        of(
          "ec2",
          `CreateLaunchTemplateVersion ModifyLaunchTemplate DeleteLaunchTemplate DeleteLaunchTemplateVersions
          AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress
          RevokeSecurityGroupEgress DeleteSecurityGroup TerminateInstances CreateTags DeleteTags`,
        ),
        [...kinds, arns.ec2("instance/*")],
      ),
      Condition: { StringEquals: ownedBy(owner) },
    },
  ];
}

/** The condition that a request gives what it makes our owner tag. */
const bornTo = (owner: string) => ({ [`aws:RequestTag/${TAG.owner}`]: owner });
