/** ARNs and URLs of what we name ourselves: computed, never asked for. */
import type { AccountFacts } from "../core/resource.ts";

/** Stands for every region, in policies of roles that the whole account shares. */
export const ANY_REGION = "*";

export interface Arns {
  readonly role: (name: string) => string;
  /** An AWS managed policy, with its path: `service-role/AmazonECSTaskExecutionRolePolicy`. */
  readonly managedPolicy: (name: string) => string;
  readonly bucket: (name: string) => string;
  readonly objects: (bucket: string, pattern: string) => string;
  readonly queue: (name: string) => string;
  readonly lambda: (name: string) => string;
  readonly logGroup: (name: string) => string;
  readonly cluster: (name: string) => string;
  /** `type/…`: `task/*`, `container-instance/*`, `task-definition/pw-*:*`. */
  readonly ecs: (rest: string) => string;
  readonly ec2: (rest: string) => string;
  readonly rule: (name: string) => string;
  readonly alarm: (name: string) => string;
  readonly key: (id: string) => string;
  /** Machine images and public parameters belong to no account of ours. */
  readonly publicImage: string;
  readonly publicParameter: (path: string) => string;
  /** The alarm action that ends an EC2 instance. */
  readonly terminateAction: string;
}

export function arnsOf({ account, region, partition }: AccountFacts): Arns {
  const arn = (service: string, rest: string, where = region, whose = account) =>
    `arn:${partition}:${service}:${where}:${whose}:${rest}`;
  return {
    role: (name) => arn("iam", `role/${name}`, ""),
    managedPolicy: (name) => arn("iam", `policy/${name}`, "", "aws"),
    bucket: (name) => arn("s3", name, "", ""),
    objects: (bucket, pattern) => arn("s3", `${bucket}/${pattern}`, "", ""),
    queue: (name) => arn("sqs", name),
    lambda: (name) => arn("lambda", `function:${name}`),
    logGroup: (name) => arn("logs", `log-group:${name}`),
    cluster: (name) => arn("ecs", `cluster/${name}`),
    ecs: (rest) => arn("ecs", rest),
    ec2: (rest) => arn("ec2", rest),
    rule: (name) => arn("events", `rule/${name}`),
    alarm: (name) => arn("cloudwatch", `alarm:${name}`),
    key: (id) => arn("kms", `key/${id}`),
    publicImage: arn("ec2", "image/*", region, ""),
    publicParameter: (path) => arn("ssm", `parameter${path}`, region, ""),
    terminateAction: `arn:${partition}:automate:${region}:ec2:terminate`,
  };
}

/** The same ARNs, for any region. */
export const arnsOfAnyRegion = (facts: AccountFacts): Arns => arnsOf({ ...facts, region: ANY_REGION });

/** What SQS would answer: host by region and partition, then account and name. */
export const queueUrl = (name: string, { account, region, partition }: AccountFacts): string =>
  `https://sqs.${region}.${dnsSuffix(partition)}/${account}/${name}`;

export const dnsSuffix = (partition: string): string => (partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com");

/** EC2 takes on roles under the name of its partition; the other services that we name have one for all of them. */
export const ec2Service = ({ partition }: Pick<AccountFacts, "partition">): string => `ec2.${dnsSuffix(partition)}`;
