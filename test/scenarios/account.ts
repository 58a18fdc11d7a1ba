/** What really stands in an account, by the names of things: asked with plain SDK clients, kind by kind. */
import { paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeLaunchTemplatesCommand, DescribeSecurityGroupsCommand } from "@aws-sdk/client-ec2";
import { DescribeClustersCommand, ListClustersCommand, paginateListTaskDefinitions } from "@aws-sdk/client-ecs";
import { ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { paginateListInstanceProfiles, paginateListRoles } from "@aws-sdk/client-iam";
import { GetPolicyCommand, paginateListFunctions } from "@aws-sdk/client-lambda";
import {
  GetBucketNotificationConfigurationCommand,
  ListBucketsCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { paginateListQueues } from "@aws-sdk/client-sqs";
import type { Sdk } from "../support/sdk.ts";

/** Kind → sorted names; a thing that stands twice is named twice. */
export type Account = Readonly<Record<string, readonly string[]>>;

export async function accountOf(sdk: Sdk): Promise<Account> {
  const buckets = await bucketNames(sdk);
  const functions = await functionNames(sdk);
  const lists: Record<string, Promise<string[]>> = {
    bucket: Promise.resolve(buckets),
    object: each(buckets, async (bucket) => (await keysIn(sdk.s3, bucket)).map((key) => `${bucket}/${key}`)),
    notification: each(buckets, async (bucket) => (await entryIds(sdk, bucket)).map((id) => `${bucket}#${id}`)),
    queue: all(paginateListQueues({ client: sdk.sqs, pageSize: 1_000 }, {}), (page) =>
      page.QueueUrls?.map((url) => url.split("/").at(-1)!),
    ),
    function: Promise.resolve(functions),
    statement: each(functions, async (name) => (await statementsOf(sdk, name)).map((sid) => `${name}#${sid}`)),
    role: all(paginateListRoles({ client: sdk.iam }, {}), (page) => page.Roles?.map((one) => one.RoleName!)),
    profile: all(paginateListInstanceProfiles({ client: sdk.iam }, {}), (page) =>
      page.InstanceProfiles?.map((one) => one.InstanceProfileName!),
    ),
    // With their revision.
    definition: all(paginateListTaskDefinitions({ client: sdk.ecs }, {}), (page) =>
      page.taskDefinitionArns?.map((arn) => arn.split("/").at(-1)!),
    ),
    cluster: activeClusters(sdk),
    // With the number of their newest version.
    template: sdk.ec2
      .send(new DescribeLaunchTemplatesCommand({}))
      .then((page) =>
        (page.LaunchTemplates ?? []).map((one) => `${one.LaunchTemplateName}:${one.LatestVersionNumber}`),
      ),
    group: sdk.ec2
      .send(new DescribeSecurityGroupsCommand({}))
      .then((page) => (page.SecurityGroups ?? []).map((one) => one.GroupName!).filter((name) => name !== "default")),
    log: all(paginateDescribeLogGroups({ client: sdk.logs }, {}), (page) =>
      page.logGroups?.map((one) => one.logGroupName!),
    ),
    rule: sdk.events.send(new ListRulesCommand({})).then((page) => (page.Rules ?? []).map((one) => one.Name!)),
    alarm: all(paginateDescribeAlarms({ client: sdk.cloudwatch }, {}), (page) =>
      page.MetricAlarms?.map((one) => one.AlarmName!),
    ),
  };
  const named = await Promise.all(Object.entries(lists).map(async ([kind, names]) => [kind, (await names).sort()]));
  return Object.fromEntries(named);
}

/** What stands beside service-linked roles, which stay for good. */
export async function leftIn(sdk: Sdk): Promise<string[]> {
  const account = await accountOf(sdk);
  return Object.entries(account).flatMap(([kind, names]) =>
    names.filter((name) => !name.startsWith("AWSServiceRoleFor")).map((name) => `${kind}/${name}`),
  );
}

/** Names that stand more than once, and families and templates with more than one version. */
export const doublesIn = (account: Account): string[] =>
  Object.entries(account).flatMap(([kind, names]) => {
    const bare = kind === "definition" ? names.map((name) => name.replace(/:\d+$/, "")) : names;
    return bare.filter((name, index) => bare.indexOf(name) !== index).map((name) => `${kind}/${name}`);
  });

/** Of this region: others do not answer us. */
async function bucketNames({ s3 }: Sdk): Promise<string[]> {
  const BucketRegion = await s3.config.region();
  return ((await s3.send(new ListBucketsCommand({ BucketRegion }))).Buckets ?? []).map((one) => one.Name!);
}

const functionNames = ({ lambda }: Sdk): Promise<string[]> =>
  all(paginateListFunctions({ client: lambda }, {}), (page) => page.Functions?.map((one) => one.FunctionName!));

export const keysIn = (s3: S3Client, Bucket: string): Promise<string[]> =>
  all(paginateListObjectsV2({ client: s3 }, { Bucket }), (page) => page.Contents?.map((one) => one.Key!));

export async function entryIds({ s3 }: Sdk, Bucket: string): Promise<string[]> {
  const now = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  const { LambdaFunctionConfigurations = [], QueueConfigurations = [], TopicConfigurations = [] } = now;
  return [...LambdaFunctionConfigurations, ...QueueConfigurations, ...TopicConfigurations].map((one) => one.Id!);
}

async function statementsOf({ lambda }: Sdk, FunctionName: string): Promise<string[]> {
  try {
    const { Policy = "{}" } = await lambda.send(new GetPolicyCommand({ FunctionName }));
    return JSON.parse(Policy).Statement.map((one: { Sid: string }) => one.Sid);
  } catch (error) {
    if ((error as Error).name === "ResourceNotFoundException") return [];
    throw error;
  }
}

/** Deleted clusters stay listed in some clouds. */
async function activeClusters({ ecs }: Sdk): Promise<string[]> {
  const { clusterArns: clusters = [] } = await ecs.send(new ListClustersCommand({}));
  if (clusters.length === 0) return [];
  const answer = await ecs.send(new DescribeClustersCommand({ clusters }));
  return (answer.clusters ?? []).filter((one) => one.status === "ACTIVE").map((one) => one.clusterName!);
}

async function all<Page>(pages: AsyncIterable<Page>, of: (page: Page) => string[] | undefined): Promise<string[]> {
  const names: string[] = [];
  for await (const page of pages) names.push(...(of(page) ?? []));
  return names;
}

const each = async (names: readonly string[], of: (name: string) => Promise<string[]>): Promise<string[]> =>
  (await Promise.all(names.map(of))).flat();
