import { cloudwatchProbes } from "./cloudwatch.ts";
import { cloudwatchLogsProbes } from "./cloudwatch-logs.ts";
import { cloudwatchLogsEventProbes } from "./cloudwatch-logs-events.ts";
import { ec2InstanceProbes } from "./ec2-instances.ts";
import { ec2NetworkProbes } from "./ec2-network.ts";
import { ec2TagProbes } from "./ec2-tags.ts";
import { ec2TemplateProbes } from "./ec2-templates.ts";
import { ecsDefinitionProbes } from "./ecs-definitions.ts";
import { ecsInstanceProbes } from "./ecs-instances.ts";
import { ecsPlacementProbes } from "./ecs-placement.ts";
import { ecsTaskProbes } from "./ecs-tasks.ts";
import { eventbridgeProbes } from "./eventbridge.ts";
import { iamPolicyProbes } from "./iam-policies.ts";
import { iamProfileProbes } from "./iam-profiles.ts";
import { iamRoleProbes } from "./iam-roles.ts";
import { lambdaFunctionProbes } from "./lambda-functions.ts";
import { lambdaInvocationProbes } from "./lambda-invocation.ts";
import type { Probe } from "./probe.ts";
import { s3BucketProbes } from "./s3-buckets.ts";
import { s3ConfigurationProbes } from "./s3-configuration.ts";
import { s3MultipartProbes } from "./s3-multipart.ts";
import { s3ObjectProbes } from "./s3-objects.ts";
import { sqsMessageProbes } from "./sqs-messages.ts";
import { sqsQueueProbes } from "./sqs-queues.ts";
import { taggingProbes } from "./tagging.ts";

export const probes: readonly Probe[] = [
  ...s3BucketProbes,
  ...s3ConfigurationProbes,
  ...s3ObjectProbes,
  ...s3MultipartProbes,
  ...sqsQueueProbes,
  ...sqsMessageProbes,
  ...iamRoleProbes,
  ...iamPolicyProbes,
  ...iamProfileProbes,
  ...lambdaFunctionProbes,
  ...lambdaInvocationProbes,
  ...taggingProbes,
  // Before any instance: one of them is about a subnet in which nothing stands.
  ...ec2NetworkProbes,
  ...ec2InstanceProbes,
  ...ec2TemplateProbes,
  ...ec2TagProbes,
  ...ecsDefinitionProbes,
  ...ecsInstanceProbes,
  ...ecsTaskProbes,
  ...ecsPlacementProbes,
  ...cloudwatchProbes,
  ...cloudwatchLogsProbes,
  ...cloudwatchLogsEventProbes,
  ...eventbridgeProbes,
];
