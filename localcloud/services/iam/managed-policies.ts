import { noSuchEntity } from "./errors.ts";

export interface ManagedPolicy {
  readonly arn: string;
  readonly description: string;
  /** Belongs to a service-linked role: nobody else can have it attached. */
  readonly serviceLinked: boolean;
  /** JSON text. */
  readonly document: string;
}

/** Throws NoSuchEntityException. */
export function managedPolicy(arn: string | undefined): ManagedPolicy {
  const policy = POLICIES.get(arn ?? "");
  if (policy === undefined) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  return policy;
}

/** The last part of its ARN, behind any path. */
export function policyName(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/**
 * The policies of AWS that pipelines attach, with the permissions that AWS documents for them
 * (docs.aws.amazon.com/aws-managed-policy/latest/reference), as far as this cloud's services know the actions.
 */
const POLICIES: ReadonlyMap<string, ManagedPolicy> = new Map(
  [
    policy("CloudWatchActionsEC2Access", "Lets alarms stop, terminate and reboot instances.", [
      "cloudwatch:Describe*",
      "ec2:Describe*",
      "ec2:RebootInstances",
      "ec2:StopInstances",
      "ec2:TerminateInstances",
    ]),
    policy("service-role/AmazonEC2ContainerServiceforEC2Role", "What an instance of an ECS cluster needs.", [
      "ec2:DescribeTags",
      "ecs:CreateCluster",
      "ecs:DeregisterContainerInstance",
      "ecs:DiscoverPollEndpoint",
      "ecs:Poll",
      "ecs:RegisterContainerInstance",
      "ecs:StartTelemetrySession",
      "ecs:UpdateContainerInstancesState",
      "ecs:Submit*",
      "ecr:GetAuthorizationToken",
      "ecr:BatchCheckLayerAvailability",
      "ecr:GetDownloadUrlForLayer",
      "ecr:BatchGetImage",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]),
    policy("service-role/AmazonECSTaskExecutionRolePolicy", "What ECS needs to start a task.", [
      "ecr:GetAuthorizationToken",
      "ecr:BatchCheckLayerAvailability",
      "ecr:GetDownloadUrlForLayer",
      "ecr:BatchGetImage",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]),
    policy("service-role/AWSLambdaBasicExecutionRole", "Lets a function write its log.", [
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]),
    policy("aws-service-role/CloudWatchEventsServiceRolePolicy", "What alarms and rules do in your name.", [
      "cloudwatch:DescribeAlarms",
      "ec2:DescribeInstanceStatus",
      "ec2:DescribeInstances",
      "ec2:RebootInstances",
      "ec2:StopInstances",
      "ec2:TerminateInstances",
    ]),
    policy("aws-service-role/AmazonECSServiceRolePolicy", "What ECS does in your name.", [
      "ec2:Describe*",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "cloudwatch:PutMetricAlarm",
      "cloudwatch:DeleteAlarms",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]),
    policy("aws-service-role/AWSEC2SpotServiceRolePolicy", "What Spot requests do in your name.", [
      "ec2:DescribeInstances",
      "ec2:StopInstances",
      "ec2:StartInstances",
      "ec2:RunInstances",
      "ec2:CreateTags",
    ]),
  ].map((one) => [one.arn, one]),
);

function policy(name: string, description: string, actions: readonly string[]): ManagedPolicy {
  return {
    arn: `arn:aws:iam::aws:policy/${name}`,
    description,
    serviceLinked: name.startsWith("aws-service-role/"),
    document: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
    }),
  };
}
