import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as ec2 from "@aws-sdk/client-ec2";
import * as ecs from "@aws-sdk/client-ecs";
import * as events from "@aws-sdk/client-eventbridge";
import type { Sdk } from "../../support/sdk.ts";
import type { Probe } from "./probe.ts";

const data = { ImageId: "ami-12345678", InstanceType: "t3.micro" as const };

export const computeProbes: readonly Probe[] = [
  {
    operation: "ecs:CreateCluster",
    question: "over a standing one: its tags",
    aws: "green",
    source: "ECS API Reference, CreateCluster (idempotent by name)",
    async ask(sdk) {
      for (const value of ["green", "red"])
        await sdk.ecs.send(new ecs.CreateClusterCommand({ clusterName: "probe", tags: [{ key: "colour", value }] }));
      const { clusters } = await sdk.ecs.send(
        new ecs.DescribeClustersCommand({ clusters: ["probe"], include: ["TAGS"] }),
      );
      return clusters?.[0]?.tags?.[0]?.value ?? "none";
    },
  },
  {
    operation: "ecs:ListClusters",
    question: "after a cluster was deleted",
    aws: "not listed",
    source: "ECS API Reference, DeleteCluster",
    async ask(sdk) {
      await sdk.ecs.send(new ecs.CreateClusterCommand({ clusterName: "probe-gone" }));
      await sdk.ecs.send(new ecs.DeleteClusterCommand({ cluster: "probe-gone" }));
      const { clusterArns } = await sdk.ecs.send(new ecs.ListClustersCommand({}));
      return clusterArns?.some((arn) => arn.endsWith("/probe-gone")) ? "listed" : "not listed";
    },
  },
  {
    operation: "ecs:RunTask",
    question: "in a cluster without instances",
    aws: "InvalidParameterException",
    source: "ECS API Reference, RunTask",
    async ask(sdk) {
      await sdk.ecs.send(new ecs.CreateClusterCommand({ clusterName: "probe-empty" }));
      const containerDefinitions = [{ name: "a", image: "busybox", memory: 64 }];
      await sdk.ecs.send(new ecs.RegisterTaskDefinitionCommand({ family: "probe", containerDefinitions }));
      await sdk.ecs.send(new ecs.RunTaskCommand({ cluster: "probe-empty", taskDefinition: "probe" }));
      return "accepted";
    },
  },
  {
    operation: "ecs:StopTask",
    question: "a task that nobody knows",
    aws: "InvalidParameterException",
    source: "ECS API Reference, StopTask",
    async ask(sdk) {
      await sdk.ecs.send(new ecs.CreateClusterCommand({ clusterName: "probe-stop" }));
      await sdk.ecs.send(new ecs.StopTaskCommand({ cluster: "probe-stop", task: "0".repeat(32) }));
      return "accepted";
    },
  },
  {
    operation: "ec2:RunInstances",
    question: "twice with the same client token: the same instance",
    aws: "the same",
    source: "EC2 API Reference, ensuring idempotency",
    async ask(sdk) {
      const { Images } = await sdk.ec2.send(new ec2.DescribeImagesCommand({ Owners: ["amazon"] }));
      const once = { MinCount: 1, MaxCount: 1, ClientToken: "probe", InstanceType: "t3.micro" as const };
      const ids: unknown[] = [];
      for (const _ of [1, 2]) {
        const ImageId = Images![0]!.ImageId!;
        ids.push((await sdk.ec2.send(new ec2.RunInstancesCommand({ ...once, ImageId }))).Instances?.[0]?.InstanceId);
      }
      return ids[0] === ids[1] ? "the same" : "two";
    },
  },
  {
    operation: "ec2:DeleteLaunchTemplateVersions",
    question: "the default version: kept, named as not deleted",
    aws: "named",
    source: "EC2 API Reference, DeleteLaunchTemplateVersions",
    async ask(sdk) {
      const LaunchTemplateName = "probe-versions";
      await sdk.ec2.send(new ec2.CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: data }));
      const given = { LaunchTemplateName, Versions: ["1"] };
      const answer = await sdk.ec2.send(new ec2.DeleteLaunchTemplateVersionsCommand(given));
      return answer.UnsuccessfullyDeletedLaunchTemplateVersions?.length ? "named" : "deleted";
    },
  },
  {
    operation: "ec2:CreateTags",
    question: "on a launch template: DescribeLaunchTemplates shows them",
    aws: "green",
    source: "EC2 API Reference, CreateTags",
    async ask(sdk) {
      const LaunchTemplateName = "probe-tags";
      const made = await sdk.ec2.send(
        new ec2.CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: data }),
      );
      const Resources = [made.LaunchTemplate!.LaunchTemplateId!];
      await sdk.ec2.send(new ec2.CreateTagsCommand({ Resources, Tags: [{ Key: "colour", Value: "green" }] }));
      const names = { LaunchTemplateNames: [LaunchTemplateName] };
      const { LaunchTemplates } = await sdk.ec2.send(new ec2.DescribeLaunchTemplatesCommand(names));
      return LaunchTemplates?.[0]?.Tags?.[0]?.Value ?? "absent";
    },
  },
  {
    operation: "ec2:DescribeKeyPairs",
    question: "by a name that is not there",
    aws: "InvalidKeyPair.NotFound",
    source: "EC2 API Reference, error codes",
    async ask(sdk) {
      await sdk.ec2.send(new ec2.DescribeKeyPairsCommand({ KeyNames: ["probe-none"] }));
      return "empty";
    },
  },
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "state of a new alarm",
    aws: "INSUFFICIENT_DATA",
    source: "CloudWatch User Guide, alarm states",
    async ask(sdk) {
      const { MetricAlarms } = await alarm(sdk, "probe-new");
      return MetricAlarms?.[0]?.StateValue ?? "none";
    },
  },
  {
    operation: "cloudwatch:PutMetricAlarm",
    question: "tags given to a second one of the name: ignored",
    aws: "green",
    source: "CloudWatch API Reference, PutMetricAlarm",
    async ask(sdk) {
      await alarm(sdk, "probe-tags", "green");
      const { MetricAlarms } = await alarm(sdk, "probe-tags", "red");
      const ResourceARN = MetricAlarms![0]!.AlarmArn!;
      const { Tags } = await sdk.cloudwatch.send(new cloudwatch.ListTagsForResourceCommand({ ResourceARN }));
      return Tags?.[0]?.Value ?? "none";
    },
  },
  {
    operation: "eventbridge:DeleteRule",
    question: "with a target on it",
    aws: "ValidationException",
    source: "EventBridge API Reference, DeleteRule",
    async ask(sdk) {
      await sdk.events.send(new events.PutRuleCommand({ Name: "probe", ScheduleExpression: "rate(5 minutes)" }));
      const Targets = [{ Id: "t", Arn: "arn:aws:sqs:us-east-1:123456789012:probe-none" }];
      await sdk.events.send(new events.PutTargetsCommand({ Rule: "probe", Targets }));
      await sdk.events.send(new events.DeleteRuleCommand({ Name: "probe" }));
      return "deleted";
    },
  },
  {
    operation: "eventbridge:PutRule",
    question: "`rate(5 minute)`",
    aws: "ValidationException",
    source: "EventBridge User Guide, schedule pattern",
    async ask(sdk) {
      await sdk.events.send(new events.PutRuleCommand({ Name: "probe-rate", ScheduleExpression: "rate(5 minute)" }));
      return "accepted";
    },
  },
];

async function alarm({ cloudwatch: client }: Sdk, AlarmName: string, Value = "none") {
  const metric = { Namespace: "AWS/EC2", MetricName: "CPUUtilization", Statistic: "Average" as const };
  const rule = { Period: 60, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: "LessThanThreshold" as const };
  const Tags = [{ Key: "colour", Value }];
  await client.send(new cloudwatch.PutMetricAlarmCommand({ AlarmName, ...metric, ...rule, Tags }));
  return client.send(new cloudwatch.DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
}
