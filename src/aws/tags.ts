/** Tags of many resources in few calls: `GetResources` takes 100 ARNs and answers those that have tags. */
import { GetResourcesCommand, paginateGetResources } from "@aws-sdk/client-resource-groups-tagging-api";
import { isOurs, TAG, type Tags } from "../core/owner.ts";
import type { Clock } from "../core/ports.ts";
import type { Pass } from "../core/resource.ts";
import type { Clients } from "./clients.ts";
import { createListing, createSeats } from "./seats.ts";

export interface TagReader {
  /**
   * Tags of an ARN. The tagging API may lag, may not know a kind, may be down: its answer counts only where it shows our
   * owner tag, and never for a fresh read; otherwise the service itself is asked (`native`).
   *
   * @param there resolves with nothing where there is no such thing: the services' quotas of tag reads, the smallest
   * they have, are not spent on it. A fresh read mostly follows a write of ours and does not wait to be told.
   */
  of(
    arn: string,
    pass: Pass,
    native: () => Promise<Tags | undefined>,
    there?: Promise<unknown>,
  ): Promise<Tags | undefined>;
  /** Was it ever answered for, with or without tags? */
  knows(arn: string): boolean;
  /** Everything of a type (`sqs`, `logs:log-group`) with our owner tag, by ARN. Throws where the tagging API does not answer. */
  list(resourceType: string, pass: Pass): Promise<readonly { arn: string; tags: Tags }[]>;
  forget(arn: string): void;
}

/** How old a batched answer may be, in milliseconds: within the shortest resync interval (30 s). */
export const BATCH_MAX_AGE_MS = 25_000;

export function createTagReader(deps: { clients: Pick<Clients, "tagging">; clock: Clock }): TagReader {
  const { tagging } = deps.clients;
  const byArn = createSeats<Tags>({
    clock: deps.clock,
    seats: 100,
    maxAgeMs: BATCH_MAX_AGE_MS,
    async load(arns) {
      // Whatever the tagging API fails with, the services answer for themselves.
      const answer = await tagging.send(new GetResourcesCommand({ ResourceARNList: [...arns] })).catch(() => undefined);
      return new Map((answer?.ResourceTagMappingList ?? []).map((one) => [one.ResourceARN ?? "", tagsOf(one.Tags)]));
    },
  });
  const listings = new Map<string, ReturnType<typeof listing>>();
  const listing = (owner: string) =>
    createListing({
      clock: deps.clock,
      maxAgeMs: BATCH_MAX_AGE_MS,
      async load() {
        const found: { arn: string; tags: Tags }[] = [];
        const pages = paginateGetResources(
          { client: tagging, pageSize: 100 },
          { TagFilters: [{ Key: TAG.owner, Values: [owner] }] },
        );
        for await (const page of pages) {
          for (const one of page.ResourceTagMappingList ?? []) {
            found.push({ arn: one.ResourceARN ?? "", tags: tagsOf(one.Tags) });
          }
        }
        return found;
      },
    });
  return {
    async of(arn, pass, native, there) {
      if (pass.fresh) return native();
      const tags = await byArn.get(arn, false);
      if (isOurs(tags, pass.owner)) return tags;
      return there === undefined || (await there) ? native() : undefined;
    },
    knows: byArn.knows,
    async list(resourceType, pass) {
      const mine = listings.get(pass.owner) ?? listing(pass.owner);
      listings.set(pass.owner, mine);
      const all = await mine.get(pass.fresh);
      const [service, type] = resourceType.split(":");
      return all.filter(({ arn }) => {
        const [, , ofService, , , ...rest] = arn.split(":");
        return ofService === service && (type === undefined || rest.join(":").startsWith(type));
      });
    },
    forget: byArn.forget,
  };
}

/** Every service spells its tag lists in one of these ways. */
export function tagsOf(
  tags: readonly { Key?: string; Value?: string; key?: string; value?: string }[] | undefined,
): Tags {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? tag.key ?? "", tag.Value ?? tag.value ?? ""]));
}

export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const lowerTagList = (tags: Tags): { key: string; value: string }[] =>
  Object.entries(tags).map(([key, value]) => ({ key, value }));
