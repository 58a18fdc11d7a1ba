import type * as api from "@aws-sdk/client-s3";
import { AwsError, type Call, type World } from "../../service.ts";
import { emptyPayload, type Payload, slicePayload } from "../../wire/payload.ts";
import { tagsToList } from "../tags.ts";
import { takeChecksums } from "./checksums.ts";
import { checkRead, checkWrite } from "./conditions.ts";
import { checkedTags } from "./configuration.ts";
import { copyOf, copySource } from "./copy.ts";
import { malformedXml } from "./errors.ts";
import { describe, findObject } from "./reading.ts";
import type { Buckets } from "./state.ts";
import { checkedKey, encryptionOf, headersOf, refuseAcl, remove, reported, store, tagsOfHeader } from "./writing.ts";

/** Keys that one DeleteObjects takes. */
const LONGEST_DELETION = 1000;

export function objectOperations(world: World, buckets: Buckets) {
  return {
    async PutObject(input: api.PutObjectCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const key = checkedKey(input.Key);
      refuseAcl(bucket, input);
      const body = (input.Body as Payload | undefined) ?? emptyPayload;
      const checksums = await takeChecksums(input, body);
      checkWrite(input, key, bucket.objects.current(key));
      const etag = `"${body.md5}"`;
      const encryption = encryptionOf(bucket, input);
      const stored = store(
        world,
        bucket,
        key,
        {
          body,
          etag,
          headers: headersOf(input),
          metadata: input.Metadata ?? {},
          checksums,
          tags: tagsOfHeader(input.Tagging),
          encryption,
          partCount: undefined,
        },
        "Put",
      );
      return { ETag: etag, ...checksums, ServerSideEncryption: encryption, ...stored };
    },

    GetObject(input: api.GetObjectCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const found = findObject(bucket, input.Key ?? "", input.VersionId);
      const { output, start, end } = describe(bucket, found, input);
      return {
        ...output,
        ...(input.ResponseContentType && { ContentType: input.ResponseContentType }),
        ...(input.ResponseContentDisposition && { ContentDisposition: input.ResponseContentDisposition }),
        Body: slicePayload(found.object.body, start, end),
      };
    },

    HeadObject(input: api.HeadObjectCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const found = findObject(bucket, input.Key ?? "", input.VersionId);
      const { partCount } = found.object;
      return { ...describe(bucket, found, input).output, PartsCount: input.PartNumber ? partCount : undefined };
    },

    DeleteObject(input: api.DeleteObjectCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const key = input.Key ?? "";
      if (input.IfMatch !== undefined) checkWrite({ IfMatch: input.IfMatch }, key, bucket.objects.current(key));
      return remove(world, bucket, key, input.VersionId);
    },

    DeleteObjects(input: api.DeleteObjectsCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const wanted = input.Delete?.Objects ?? [];
      if (wanted.length === 0 || wanted.length > LONGEST_DELETION) throw malformedXml();
      const Deleted: api.DeletedObject[] = [];
      const Errors: api._Error[] = [];
      for (const { Key = "", VersionId, ETag } of wanted) {
        try {
          if (ETag !== undefined) checkWrite({ IfMatch: ETag }, Key, bucket.objects.current(Key));
          const removed = remove(world, bucket, Key, VersionId);
          const marker = removed.DeleteMarker ? { DeleteMarkerVersionId: removed.VersionId } : {};
          Deleted.push({ Key, VersionId, DeleteMarker: removed.DeleteMarker, ...marker });
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          Errors.push({ Key, VersionId, Code: error.code, Message: error.message });
        }
      }
      return { Deleted: input.Delete?.Quiet ? [] : Deleted, Errors };
    },

    async CopyObject(input: api.CopyObjectCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const key = checkedKey(input.Key);
      refuseAcl(bucket, input);
      const source = copySource(input.CopySource);
      const from = buckets.of({ Bucket: source.bucket, ExpectedBucketOwner: input.ExpectedSourceBucketOwner }, call);
      const found = findObject(from, source.key, source.versionId);
      checkRead(
        {
          IfMatch: input.CopySourceIfMatch,
          IfNoneMatch: input.CopySourceIfNoneMatch,
          IfModifiedSince: input.CopySourceIfModifiedSince,
          IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
        },
        found,
      );
      const isReplacing = input.MetadataDirective === "REPLACE";
      if (from === bucket && source.key === key && !isReplacing && !source.versionId && !input.StorageClass) {
        const message =
          "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
        throw new AwsError("InvalidRequest", message);
      }
      const body = await copyOf(found.object.body);
      checkWrite(input, key, bucket.objects.current(key));
      const etag = `"${body.md5}"`;
      const encryption = encryptionOf(bucket, input);
      const stored = store(
        world,
        bucket,
        key,
        {
          body,
          etag,
          headers: isReplacing ? headersOf(input) : { ...found.object.headers, StorageClass: input.StorageClass },
          metadata: isReplacing ? (input.Metadata ?? {}) : found.object.metadata,
          checksums: found.object.partCount === undefined ? found.object.checksums : {},
          tags: input.TaggingDirective === "REPLACE" ? tagsOfHeader(input.Tagging) : found.object.tags,
          encryption,
          partCount: undefined,
        },
        "Copy",
      );
      return {
        CopyObjectResult: { ETag: etag, LastModified: new Date(world.now()) },
        CopySourceVersionId: reported(from, found.id),
        ServerSideEncryption: encryption,
        ...stored,
      };
    },

    GetObjectTagging(input: api.GetObjectTaggingCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const found = findObject(bucket, input.Key ?? "", input.VersionId);
      return { TagSet: tagsToList(found.object.tags), VersionId: reported(bucket, found.id) };
    },
    PutObjectTagging(input: api.PutObjectTaggingCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const found = findObject(bucket, input.Key ?? "", input.VersionId);
      found.object.tags = checkedTags(input.Tagging?.TagSet);
      return { VersionId: reported(bucket, found.id) };
    },
    DeleteObjectTagging(input: api.DeleteObjectTaggingCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const found = findObject(bucket, input.Key ?? "", input.VersionId);
      found.object.tags = new Map();
      return { VersionId: reported(bucket, found.id) };
    },
  };
}
