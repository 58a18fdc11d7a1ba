/**
 * What another cloud is seen to get wrong, probed at the start of each suite with the plain SDK: it is written and read
 * back, and only what is proven to be dropped is exempted, or skipped. Nothing in the product knows of this.
 */
import {
  CreateLaunchTemplateCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import {
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { GetResourcesCommand } from "@aws-sdk/client-resource-groups-tagging-api";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketTaggingCommand,
  PutBucketNotificationConfigurationCommand,
} from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { makeFunction, zipOf } from "./hangers-on.ts";
import type { World } from "./world.ts";

/** A field that is accepted and not kept. */
export interface Lie {
  /** As `PIPEWRIGHT_IGNORE` has it: `kind/*:path`. */
  readonly entry: string;
  readonly why: string;
}

/** Something that cannot be done there at all. */
export interface Gap {
  readonly name: GapName;
  readonly why: string;
}

interface Probe {
  readonly why: string;
  /** Is it so? Cleans up behind itself. */
  seen(world: World): Promise<boolean>;
}

const NAME = "pw-probe";
const SOME_DATA = { InstanceType: "t3.micro" } as const;

const LIES: readonly (Probe & { readonly entries: readonly string[] })[] = [
  {
    entries: ["queue/*:redriveAllowPolicy"],
    why: "drops a queue's redrive-allow policy",
    async seen({ sdk: { sqs } }) {
      const RedriveAllowPolicy = JSON.stringify({ redrivePermission: "denyAll" });
      const { QueueUrl } = await sqs.send(
        new CreateQueueCommand({ QueueName: NAME, Attributes: { RedriveAllowPolicy } }),
      );
      const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      return answer.Attributes?.RedriveAllowPolicy === undefined;
    },
  },
  {
    entries: ["function/*:loggingConfig"],
    why: "drops a function's logging configuration",
    async seen(world) {
      const gone = await makeFunction(world, NAME, {});
      const { lambda } = world.sdk;
      const LoggingConfig = { LogGroup: "/probe", LogFormat: "JSON" as const };
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: NAME, LoggingConfig }));
      const answer = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: NAME }));
      await gone();
      return answer.LoggingConfig?.LogGroup !== "/probe";
    },
  },
  {
    entries: ["launch-template/*:tags"],
    why: "does not show tags that a launch template got after its birth",
    seen: dropsTemplateTags,
  },
];

