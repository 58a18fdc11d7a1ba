/** Owner tags: the inventory of what is ours stands on the resources themselves. */
import { field } from "./compare.ts";
import type { Change, Inventoried, Key, OnDelete } from "./resource.ts";

export const TAG = {
  owner: "pipewright:owner",
  workflow: "pipewright:workflow",
  resource: "pipewright:resource",
  onDelete: "pipewright:on-delete",
  adopted: "pipewright:adopted",
  /** Hash of the spec, on what AWS keeps in immutable revisions. */
  spec: "pipewright:spec",
  /** Keys of the user's tags, so that a tag taken out of the file can be taken off the resource. */
  userKeys: "pipewright:tag-keys",
  /** Prefix: one tag per region that uses an account-wide resource. */
  region: "pipewright:region:",
} as const;

export type Tags = Readonly<Record<string, string>>;

export interface Ownership {
  readonly owner: string;
  readonly workflow: string;
  readonly onDelete: OnDelete;
  readonly userTags: Tags;
}

/** The tags that a resource carries from its birth. */
export function ownerTags(key: Key, of: Ownership): Tags {
  const userKeys = Object.keys(of.userTags).sort();
  return {
    ...of.userTags,
    [TAG.owner]: of.owner,
    [TAG.workflow]: of.workflow,
    [TAG.resource]: tagValue(key),
    [TAG.onDelete]: of.onDelete,
    ...(userKeys.length > 0 ? { [TAG.userKeys]: userKeys.join(" ") } : {}),
  };
}

export const isOurs = (tags: Tags | undefined, owner: string): boolean => tags?.[TAG.owner] === owner;

/** Whose it is; undefined: no Pipewright's. */
export const ownerIn = (tags: Tags | undefined): string | undefined => tagIn(TAG.owner, tags);

export const isAdopted = (tags: Tags | undefined): boolean => tags?.[TAG.adopted] !== undefined;

/** Owned tags that differ, one change per tag (`tags.NAME`). Tags that we never wrote are nobody's business of ours. */
export function tagChanges(want: Tags, have: Tags | undefined, neverCompared: readonly string[] = []): Change[] {
  const wanted = Object.entries(want).filter(([name]) => !neverCompared.includes(name));
  return [
    ...wanted.flatMap(([name, value]) => field(`tags.${name}`, value, tagIn(name, have))),
    ...tagsToRemove(want, have).map((name) => ({ path: `tags.${name}`, want: null, have: have?.[name] })),
  ];
}

/** Tags of ours from an earlier state of the file that it no longer asks for. */
export function tagsToRemove(want: Tags, have: Tags | undefined): string[] {
  const listed = have?.[TAG.userKeys]?.split(" ") ?? [];
  const once = have?.[TAG.userKeys] === undefined ? [] : [...listed, TAG.userKeys];
  return once.filter((name) => tagIn(name, have) !== undefined && tagIn(name, want) === undefined);
}

/** A tag may be called `constructor`, which every object has something under. */
const tagIn = (name: string, tags: Tags | undefined): string | undefined =>
  tags && Object.hasOwn(tags, name) ? tags[name] : undefined;

/** What a write must set (and remove) so that a set of tags is as wanted; others' tags stay. */
export function mergedTags(want: Tags, have: Tags | undefined): Tags {
  const remove = new Set(tagsToRemove(want, have));
  return { ...Object.fromEntries(Object.entries(have ?? {}).filter(([name]) => !remove.has(name))), ...want };
}

/** Reads the inventory's row out of a resource's tags. */
export function inventoried(name: string, tags: Tags): Inventoried {
  const onDelete = tags[TAG.onDelete];
  return {
    name,
    workflow: tags[TAG.workflow] ?? "",
    // An unreadable wish is the careful one: nothing that holds data goes.
    onDelete: onDelete === "retain-all" || onDelete === "delete" ? onDelete : "retain-data",
    adopted: isAdopted(tags),
  };
}

/** Tag values allow letters, digits, space and `_.:/=+-@`, at most 256 characters. */
function tagValue(text: string): string {
  return text.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, "_").slice(0, 256);
}
