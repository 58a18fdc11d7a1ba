import type { Failure } from "@aws-sdk/client-ecs";
import { arn, parseArn } from "../arn.ts";
import { pageOf } from "../pages.ts";
import type { Place } from "../regions.ts";
import { clusterNotFound, invalidParameter } from "./errors.ts";
import type { ClusterRecord, ContainerInstanceRecord, EcsState, TaskRecord } from "./state.ts";

/** Stopped tasks and deregistered instances can be seen for this long. */
export const VISIBLE_AFTER_END_MS = 3_600_000;

export function ecsArn(place: Place, resource: string): string {
  return arn("ecs", place.region, place.account, resource);
}

/** Name of a cluster that is given by name or ARN; whoever names none means `default`. */
export function clusterName(reference: string | undefined): string {
  if (reference === undefined || reference === "") return "default";
  if (!reference.startsWith("arn:")) return reference;
  const name = /^cluster\/(.+)$/.exec(parseArn(reference)?.resource ?? "")?.[1];
  if (name === undefined) throw invalidParameter(`Invalid identifier: Unexpected ARN ${reference}`);
  return name;
}

/** A cluster that can be worked with: deleted ones only remain to be described. */
export function activeCluster(state: EcsState, reference: string | undefined): ClusterRecord {
  const cluster = state.clusters.get(clusterName(reference));
  if (cluster === undefined) throw clusterNotFound();
  if (cluster.status === "INACTIVE") throw clusterNotFound("The referenced cluster was inactive.");
  return cluster;
}

/** An instance or task by ARN or by the last part of it. */
export function byReference<T extends ContainerInstanceRecord | TaskRecord>(
  records: ReadonlyMap<string, T>,
  reference: string,
): T | undefined {
  const direct = records.get(reference);
  if (direct !== undefined || reference.startsWith("arn:")) return direct;
  return [...records.values()].find((record) => record.arn.endsWith(`/${reference}`));
}

export function missing(place: Place, resource: string, reference: string): Failure {
  return {
    arn: reference.startsWith("arn:") ? reference : ecsArn(place, `${resource}/${reference}`),
    reason: "MISSING",
  };
}

/** One page of ARNs or names. Sort keys must be unique. */
export function listed<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  input: { maxResults?: number | undefined; nextToken?: string | undefined },
): { items: readonly T[]; nextToken: string | undefined } {
  const limit = input.maxResults ?? 100;
  if (limit < 1 || limit > 100) throw invalidParameter("maxResults must be between 1 and 100.");
  const badToken = () => invalidParameter("Invalid token");
  const page = pageOf(items, keyOf, { limit, token: input.nextToken, badToken });
  return { items: page.items, nextToken: page.next };
}

export function atMost(list: readonly unknown[], most: number, name: string): void {
  if (list.length > most) throw invalidParameter(`${name} can have at most ${most} items.`);
}
