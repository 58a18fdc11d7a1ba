import type {
  FailureInfo,
  GetResourcesInput,
  GetResourcesOutput,
  GetTagKeysInput,
  GetTagKeysOutput,
  GetTagValuesInput,
  GetTagValuesOutput,
  TagFilter,
  TagResourcesInput,
  TagResourcesOutput,
  UntagResourcesInput,
  UntagResourcesOutput,
} from "@aws-sdk/client-resource-groups-tagging-api";
import { AwsError, type Call, type Service, type Taggable, type World } from "../service.ts";
import { parseArn } from "./arn.ts";
import { pageOf } from "./pages.ts";
import { tagProblem, tagsToList } from "./tags.ts";

export function createResourceGroupsTaggingApi(world: World): Service {
  /** ARNs that were seen with tags: the API goes on answering them, with an empty list, when the tags are gone. */
  const onceTagged = new Set<string>();

  function* resources(call: Call, wanted?: ReadonlySet<string>): Iterable<Taggable> {
    for (const service of world.services()) {
      for (const taggable of service.taggables?.() ?? []) {
        if ((wanted?.has(taggable.arn) ?? true) && isListed(world, taggable.arn, call)) yield taggable;
      }
    }
  }

  function seen(resource: Taggable): boolean {
    if (resource.tags.size > 0) onceTagged.add(resource.arn);
    return onceTagged.has(resource.arn);
  }

  /** Does it for each ARN by itself; what fails is named, the rest is done. */
  function change(arns: readonly string[] | undefined, call: Call, act: (resource: Taggable) => string | undefined) {
    const wanted = arns ?? [];
    if (wanted.length < 1 || wanted.length > 20) throw invalidParameter("ResourceARNList must have 1 to 20 items.");
    const byArn = new Map([...resources(call, new Set(wanted))].map((resource) => [resource.arn, resource]));
    const failed: Record<string, FailureInfo> = {};
    for (const arn of wanted) {
      const resource = byArn.get(arn);
      if (resource !== undefined) seen(resource);
      const problem = resource === undefined ? `Invalid or unknown resource ARN ${arn}` : act(resource);
      if (problem !== undefined) {
        failed[arn] = { StatusCode: 400, ErrorCode: "InvalidParameterException", ErrorMessage: problem };
      }
      if (resource !== undefined) seen(resource);
    }
    return { FailedResourcesMap: failed };
  }

  return {
    id: "resource-groups-tagging-api",
    state: {
      save: () => onceTagged,
      restore(saved) {
        onceTagged.clear();
        for (const arn of saved as Set<string>) onceTagged.add(arn);
      },
    },
    operations: {
      GetResources(input: GetResourcesInput, call: Call): GetResourcesOutput {
        checkRequest(input);
        const tagsMatch = tagMatcher(input.TagFilters);
        const arns = input.ResourceARNList === undefined ? undefined : new Set(input.ResourceARNList);
        const found = [...resources(call, arns)].filter(
          (resource) => seen(resource) && isOfType(resource.arn, input.ResourceTypeFilters) && tagsMatch(resource.tags),
        );
        // A list of ARNs is answered whole, in whatever order.
        const limit = arns === undefined ? (input.ResourcesPerPage ?? 100) : Math.max(1, found.length);
        const page = pageOf(found, ({ arn }) => arn, { limit, token: token(input), badToken });
        return {
          ResourceTagMappingList: page.items.map(({ arn, tags }) => ({ ResourceARN: arn, Tags: tagsToList(tags) })),
          // The last page has an empty token, not none.
          PaginationToken: page.next ?? "",
        };
      },

      TagResources(input: TagResourcesInput, call: Call): TagResourcesOutput {
        const added = Object.entries(input.Tags ?? {});
        if (added.length === 0) throw invalidParameter("Tags must have at least one item.");
        const problem = tagProblem(new Map(added));
        if (problem !== undefined) throw invalidParameter(problem);
        return change(input.ResourceARNList, call, (resource) => {
          const tooMany = tagProblem(new Map([...userTags(resource), ...added]));
          if (tooMany === undefined) resource.set(Object.fromEntries(added));
          return tooMany;
        });
      },

      UntagResources(input: UntagResourcesInput, call: Call): UntagResourcesOutput {
        const keys = input.TagKeys ?? [];
        if (keys.length === 0) throw invalidParameter("TagKeys must have at least one item.");
        return change(input.ResourceARNList, call, (resource) => {
          resource.unset(keys);
          return undefined;
        });
      },

      GetTagKeys(input: GetTagKeysInput, call: Call): GetTagKeysOutput {
        const keys = new Set([...resources(call)].flatMap(({ tags }) => [...tags.keys()]));
        const page = pageOf(keys, (key) => key, { limit: 100, token: token(input), badToken });
        return { TagKeys: [...page.items], PaginationToken: page.next ?? "" };
      },

      GetTagValues(input: GetTagValuesInput, call: Call): GetTagValuesOutput {
        const values = new Set([...resources(call)].flatMap(({ tags }) => tags.get(input.Key ?? "") ?? []));
        const page = pageOf(values, (value) => value, { limit: 100, token: token(input), badToken });
        return { TagValues: [...page.items], PaginationToken: page.next ?? "" };
      },
    },
  };
}

