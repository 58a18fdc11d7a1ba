import type { Taggable } from "../service.ts";

/** Tags as IAM and EventBridge carry them. */
export interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export function tagsFromList(list: readonly Tag[] | undefined): Map<string, string> {
  return new Map((list ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""]));
}

export function tagsToList(tags: ReadonlyMap<string, string>): { Key: string; Value: string }[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

/** What the tagging API sees of a thing whose tags are the given map. */
export function taggable(arn: string, tags: Map<string, string>): Taggable {
  return {
    arn,
    tags,
    set(changes) {
      for (const [key, value] of Object.entries(changes)) tags.set(key, value);
    },
    unset(keys) {
      for (const key of keys) tags.delete(key);
    },
  };
}

/**
 * What AWS finds wrong with these tags as a whole, or undefined: at most 50 on a thing, keys of 1–128 and values of 0–256
 * characters, and no key that begins with `aws:`.
 */
export function tagProblem(tags: ReadonlyMap<string, string>): string | undefined {
  if (tags.size > 50) return "Number of tags exceeds resource tag limit of 50";
  for (const [key, value] of tags) {
    if (key.length < 1 || key.length > 128) return `The tag key must be between 1 and 128 characters long`;
    if (value.length > 256) return `The value of tag ${key} must be at most 256 characters long`;
    if (key.toLowerCase().startsWith("aws:")) return "System tags cannot be added/updated by requester";
  }
  return undefined;
}
