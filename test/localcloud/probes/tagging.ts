import * as iam from "@aws-sdk/client-iam";
import * as tagging from "@aws-sdk/client-resource-groups-tagging-api";
import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import * as sts from "@aws-sdk/client-sts";
import type { Sdk } from "../../support/sdk.ts";
import { attribute, bucket, queue, trust } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";

const GET_RESOURCES = "Resource Groups Tagging API Reference, GetResources";

/** Who asks, and what bears which tags. */
export const taggingProbes: readonly Probe[] = [
  {
    operation: "sts:GetCallerIdentity",
    question: "the account is that of the ARN, and of what the caller makes",
    aws: "the same",
    source: "STS API Reference, GetCallerIdentity",
    async ask(sdk) {
      const { Account, Arn } = await sdk.sts.send(new sts.GetCallerIdentityCommand({}));
      const made = await attribute(sdk, await queue(sdk, "probe-account"), "QueueArn");
      const accounts = new Set([Account, Arn?.split(":")[4], made.split(":")[4]]);
      return accounts.size === 1 ? "the same" : [...accounts].join(", ");
    },
  },
  {
    operation: "resource-groups-tagging-api:GetResources",
    question: "roles, though they bear the tag",
    aws: "none",
    source: "Resource Groups Tagging API Reference, supported services",
    async ask(sdk) {
      const given = { RoleName: "probe-tagged-role", Tags: [{ Key: "probe", Value: "role" }] };
      const AssumeRolePolicyDocument = trust("ec2.amazonaws.com");
      await sdk.iam.send(new iam.CreateRoleCommand({ ...given, AssumeRolePolicyDocument }));
      return found(sdk, { TagFilters: [{ Key: "probe", Values: ["role"] }] });
    },
  },
  {
    operation: "resource-groups-tagging-api:GetResources",
    question: "two values of a filter: either; two filters: both",
    aws: "probe-either-a, probe-either-b; probe-either-a",
    source: GET_RESOURCES,
    async ask(sdk) {
      await tagged(sdk, "probe-either-a", { either: "a", size: "small" });
      await tagged(sdk, "probe-either-b", { either: "b" });
      const TagFilters = [{ Key: "either", Values: ["a", "b"] }];
      const both = [...TagFilters, { Key: "size" }];
      return `${await found(sdk, { TagFilters })}; ${await found(sdk, { TagFilters: both })}`;
    },
  },
  {
    operation: "resource-groups-tagging-api:GetResources",
    question: "by ARNs, of which one is not there",
    aws: "probe-by-arn",
    source: GET_RESOURCES,
    async ask(sdk) {
      const arn = await tagged(sdk, "probe-by-arn", { colour: "green" });
      return found(sdk, { ResourceARNList: [arn, `${arn}-none`] });
    },
  },
  {
    operation: "resource-groups-tagging-api:GetResources",
    question: "by ARNs and by a filter",
    aws: "400 InvalidParameterException",
    source: GET_RESOURCES,
    async ask(sdk) {
      const ResourceARNList = [await tagged(sdk, "probe-both-ways", { colour: "green" })];
      const TagFilters = [{ Key: "colour" }];
      return outcomeOf(sdk.tagging.send(new tagging.GetResourcesCommand({ ResourceARNList, TagFilters })));
    },
  },
  {
    operation: "resource-groups-tagging-api:GetResources",
    question: "what never bore a tag",
    aws: "none",
    source: GET_RESOURCES,
    async ask(sdk) {
      const arn = await attribute(sdk, await queue(sdk, "probe-never-tagged"), "QueueArn");
      return found(sdk, { ResourceARNList: [arn] });
    },
  },
  {
    operation: "resource-groups-tagging-api:GetResources",
    question: "what bears no tag any more",
    aws: "probe-once-tagged",
    source: GET_RESOURCES,
    async ask(sdk) {
      const arn = await tagged(sdk, "probe-once-tagged", { colour: "green" });
      await found(sdk, { ResourceARNList: [arn] });
      const { QueueUrl } = await sdk.sqs.send(new sqs.GetQueueUrlCommand({ QueueName: "probe-once-tagged" }));
      await sdk.sqs.send(new sqs.UntagQueueCommand({ QueueUrl, TagKeys: ["colour"] }));
      return found(sdk, { ResourceARNList: [arn] });
    },
  },
  {
    operation: "resource-groups-tagging-api:GetResources",
    question: "of one type, pages of one",
    aws: "probe-paged-a then probe-paged-b",
    source: GET_RESOURCES,
    async ask(sdk) {
      for (const name of ["probe-paged-a", "probe-paged-b"]) await tagged(sdk, name, { paged: "yes" });
      const TagSet = [{ Key: "paged", Value: "yes" }];
      const at = await bucket(sdk, "probe-paged");
      await sdk.s3.send(new s3.PutBucketTaggingCommand({ ...at, Tagging: { TagSet } }));
      const pages: string[] = [];
      let PaginationToken: string | undefined;
      do {
        const page = { TagFilters: [{ Key: "paged" }], ResourceTypeFilters: ["sqs"], ResourcesPerPage: 1 };
        const answer = await sdk.tagging.send(new tagging.GetResourcesCommand({ ...page, PaginationToken }));
        pages.push(namesIn(answer));
        PaginationToken = answer.PaginationToken;
      } while (PaginationToken && pages.length < 5);
      return pages.sort().join(" then ");
    },
  },
];

/** A queue with tags; answers its ARN. */
async function tagged(sdk: Sdk, QueueName: string, tags: Record<string, string>): Promise<string> {
  const { QueueUrl } = await sdk.sqs.send(new sqs.CreateQueueCommand({ QueueName, tags }));
  return attribute(sdk, { QueueUrl: QueueUrl! }, "QueueArn");
}

async function found({ tagging: client }: Sdk, given: tagging.GetResourcesCommandInput): Promise<string> {
  return namesIn(await client.send(new tagging.GetResourcesCommand(given)));
}

function namesIn({ ResourceTagMappingList = [] }: tagging.GetResourcesCommandOutput): string {
  const names = ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN?.split(/[:/]/).at(-1));
  return names.sort().join(", ") || "none";
}
