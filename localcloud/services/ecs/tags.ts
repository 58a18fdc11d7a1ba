import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from "@aws-sdk/client-ecs";
import { AwsError, type Call, type Operation } from "../../service.ts";
import { parseArn } from "../arn.ts";
import type { Regional } from "../regions.ts";
import { tagProblem } from "../tags.ts";
import { clusterNotFound, invalidParameter } from "./errors.ts";
import type { EcsState } from "./state.ts";

export function ecsTags(list: readonly Tag[] | undefined): Map<string, string> {
  const tags = new Map((list ?? []).map(({ key, value }) => [key ?? "", value ?? ""]));
  if (tags.size < (list ?? []).length) throw invalidParameter("Duplicate tag keys found.");
  return checked(tags);
}

export function ecsTagList(tags: ReadonlyMap<string, string>): Tag[] {
  return [...tags].map(([key, value]) => ({ key, value }));
}

export function tagOperations(states: Regional<EcsState>): Record<string, Operation> {
  return {
    TagResource(input: TagResourceRequest, call: Call) {
      const tags = tagsOf(states.in(call), input.resourceArn);
      const added = ecsTags(input.tags);
      checked(new Map([...tags, ...added]));
      for (const [key, value] of added) tags.set(key, value);
      return {};
    },

    UntagResource(input: UntagResourceRequest, call: Call) {
      const tags = tagsOf(states.in(call), input.resourceArn);
      for (const key of input.tagKeys ?? []) tags.delete(key);
      return {};
    },

    ListTagsForResource(input: ListTagsForResourceRequest, call: Call): ListTagsForResourceResponse {
      return { tags: ecsTagList(tagsOf(states.in(call), input.resourceArn)) };
    },
  };
}

function checked(tags: Map<string, string>): Map<string, string> {
  const problem = tagProblem(tags);
  if (problem !== undefined) throw invalidParameter(problem);
  return tags;
}

function tagsOf(state: EcsState, arn: string | undefined): Map<string, string> {
  const resource = parseArn(arn ?? "")?.resource;
  if (arn === undefined || resource === undefined) {
    throw invalidParameter("Invalid identifier: Identifier is for an unsupported resource.");
  }
  const [kind, ...path] = resource.split("/");
  switch (kind) {
    case "cluster": {
      const cluster = state.clusters.get(path.join("/"));
      if (cluster === undefined) throw clusterNotFound();
      if (cluster.status === "INACTIVE") throw clusterNotFound("The referenced cluster was inactive.");
      return cluster.tags;
    }
    case "task-definition": {
      const [family = "", revision = ""] = path.join("/").split(":");
      return found(state.families.get(family)?.revisions.get(Number(revision)), "task definition").tags;
    }
    case "container-instance":
      return found(state.clusters.get(path[0] ?? "")?.instances.get(arn), "container instance").tags;
    case "task":
      return found(state.clusters.get(path[0] ?? "")?.tasks.get(arn), "task").tags;
    default:
      throw invalidParameter("Invalid identifier: Identifier is for an unsupported resource.");
  }
}

function found<T>(record: T | undefined, noun: string): T {
  if (record === undefined) throw new AwsError("ResourceNotFoundException", `The specified ${noun} does not exist.`);
  return record;
}