const GAPS = {
  "bucket-tags-at-birth": {
    why: "drops the tags that a bucket is created with: whoever dies before they are written again leaves a stranger",
    async seen({ sdk: { s3 } }) {
      const CreateBucketConfiguration = { Tags: [{ Key: "colour", Value: "green" }] };
      await s3.send(new CreateBucketCommand({ Bucket: NAME, CreateBucketConfiguration }));
      const answer = await s3.send(new GetBucketTaggingCommand({ Bucket: NAME })).catch(() => undefined);
      await s3.send(new DeleteBucketCommand({ Bucket: NAME }));
      return !answer?.TagSet?.length;
    },
  },
  "bucket-events-for-eventbridge": {
    why: "drops that a bucket tells EventBridge of its events",
    async seen({ sdk: { s3 } }) {
      const NotificationConfiguration = { EventBridgeConfiguration: {} };
      await s3.send(new CreateBucketCommand({ Bucket: NAME }));
      await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: NAME, NotificationConfiguration }));
      const answer = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: NAME }));
      await s3.send(new DeleteBucketCommand({ Bucket: NAME }));
      return answer.EventBridgeConfiguration === undefined;
    },
  },
  "cluster-created-twice": {
    why: "gives an ECS cluster that stands the tags of a second creation",
    async seen({ sdk: { ecs } }) {
      const tagged = (value: string) =>
        new CreateClusterCommand({ clusterName: NAME, tags: [{ key: "colour", value }] });
      await ecs.send(tagged("green"));
      await ecs.send(tagged("red"));
      const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: [NAME], include: ["TAGS"] }));
      await ecs.send(new DeleteClusterCommand({ cluster: NAME }));
      return clusters?.[0]?.tags?.[0]?.value !== "green";
    },
  },
  "function-architecture-changed": {
    why: "keeps a function's architecture when code for another one is uploaded",
    async seen(world) {
      const gone = await makeFunction(world, NAME, {});
      const { lambda } = world.sdk;
      const code = { ZipFile: zipOf("probe").zip, Architectures: ["arm64" as const] };
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: NAME, ...code }));
      const answer = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: NAME }));
      await gone();
      return answer.Architectures?.[0] !== "arm64";
    },
  },
  "invoke-config-replaced": {
    why: "keeps a function's first event-invoke config, whatever is put later",
    async seen(world) {
      const gone = await makeFunction(world, NAME, {});
      const { lambda } = world.sdk;
      for (const MaximumRetryAttempts of [2, 1]) {
        await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: NAME, MaximumRetryAttempts }));
      }
      const answer = await lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: NAME }));
      await gone();
      return answer.MaximumRetryAttempts !== 1;
    },
  },
  "launch-template-tagged-later": {
    why: "does not show tags that a launch template got after its birth, so none can be taken over",
    seen: dropsTemplateTags,
  },
  "launch-template-versions-deleted": {
    why: "has no DeleteLaunchTemplateVersions",
    async seen({ sdk: { ec2 } }) {
      const LaunchTemplateName = NAME;
      await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: SOME_DATA }));
      const refused = await ec2
        .send(new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateName, Versions: ["7"] }))
        .then(() => false)
        // A cloud that knows the call answers, or refuses by an error with a name.
        .catch((error: Error) => /XML parse error|not been implemented/.test(error.message));
      await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName }));
      return refused;
    },
  },
  "queue-policy-kept": {
    why: "forgets a queue's policy as soon as any other attribute is set",
    async seen({ sdk: { sqs }, account }) {
      const Principal = { AWS: `arn:aws:iam::${account.account}:root` };
      const Resource = `arn:aws:sqs:${account.region}:${account.account}:${NAME}`;
      const statement = { Effect: "Allow", Principal, Action: "sqs:SendMessage", Resource };
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: NAME, Attributes: { Policy } }));
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "31" } }));
      const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      return !answer.Attributes?.Policy;
    },
  },
  "tagging-api": {
    why: "does not show a tagged queue by the tagging API, which is taken for down: each service is asked for itself",
    async seen({ sdk: { sqs, tagging } }) {
      const tags = { colour: "green" };
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: NAME, tags }));
      const asked = { ResourceTypeFilters: ["sqs"], TagFilters: [{ Key: "colour", Values: ["green"] }] };
      const answer = await tagging.send(new GetResourcesCommand(asked));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      return !answer.ResourceTagMappingList?.some(({ ResourceARN }) => ResourceARN?.endsWith(`:${NAME}`));
    },
  },
  "unknown-task-stopped": {
    why: "fails with 500 when a task that it does not know is to be stopped",
    async seen({ sdk: { ecs } }) {
      await ecs.send(new CreateClusterCommand({ clusterName: NAME, tags: [{ key: "colour", value: "green" }] }));
      const status = await ecs
        .send(new StopTaskCommand({ cluster: NAME, task: "0".repeat(32) }))
        .then(() => 200)
        .catch((error) => error.$metadata?.httpStatusCode ?? error.$response?.statusCode);
      await ecs.send(new DeleteClusterCommand({ cluster: NAME }));
      return status >= 500;
    },
  },
} as const satisfies Record<string, Probe>;

export type GapName = keyof typeof GAPS;

export async function probeLies(world: World): Promise<Lie[]> {
  const found: Lie[] = [];
  for (const lie of LIES) {
    if (await lie.seen(world)) found.push(...lie.entries.map((entry) => ({ entry, why: lie.why })));
  }
  return found;
}

export async function probeGaps(world: World): Promise<Gap[]> {
  const found: Gap[] = [];
  for (const [name, gap] of Object.entries(GAPS) as [GapName, Probe][]) {
    const seen = await gap.seen(world).catch(isAbsent);
    if (seen) found.push({ name, why: seen === true ? gap.why : seen });
  }
  return found;
}

/** A service that is not there at all answers 501 to whatever it is asked. */
function isAbsent(error: Error & { $metadata?: { httpStatusCode?: number } }): string {
  if (error.$metadata?.httpStatusCode !== 501) throw error;
  return `does not have it: ${error.message}`;
}

async function dropsTemplateTags({ sdk: { ec2 } }: World): Promise<boolean> {
  const LaunchTemplateName = NAME;
  const made = await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: SOME_DATA }));
  const Resources = [made.LaunchTemplate!.LaunchTemplateId!];
  await ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: "colour", Value: "green" }] }));
  const Filters = [{ Name: "launch-template-name", Values: [NAME] }];
  const answer = await ec2.send(new DescribeLaunchTemplatesCommand({ Filters }));
  await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName }));
  return !answer.LaunchTemplates?.[0]?.Tags?.length;
}
