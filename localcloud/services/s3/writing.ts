import type * as api from "@aws-sdk/client-s3";
import { AwsError, type World } from "../../service.ts";
import { checkedTags } from "./configuration.ts";
import type { StoredObject, Version } from "./object-store.ts";
import type { Bucket, StoredHeaders } from "./state.ts";

/** How an object came to be, as S3's events call it. */
export type Creation = "Put" | "Copy" | "CompleteMultipartUpload";

/** Makes an object the newest version of its key, and tells the world. Answers the version's id, where it has one. */
export function store(
  world: World,
  bucket: Bucket,
  key: string,
  object: StoredObject,
  how: Creation,
): { VersionId: string | undefined } {
  const id = newVersionId(world, bucket);
  bucket.objects.put({ key, id, object, modifiedAtMs: world.now() });
  world.emit({
    source: "s3",
    type: `ObjectCreated:${how}`,
    account: bucket.account,
    region: bucket.region,
    detail: { bucket: bucket.name, key, size: object.body.size, eTag: bare(object.etag), ...versionDetail(id) },
  });
  return { VersionId: reported(bucket, id) };
}

/** Deletes one version for good, or, in a versioned bucket and without an id, hides the object behind a marker. */
export function remove(
  world: World,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): { DeleteMarker: boolean | undefined; VersionId: string | undefined } {
  if (versionId !== undefined || bucket.versioning === undefined) {
    const removed = bucket.objects.remove(key, versionId ?? "null");
    if (removed) announceRemoval(world, bucket, removed, "Delete");
    return { DeleteMarker: removed && !removed.object ? true : undefined, VersionId: versionId };
  }
  const marker: Version = { key, id: newVersionId(world, bucket), object: undefined, modifiedAtMs: world.now() };
  bucket.objects.put(marker);
  announceRemoval(world, bucket, marker, "DeleteMarkerCreated");
  return { DeleteMarker: true, VersionId: marker.id };
}

function announceRemoval(world: World, bucket: Bucket, { key, id }: Version, how: string): void {
  world.emit({
    source: "s3",
    type: `ObjectRemoved:${how}`,
    account: bucket.account,
    region: bucket.region,
    detail: { bucket: bucket.name, key, ...versionDetail(id) },
  });
}

/** An id is shown only where the bucket has ever been versioned. */
export function reported(bucket: Bucket, id: string): string | undefined {
  return bucket.versioning === undefined ? undefined : id;
}

function newVersionId(world: World, bucket: Bucket): string {
  return bucket.versioning === "Enabled" ? world.id("", 32) : "null";
}

function versionDetail(id: string): { versionId?: string } {
  return id === "null" ? {} : { versionId: id };
}

function bare(etag: string): string {
  return etag.slice(1, -1);
}

export function headersOf(input: StoredHeaders): StoredHeaders {
  return {
    ContentType: input.ContentType ?? "binary/octet-stream",
    ContentEncoding: withoutChunking(input.ContentEncoding),
    ContentLanguage: input.ContentLanguage,
    ContentDisposition: input.ContentDisposition,
    CacheControl: input.CacheControl,
    StorageClass: input.StorageClass,
  };
}

/** How the body travelled is no property of the object. */
function withoutChunking(encoding: string | undefined): string | undefined {
  const left = (encoding ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "aws-chunked" && part);
  return left.length > 0 ? left.join(",") : undefined;
}

/** The `x-amz-tagging` header: a query string. */
export function tagsOfHeader(header: string | undefined): ReadonlyMap<string, string> {
  return checkedTags([...new URLSearchParams(header ?? "")].map(([Key, Value]) => ({ Key, Value })));
}

export function checkedKey(key: string | undefined): string {
  if (key !== undefined && Buffer.byteLength(key) > 1024) {
    throw new AwsError("KeyTooLongError", "Your key is too long", { members: { MaxSizeAllowed: 1024 } });
  }
  return key ?? "";
}

/** How an object is encrypted that is written now: as the writer says, or the bucket. */
export function encryptionOf(bucket: Bucket, input: Pick<api.PutObjectCommandInput, "ServerSideEncryption">) {
  const rule = bucket.encryption.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
  return input.ServerSideEncryption ?? rule?.SSEAlgorithm ?? "AES256";
}

const ACL_MEMBERS = ["GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP"] as const;
type Acl = Pick<api.PutObjectCommandInput, "ACL" | (typeof ACL_MEMBERS)[number]>;

/** @throws AwsError AccessControlListNotSupported where the bucket's owner owns all that is in it, as in a new bucket */
export function refuseAcl(bucket: Bucket, input: Acl): void {
  if (bucket.ownershipControls?.Rules?.[0]?.ObjectOwnership !== "BucketOwnerEnforced") return;
  const isOwners = input.ACL === undefined || input.ACL === "bucket-owner-full-control";
  if (isOwners && ACL_MEMBERS.every((member) => input[member] === undefined)) return;
  throw new AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs");
}
