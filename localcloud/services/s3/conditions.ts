import { noSuchKey, notModified, preconditionFailed } from "./errors.ts";
import type { StoredObject, Version } from "./object-store.ts";

type Current = (Version & { readonly object: StoredObject }) | undefined;

/**
 * Conditional writes: `If-None-Match: *` creates only, `If-Match` replaces only what the caller has seen. Leases are built
 * on the two.
 */
export function checkWrite(
  conditions: { IfMatch?: string | undefined; IfNoneMatch?: string | undefined },
  key: string,
  current: Current,
): void {
  if (conditions.IfNoneMatch !== undefined && current) throw preconditionFailed("If-None-Match");
  if (conditions.IfMatch === undefined) return;
  if (!current) throw noSuchKey(key);
  if (!matchesTag(conditions.IfMatch, current.object.etag)) throw preconditionFailed("If-Match");
}

export interface ReadConditions {
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
  IfModifiedSince?: Date | undefined;
  IfUnmodifiedSince?: Date | undefined;
}

/** In the order of RFC 9110: where a tag is given, the time beside it does not count. */
export function checkRead(conditions: ReadConditions, version: NonNullable<Current>): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  const { etag } = version.object;
  const modifiedAtMs = wholeSeconds(version.modifiedAtMs);
  if (IfMatch !== undefined) {
    if (!matchesTag(IfMatch, etag)) throw preconditionFailed("If-Match");
  } else if (IfUnmodifiedSince && modifiedAtMs > IfUnmodifiedSince.getTime()) {
    throw preconditionFailed("If-Unmodified-Since");
  }
  if (IfNoneMatch !== undefined) {
    if (matchesTag(IfNoneMatch, etag)) throw notModified();
  } else if (IfModifiedSince && modifiedAtMs <= IfModifiedSince.getTime()) {
    throw notModified();
  }
}

/** HTTP's dates have no milliseconds. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** Clients send tags with and without quotes, one or a list. */
function matchesTag(header: string, etag: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^"|"$/g, "");
  return header.split(",").some((tag) => bare(tag) === "*" || bare(tag) === bare(etag));
}
