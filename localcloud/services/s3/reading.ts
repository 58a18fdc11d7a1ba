import type * as api from "@aws-sdk/client-s3";
import { AwsError } from "../../service.ts";
import { checkRead, type ReadConditions } from "./conditions.ts";
import { noSuchKey, noSuchVersion } from "./errors.ts";
import type { StoredObject, Version } from "./object-store.ts";
import type { Bucket } from "./state.ts";
import { reported } from "./writing.ts";

type Found = Version & { readonly object: StoredObject };

/** @throws AwsError NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker that is named by its id. */
export function findObject(bucket: Bucket, key: string, versionId: string | undefined): Found {
  if (versionId === undefined) {
    const current = bucket.objects.current(key);
    if (!current) throw noSuchKey(key);
    return current;
  }
  const version = bucket.objects.versions(key).find((candidate) => candidate.id === versionId);
  if (!version) throw noSuchVersion(key, versionId);
  if (!version.object) {
    const message = "The specified method is not allowed against this resource.";
    throw new AwsError("MethodNotAllowed", message, { status: 405, members: { ResourceType: "DeleteMarker" } });
  }
  return { ...version, object: version.object };
}

type Asked = ReadConditions & Pick<api.GetObjectCommandInput, "Range" | "ChecksumMode">;

/** What GetObject and HeadObject answer alike; `start` and `end` say which bytes. */
export function describe(bucket: Bucket, found: Found, asked: Asked) {
  checkRead(asked, found);
  const { object } = found;
  const size = object.body.size;
  const range = rangeOf(asked.Range, size);
  const isWhole = range === undefined;
  const { start, end } = range ?? { start: 0, end: size };
  return {
    start,
    end,
    output: {
      ...object.headers,
      ...(isWhole && asked.ChecksumMode === "ENABLED" && checksumsOf(object)),
      ServerSideEncryption: object.encryption,
      AcceptRanges: "bytes",
      ContentLength: end - start,
      ContentRange: isWhole ? undefined : `bytes ${start}-${end - 1}/${size}`,
      ETag: object.etag,
      LastModified: new Date(found.modifiedAtMs),
      Metadata: object.metadata,
      VersionId: reported(bucket, found.id),
      TagCount: object.tags.size > 0 ? object.tags.size : undefined,
    },
  };
}

/** That of a multipart upload ends in the number of its parts, by which clients know that it is not one of the bytes. */
function checksumsOf({ checksums, partCount }: StoredObject): object {
  if (Object.keys(checksums).length === 0) return {};
  return { ...checksums, ChecksumType: partCount === undefined ? "FULL_OBJECT" : "COMPOSITE" };
}

/** A range that S3 does not understand is as none. @throws AwsError InvalidRange */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const [first, last] = [match[1]!, match[2]!];
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (start >= size || start >= end) {
    throw new AwsError("InvalidRange", "The requested range is not satisfiable", {
      status: 416,
      members: { RangeRequested: header, ActualObjectSize: size },
    });
  }
  return { start, end };
}