/** The API is regional: it lists what lives in the call's region, global things in us-east-1, and no roles or users. */
function isListed(world: World, arn: string, call: Call): boolean {
  const parts = parseArn(arn);
  if (parts === undefined) return false;
  if (parts.service === "iam" && /^(role|user|group)\//.test(parts.resource)) return false;
  if (parts.account !== "" && parts.account !== call.account) return false;
  if (parts.service === "s3") return bucketRegion(world, parts.resource, call) === call.region;
  return (parts.region || "us-east-1") === call.region;
}

/** A bucket's ARN does not say where it is; a bucket without a location constraint is in us-east-1. */
function bucketRegion(world: World, Bucket: string, call: Call): string {
  const answer = world.service("s3").operations.GetBucketLocation!({ Bucket }, call);
  return (answer as { LocationConstraint?: string }).LocationConstraint || "us-east-1";
}

function checkRequest(input: GetResourcesInput): void {
  const filtered = (input.TagFilters ?? []).length > 0 || (input.ResourceTypeFilters ?? []).length > 0;
  if (input.ResourceARNList !== undefined) {
    if (input.ResourceARNList.length < 1 || input.ResourceARNList.length > 100) {
      throw invalidParameter("ResourceARNList must have 1 to 100 items.");
    }
    if (filtered || token(input) !== undefined || input.ResourcesPerPage !== undefined) {
      throw invalidParameter("ResourceARNList cannot be combined with filters or pagination.");
    }
  }
  if ((input.TagFilters ?? []).length > 50) throw invalidParameter("TagFilters can have at most 50 items.");
  if ((input.TagFilters ?? []).some(({ Values }) => (Values ?? []).length > 20)) {
    throw invalidParameter("A tag filter can have at most 20 values.");
  }
  if ((input.ResourceTypeFilters ?? []).length > 100) {
    throw invalidParameter("ResourceTypeFilters can have at most 100 items.");
  }
  const perPage = input.ResourcesPerPage ?? 100;
  if (perPage < 1 || perPage > 100) throw invalidParameter("ResourcesPerPage must be between 1 and 100.");
}

/** All filters must match; of one filter any value does, and no value at all means that the key is enough. */
function tagMatcher(filters: readonly TagFilter[] | undefined): (tags: ReadonlyMap<string, string>) => boolean {
  return (tags) =>
    (filters ?? []).every(({ Key, Values }) => {
      const value = tags.get(Key ?? "");
      return value !== undefined && ((Values ?? []).length === 0 || Values!.includes(value));
    });
}

/** Types of things whose ARN has only a name after the account. */
const BARE_TYPES: Readonly<Record<string, string>> = { s3: "bucket", sqs: "queue", sns: "topic" };

/** A filter is a service (`ecs`) or one type of it (`ecs:cluster`). */
function isOfType(arn: string, filters: readonly string[] | undefined): boolean {
  if (filters === undefined || filters.length === 0) return true;
  const { service, resource } = parseArn(arn)!;
  const type = BARE_TYPES[service] ?? resource.split(/[/:]/)[0];
  return filters.some((filter) => filter === service || filter === `${service}:${type}`);
}

function userTags({ tags }: Taggable): [string, string][] {
  return [...tags].filter(([key]) => !key.startsWith("aws:"));
}

/** An empty token asks for the first page. */
function token({ PaginationToken }: { PaginationToken?: string | undefined }): string | undefined {
  return PaginationToken === "" ? undefined : PaginationToken;
}

function badToken(): AwsError {
  return new AwsError("PaginationTokenExpiredException", "The pagination token is invalid or has expired.");
}

function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}
