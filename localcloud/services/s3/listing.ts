import type * as api from "@aws-sdk/client-s3";
import type { Call } from "../../service.ts";
import { invalidArgument } from "./errors.ts";
import type { Version } from "./object-store.ts";
import { type Bucket, type Buckets, canonicalOwner } from "./state.ts";
import { type Walked, walk, walkVersions } from "./walk.ts";

/** Entries that one list answers at most. */
const LONGEST_LIST = 1000;

export function listingOperations(buckets: Buckets) {
  return {
    ListObjectsV2(input: api.ListObjectsV2CommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const limit = limitOf(input.MaxKeys);
      const page = walk(currentKeys(bucket), { ...input, limit, after: decodeToken(input) ?? input.StartAfter });
      const encode = encoder(input.EncodingType);
      return {
        Name: bucket.name,
        Prefix: encode(input.Prefix ?? ""),
        Delimiter: input.Delimiter && encode(input.Delimiter),
        StartAfter: input.StartAfter && encode(input.StartAfter),
        EncodingType: input.EncodingType,
        MaxKeys: limit,
        KeyCount: page.items.length,
        IsTruncated: page.next !== undefined,
        ContinuationToken: input.ContinuationToken,
        NextContinuationToken: page.next && Buffer.from(TOKEN_MARK + page.next).toString("base64url"),
        Contents: contentsOf(bucket, page, encode, input.FetchOwner ?? false),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
      };
    },

    ListObjects(input: api.ListObjectsCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const limit = limitOf(input.MaxKeys);
      const page = walk(currentKeys(bucket), { ...input, limit, after: input.Marker });
      const encode = encoder(input.EncodingType);
      return {
        Name: bucket.name,
        Prefix: encode(input.Prefix ?? ""),
        Marker: encode(input.Marker ?? ""),
        Delimiter: input.Delimiter && encode(input.Delimiter),
        EncodingType: input.EncodingType,
        MaxKeys: limit,
        IsTruncated: page.next !== undefined,
        // Without a delimiter the last key serves as the next marker, and AWS leaves it away.
        NextMarker: input.Delimiter && page.next && encode(page.next),
        Contents: contentsOf(bucket, page, encode, true),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
      };
    },

    ListObjectVersions(input: api.ListObjectVersionsCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const limit = limitOf(input.MaxKeys);
      const encode = encoder(input.EncodingType);
      const page = walkVersions(bucket.objects, { ...input, limit });
      return {
        Name: bucket.name,
        Prefix: encode(input.Prefix ?? ""),
        KeyMarker: encode(input.KeyMarker ?? ""),
        VersionIdMarker: input.VersionIdMarker ?? "",
        Delimiter: input.Delimiter && encode(input.Delimiter),
        EncodingType: input.EncodingType,
        MaxKeys: limit,
        IsTruncated: page.next !== undefined,
        NextKeyMarker: page.next && encode(page.next.key),
        NextVersionIdMarker: page.next?.versionId,
        Versions: page.versions.flatMap(({ version, isLatest }): api.ObjectVersion[] => {
          const { object } = version;
          if (!object) return [];
          const common = describeVersion(bucket, version, isLatest, encode);
          return [{ ...common, ETag: object.etag, Size: object.body.size, StorageClass: "STANDARD" }];
        }),
        DeleteMarkers: page.versions.flatMap(({ version, isLatest }): api.DeleteMarkerEntry[] =>
          version.object ? [] : [describeVersion(bucket, version, isLatest, encode)],
        ),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
      };
    },
  };
}

function describeVersion(bucket: Bucket, version: Version, IsLatest: boolean, encode: (text: string) => string) {
  return {
    Key: encode(version.key),
    VersionId: version.id,
    IsLatest,
    LastModified: new Date(version.modifiedAtMs),
    Owner: canonicalOwner(bucket.account),
  };
}

export function limitOf(asked: number | undefined, argument = "maxKeys"): number {
  if (asked !== undefined && (asked < 0 || asked > 2_147_483_647)) {
    throw invalidArgument(`Argument ${argument} must be an integer between 0 and 2147483647`);
  }
  return Math.min(asked ?? LONGEST_LIST, LONGEST_LIST);
}

/** Clients ask for `url`, since XML cannot hold every character that a key can. */
export function encoder(type: string | undefined): (text: string) => string {
  return type === "url" ? (text) => encodeURIComponent(text).replaceAll("%2F", "/") : (text) => text;
}

function currentKeys(bucket: Bucket): readonly string[] {
  const { objects } = bucket;
  const keys = objects.keys();
  return bucket.versioning === undefined ? keys : keys.filter((key) => objects.current(key));
}

function contentsOf(bucket: Bucket, page: Walked, encode: (text: string) => string, withOwner: boolean): api._Object[] {
  return page.keys.map((key) => {
    const { object, modifiedAtMs } = bucket.objects.current(key)!;
    return {
      Key: encode(key),
      LastModified: new Date(modifiedAtMs),
      ETag: object.etag,
      Size: object.body.size,
      StorageClass: object.headers.StorageClass ?? "STANDARD",
      ...(withOwner && { Owner: canonicalOwner(bucket.account) }),
    };
  });
}

const TOKEN_MARK = "list:";

function decodeToken({ ContinuationToken: token }: api.ListObjectsV2CommandInput): string | undefined {
  if (token === undefined) return undefined;
  const text = Buffer.from(token, "base64url").toString("utf8");
  if (!text.startsWith(TOKEN_MARK)) throw invalidArgument("The continuation token provided is incorrect");
  return text.slice(TOKEN_MARK.length);
}
