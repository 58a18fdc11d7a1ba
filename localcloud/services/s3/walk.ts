import type { ObjectStore, Version } from "./object-store.ts";

export interface Walk {
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

export interface Walked {
  readonly keys: readonly string[];
  /** What keys have in common up to the delimiter, each once. */
  readonly prefixes: readonly string[];
  /** Both together, in their order. */
  readonly items: readonly string[];
  /** Where the next page begins after; undefined on the last. */
  readonly next: string | undefined;
}

/** One page of a sorted list of keys, folded at the delimiter. */
export function walk(sorted: readonly string[], { Prefix = "", Delimiter, after, limit }: Walk): Walked {
  const keys: string[] = [];
  const prefixes: string[] = [];
  const items: string[] = [];
  for (let index = firstFrom(sorted, Prefix); index < sorted.length; index++) {
    const key = sorted[index]!;
    if (!key.startsWith(Prefix)) break;
    const cut = Delimiter ? key.indexOf(Delimiter, Prefix.length) : -1;
    const folded = cut < 0 ? undefined : key.slice(0, cut + Delimiter!.length);
    const item = folded ?? key;
    if (item === items.at(-1)) continue;
    // A page that ended with a folded prefix goes on behind all of its keys.
    if (after !== undefined && (compare(item, after) <= 0 || (folded && after.startsWith(folded)))) continue;
    if (items.length === limit) return { keys, prefixes, items, next: items.at(-1) };
    items.push(item);
    (folded === undefined ? keys : prefixes).push(item);
  }
  return { keys, prefixes, items, next: undefined };
}

export interface VersionWalk extends Omit<Walk, "after"> {
  readonly KeyMarker?: string | undefined;
  readonly VersionIdMarker?: string | undefined;
}

export interface WalkedVersions {
  readonly versions: readonly { readonly version: Version; readonly isLatest: boolean }[];
  readonly prefixes: readonly string[];
  /** The last entry of this page; undefined on the last page. */
  readonly next: { readonly key: string; readonly versionId: string | undefined } | undefined;
}

/** One page of all versions. It may end among the versions of one key, so that no page is longer than asked. */
export function walkVersions(
  objects: ObjectStore,
  { KeyMarker, VersionIdMarker, ...asked }: VersionWalk,
): WalkedVersions {
  const versions: { version: Version; isLatest: boolean }[] = [];
  const prefixes: string[] = [];
  const page = walk(objects.keys(), { ...asked, after: KeyMarker });
  const isBegun = KeyMarker !== undefined && VersionIdMarker !== undefined;
  let next: WalkedVersions["next"];
  for (const item of isBegun ? [KeyMarker, ...page.items] : page.items) {
    const all = objects.versions(item);
    const from = item === KeyMarker ? all.findIndex(({ id }) => id === VersionIdMarker) + 1 : 0;
    // What is folded is no key, and counts as one entry.
    const entries = all.length === 0 ? [undefined] : all.slice(from);
    for (const [index, version] of entries.entries()) {
      if (versions.length + prefixes.length === asked.limit) return { versions, prefixes, next };
      if (version) versions.push({ version, isLatest: from + index === 0 });
      else prefixes.push(item);
      next = { key: item, versionId: version?.id };
    }
  }
  return { versions, prefixes, next: page.next === undefined ? undefined : next };
}

function firstFrom(sorted: readonly string[], prefix: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle]!, prefix) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
