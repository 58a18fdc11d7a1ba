import { stepsOf } from "./walk.ts";

const CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/walk";
const ALARM = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:walk";
const AGENT = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
const cluster = { cluster: "walk" };
const role = { RoleName: "walk" };
const profile = { InstanceProfileName: "walk" };
const template = { LaunchTemplateName: "walk" };
const ANYWHERE = {
  IpProtocol: "tcp",
  FromPort: 443,
  ToPort: 443,
  IpRanges: [{ CidrIp: "10.0.0.0/8", Description: "a" }],
};
const policy = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
const trust = (Service: string) => policy({ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" });
const userData = Buffer.from("#!/bin/bash\necho ECS_CLUSTER=walk >> /etc/ecs/ecs.config\n").toString("base64");

export const computeSteps = [
  ...stepsOf("iam", [
    ["CreateRole", { ...role, AssumeRolePolicyDocument: trust("lambda.amazonaws.com"), Description: "für <EC2>" }],
    ["UpdateAssumeRolePolicy", { ...role, PolicyDocument: trust("ec2.amazonaws.com") }],
    ["GetRole", role],
    ["ListRoles", {}],
    ["TagRole", { ...role, Tags: [{ Key: "colour", Value: "grün & blau" }] }],
    [
      "PutRolePolicy",
      { ...role, PolicyName: "own", PolicyDocument: policy({ Effect: "Allow", Action: "s3:*", Resource: "*" }) },
    ],
    ["GetRolePolicy", { ...role, PolicyName: "own" }],
    ["ListRolePolicies", role],
    ["AttachRolePolicy", { ...role, PolicyArn: AGENT }],
    ["ListAttachedRolePolicies", role],
    ["CreateInstanceProfile", profile],
    ["TagInstanceProfile", { ...profile, Tags: [{ Key: "colour", Value: "green" }] }],
    ["AddRoleToInstanceProfile", { ...profile, ...role }],
    ["GetInstanceProfile", profile],
    ["ListInstanceProfiles", {}],
    ["ListInstanceProfilesForRole", role],
    ["GetAccountAuthorizationDetails", { Filter: ["Role"] }],
    ["CreateServiceLinkedRole", { AWSServiceName: "events.amazonaws.com" }],
  ]),

  ...stepsOf("ec2", [
    ["DescribeVpcs", { Filters: [{ Name: "is-default", Values: ["true"] }] }],
    ["DescribeSubnets", {}],
    ["CreateKeyPair", { KeyName: "walk" }],
    ["DescribeKeyPairs", { Filters: [{ Name: "key-name", Values: ["walk"] }] }],
    [
      "CreateSecurityGroup",
      (got) => ({ GroupName: "walk", Description: "a walk", VpcId: got("DescribeVpcs").Vpcs[0].VpcId }),
    ],
    ["AuthorizeSecurityGroupIngress", (got) => ({ ...group(got), IpPermissions: [ANYWHERE] })],
    ["AuthorizeSecurityGroupEgress", (got) => ({ ...group(got), IpPermissions: [ANYWHERE] })],
    ["DescribeSecurityGroups", (got) => ({ GroupIds: [group(got).GroupId] })],
    ["RevokeSecurityGroupEgress", (got) => ({ ...group(got), IpPermissions: [ANYWHERE] })],
    ["RevokeSecurityGroupIngress", (got) => ({ ...group(got), IpPermissions: [ANYWHERE] })],
    ["CreateTags", (got) => ({ Resources: [group(got).GroupId], Tags: [{ Key: "colour", Value: "grün & blau" }] })],
    ["DeleteTags", (got) => ({ Resources: [group(got).GroupId], Tags: [{ Key: "colour" }] })],
    [
      "CreateLaunchTemplate",
      {
        ...template,
        LaunchTemplateData: {
          ImageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
          InstanceType: "t3.micro",
          IamInstanceProfile: { Name: "walk" },
          UserData: userData,
          MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
        },
      },
    ],
    [
      "CreateLaunchTemplateVersion",
      { ...template, SourceVersion: "1", LaunchTemplateData: { InstanceType: "t3.small" } },
    ],
    ["ModifyLaunchTemplate", { ...template, DefaultVersion: "2" }],
    ["DescribeLaunchTemplates", { LaunchTemplateNames: ["walk"] }],
    ["DescribeLaunchTemplateVersions", { ...template, Versions: ["$Latest", "1"] }],
    ["DeleteLaunchTemplateVersions", { ...template, Versions: ["1"] }],
  ]),

  ...stepsOf("ecs", [
    ["CreateCluster", { clusterName: "walk", tags: [{ key: "colour", value: "green" }] }],
    ["ListClusters", {}],
    ["DescribeClusters", { clusters: ["walk", "none"], include: ["TAGS", "SETTINGS"] }],
    [
      "RegisterTaskDefinition",
      {
        family: "walk",
        containerDefinitions: [{ name: "a", image: "busybox", memory: 64, environment: [{ name: "A", value: "ü" }] }],
      },
    ],
    ["ListTaskDefinitions", { familyPrefix: "walk" }],
    ["DescribeTaskDefinition", { taskDefinition: "walk", include: ["TAGS"] }],
  ]),
  ...stepsOf("ec2", [
    ["RunInstances", { LaunchTemplate: { ...template, Version: "$Default" }, MinCount: 1, MaxCount: 1 }],
    ["DescribeInstances", (got) => ({ InstanceIds: instance(got).InstanceIds })],
  ]),
  { advanceMs: 30_000 },
  ...stepsOf("ecs", [
    ["ListContainerInstances", cluster],
    ["DescribeContainerInstances", (got) => ({ ...cluster, ...machines(got) })],
    ["RunTask", { ...cluster, taskDefinition: "walk", startedBy: "a walk" }],
    ["ListTasks", cluster],
    ["DescribeTasks", (got) => ({ ...cluster, tasks: got("ListTasks").taskArns })],
    ["StopTask", (got) => ({ ...cluster, task: got("ListTasks").taskArns[0], reason: "enough" })],
    ["UpdateContainerInstancesState", (got) => ({ ...cluster, ...machines(got), status: "DRAINING" })],
    [
      "DeregisterContainerInstance",
      (got) => ({ ...cluster, containerInstance: machines(got).containerInstances[0], force: true }),
    ],
    ["TagResource", { resourceArn: CLUSTER, tags: [{ key: "size", value: "ä" }] }],
    ["UntagResource", { resourceArn: CLUSTER, tagKeys: ["size"] }],
  ]),

  ...stepsOf("cloudwatch", [
    [
      "PutMetricAlarm",
      (got) => ({
        AlarmName: "walk",
        Namespace: "AWS/EC2",
        MetricName: "CPUUtilization",
        Dimensions: [{ Name: "InstanceId", Value: instance(got).InstanceIds[0] }],
        Statistic: "Average",
        Period: 300,
        EvaluationPeriods: 2,
        Threshold: 0.5,
        ComparisonOperator: "LessThanThreshold",
        AlarmActions: ["arn:aws:automate:us-east-1:ec2:terminate"],
        Tags: [{ Key: "colour", Value: "green" }],
      }),
    ],
    ["DescribeAlarms", { AlarmNames: ["walk"] }],
    ["TagResource", { ResourceARN: ALARM, Tags: [{ Key: "size", Value: "ä" }] }],
    ["ListTagsForResource", { ResourceARN: ALARM }],
    ["UntagResource", { ResourceARN: ALARM, TagKeys: ["size"] }],
  ]),
  ...stepsOf("resource-groups-tagging-api", [["GetResources", { TagFilters: [{ Key: "colour", Values: ["green"] }] }]]),
  ...stepsOf("cloudwatch", [["DeleteAlarms", { AlarmNames: ["walk"] }]]),

  ...stepsOf("ec2", [["TerminateInstances", instance]]),
  { advanceMs: 120_000 },
  ...stepsOf("ecs", [
    ["DeregisterTaskDefinition", { taskDefinition: "walk:1" }],
    ["DeleteTaskDefinitions", { taskDefinitions: ["walk:1"] }],
    ["DeleteCluster", cluster],
  ]),
  ...stepsOf("ec2", [
    ["DeleteLaunchTemplate", template],
    ["DeleteSecurityGroup", group],
  ]),
  ...stepsOf("iam", [
    ["RemoveRoleFromInstanceProfile", { ...profile, ...role }],
    ["UntagInstanceProfile", { ...profile, TagKeys: ["colour"] }],
    ["DeleteInstanceProfile", profile],
    ["DetachRolePolicy", { ...role, PolicyArn: AGENT }],
    ["DeleteRolePolicy", { ...role, PolicyName: "own" }],
    ["UntagRole", { ...role, TagKeys: ["colour"] }],
    ["DeleteRole", role],
  ]),
] as const;

function group(got: (operation: string) => { GroupId: string }): { GroupId: string } {
  return { GroupId: got("CreateSecurityGroup").GroupId };
}

function instance(got: (operation: string) => { Instances: { InstanceId: string }[] }): { InstanceIds: string[] } {
  return { InstanceIds: [got("RunInstances").Instances[0]!.InstanceId] };
}

function machines(got: (operation: string) => { containerInstanceArns: string[] }) {
  return { containerInstances: got("ListContainerInstances").containerInstanceArns };
}
