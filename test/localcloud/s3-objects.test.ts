import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { S3 } from "@aws-sdk/client-s3";
import type { WorldEvent } from "../../localcloud/service.ts";
import { refused, type S3Cloud, startS3Cloud } from "./s3-cloud.ts";

describe("objects", () => {
  const Bucket = "objects";
  let world: S3Cloud;
  let s3: S3;

  before(async () => {
    world = await startS3Cloud();
    s3 = world.s3;
    await s3.createBucket({ Bucket });
  });

  after(() => world.stop());

  async function text(Key: string, more: object = {}): Promise<string> {
    const { Body } = await s3.getObject({ Bucket, Key, ...more });
    return Body!.transformToString();
  }

  it("come back with their bytes, their type and their metadata, whatever their key", async () => {
    for (const Key of ["plain", "a b/ü+1.txt", "x//y/", "percent%20&=?#'(1)*!", "/leading"]) {
      await s3.putObject({
        Bucket,
        Key,
        Body: `bytes of ${Key}`,
        ContentType: "text/x-test",
        Metadata: { from: "test" },
      });
      const got = await s3.getObject({ Bucket, Key });
      assert.equal(await got.Body!.transformToString(), `bytes of ${Key}`);
      assert.equal(got.ContentType, "text/x-test");
      assert.deepEqual(got.Metadata, { from: "test" });
      const head = await s3.headObject({ Bucket, Key });
      assert.equal(head.ContentLength, Buffer.byteLength(`bytes of ${Key}`));
      assert.equal(head.ETag, `"${createHash("md5").update(`bytes of ${Key}`).digest("hex")}"`);
    }
    await refused("NoSuchKey", s3.getObject({ Bucket, Key: "absent" }));
    await refused("NotFound", s3.headObject({ Bucket, Key: "absent" }));
  });

  it("are read in part by ranges", async () => {
    await s3.putObject({ Bucket, Key: "digits", Body: "0123456789" });
    const part = await s3.getObject({ Bucket, Key: "digits", Range: "bytes=2-4" });
    assert.equal(part.$metadata.httpStatusCode, 206);
    assert.equal(part.ContentRange, "bytes 2-4/10");
    assert.equal(await part.Body!.transformToString(), "234");
    assert.equal(await text("digits", { Range: "bytes=7-" }), "789");
    assert.equal(await text("digits", { Range: "bytes=-2" }), "89");
    assert.equal(await text("digits", { Range: "bytes=8-100" }), "89");
    await refused("InvalidRange", s3.getObject({ Bucket, Key: "digits", Range: "bytes=10-" }));
  });

  it("are written under conditions, so that a lease has one holder", async () => {
    const Key = "lease";
    const first = await s3.putObject({ Bucket, Key, Body: "one", IfNoneMatch: "*" });
    const error = await refused("PreconditionFailed", s3.putObject({ Bucket, Key, Body: "two", IfNoneMatch: "*" }));
    assert.equal(error.$metadata.httpStatusCode, 412);
    const second = await s3.putObject({ Bucket, Key, Body: "two", IfMatch: first.ETag! });
    await refused("PreconditionFailed", s3.putObject({ Bucket, Key, Body: "three", IfMatch: first.ETag! }));
    assert.equal(await text(Key), "two");
    await refused("NoSuchKey", s3.putObject({ Bucket, Key: "no-lease", Body: "x", IfMatch: second.ETag! }));
    const attempts = ["a", "b", "c", "d"].map((Body) => s3.putObject({ Bucket, Key: "race", Body, IfNoneMatch: "*" }));
    const settled = await Promise.allSettled(attempts);
    assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
  });

  it("are read under conditions", async () => {
    const { ETag } = await s3.putObject({ Bucket, Key: "read-if", Body: "x" });
    const same = await refused("Unknown", s3.getObject({ Bucket, Key: "read-if", IfNoneMatch: ETag! }));
    assert.equal(same.$metadata.httpStatusCode, 304);
    await refused("PreconditionFailed", s3.getObject({ Bucket, Key: "read-if", IfMatch: '"other"' }));
    assert.equal(await text("read-if", { IfMatch: ETag }), "x");
    const later = new Date(Date.now() + 60_000);
    const unchanged = await refused("Unknown", s3.getObject({ Bucket, Key: "read-if", IfModifiedSince: later }));
    assert.equal(unchanged.$metadata.httpStatusCode, 304);
  });

  it("are refused when their checksum is another's", async () => {
    const Key = "checked";
    await refused("BadDigest", s3.putObject({ Bucket, Key, Body: "x", ChecksumCRC32: "AAAAAA==" }));
    const md5 = createHash("md5").update("other").digest("base64");
    await refused("BadDigest", s3.putObject({ Bucket, Key, Body: "x", ContentMD5: md5 }));
    await refused("NotFound", s3.headObject({ Bucket, Key }));
    const ChecksumSHA256 = createHash("sha256").update("x").digest("base64");
    await s3.putObject({ Bucket, Key, Body: "x", ChecksumSHA256 });
    const got = await s3.getObject({ Bucket, Key, ChecksumMode: "ENABLED" });
    assert.equal(got.ChecksumSHA256, ChecksumSHA256);
  });

  it("larger than a mebibyte lie in files, and are the same bytes", async () => {
    const bytes = Buffer.alloc(3 * 1024 ** 2 + 7, "0123456789abcdef");
    await s3.putObject({ Bucket, Key: "large", Body: bytes });
    const got = Buffer.from(await (await s3.getObject({ Bucket, Key: "large" })).Body!.transformToByteArray());
    assert.ok(got.equals(bytes));
    assert.equal(
      await text("large", { Range: "bytes=2000000-2000003" }),
      bytes.toString("latin1", 2_000_000, 2_000_004),
    );
    await s3.putObject({ Bucket, Key: "large", Body: "small again" });
    assert.equal(await text("large"), "small again");
  });

  it("are copied with or without what belongs to them", async () => {
    await s3.putObject({ Bucket, Key: "from ü", Body: "copied", Metadata: { a: "1" }, Tagging: "color=red" });
    const CopySource = `${Bucket}/${encodeURIComponent("from ü")}`;
    await s3.copyObject({ Bucket, Key: "to", CopySource });
    assert.equal(await text("to"), "copied");
    assert.deepEqual((await s3.headObject({ Bucket, Key: "to" })).Metadata, { a: "1" });
    assert.deepEqual((await s3.getObjectTagging({ Bucket, Key: "to" })).TagSet, [{ Key: "color", Value: "red" }]);
    await s3.copyObject({ Bucket, Key: "to", CopySource, MetadataDirective: "REPLACE", Metadata: { b: "2" } });
    assert.deepEqual((await s3.headObject({ Bucket, Key: "to" })).Metadata, { b: "2" });
    await refused("InvalidRequest", s3.copyObject({ Bucket, Key: "to", CopySource: `${Bucket}/to` }));
    await refused("NoSuchKey", s3.copyObject({ Bucket, Key: "to", CopySource: `${Bucket}/absent` }));
  });

  it("are deleted alone and in numbers, the absent ones too", async () => {
    for (const Key of ["d1", "d2", "d3"]) await s3.putObject({ Bucket, Key, Body: "x" });
    await s3.deleteObject({ Bucket, Key: "d1" });
    await s3.deleteObject({ Bucket, Key: "d1" });
    const Objects = ["d2", "d3", "never"].map((Key) => ({ Key }));
    const { Deleted, Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
    assert.deepEqual(
      Deleted?.map(({ Key }) => Key),
      ["d2", "d3", "never"],
    );
    assert.equal(Errors, undefined);
    await refused("NotFound", s3.headObject({ Bucket, Key: "d2" }));
  });

  it("are listed in the order of their keys, in pages, folded at a delimiter", async () => {
    const listed = "listed";
    await s3.createBucket({ Bucket: listed });
    for (const Key of ["b", "a/1", "a/2", "a/3", "c/1", "é", "z"])
      await s3.putObject({ Bucket: listed, Key, Body: "x" });
    const all = await s3.listObjectsV2({ Bucket: listed });
    assert.deepEqual(
      all.Contents?.map(({ Key }) => Key),
      ["a/1", "a/2", "a/3", "b", "c/1", "z", "é"],
    );
    const folded = await s3.listObjectsV2({ Bucket: listed, Delimiter: "/" });
    assert.deepEqual(folded.CommonPrefixes, [{ Prefix: "a/" }, { Prefix: "c/" }]);
    assert.deepEqual(
      folded.Contents?.map(({ Key }) => Key),
      ["b", "z", "é"],
    );
    assert.equal(folded.KeyCount, 5);
    const seen: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.listObjectsV2({
        Bucket: listed,
        Delimiter: "/",
        MaxKeys: 2,
        ...(ContinuationToken !== undefined && { ContinuationToken }),
      });
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    assert.deepEqual(seen.sort(), ["a/", "b", "c/", "z", "é"]);
    const behind = await s3.listObjectsV2({ Bucket: listed, Prefix: "a/", StartAfter: "a/1" });
    assert.deepEqual(
      behind.Contents?.map(({ Key }) => Key),
      ["a/2", "a/3"],
    );
    const old = await s3.listObjects({ Bucket: listed, MaxKeys: 3 });
    assert.equal(old.IsTruncated, true);
    const encoded = await s3.listObjects({ Bucket: listed, Marker: "z", EncodingType: "url" });
    assert.deepEqual(
      encoded.Contents?.map(({ Key }) => Key),
      ["%C3%A9"],
    );
  });

  it("keep their versions in a versioned bucket", async () => {
    const versioned = "versioned";
    await s3.createBucket({ Bucket: versioned });
    await s3.putObject({ Bucket: versioned, Key: "k", Body: "before" });
    await s3.putBucketVersioning({ Bucket: versioned, VersioningConfiguration: { Status: "Enabled" } });
    const second = await s3.putObject({ Bucket: versioned, Key: "k", Body: "second" });
    const marker = await s3.deleteObject({ Bucket: versioned, Key: "k" });
    assert.equal(marker.DeleteMarker, true);
    await refused("NoSuchKey", s3.getObject({ Bucket: versioned, Key: "k" }));
    const old = await s3.getObject({ Bucket: versioned, Key: "k", VersionId: "null" });
    assert.equal(await old.Body!.transformToString(), "before");
    const { Versions, DeleteMarkers } = await s3.listObjectVersions({ Bucket: versioned });
    assert.deepEqual(
      Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
      [
        [second.VersionId, false],
        ["null", false],
      ],
    );
    assert.deepEqual(
      DeleteMarkers?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
      [[marker.VersionId, true]],
    );
    assert.equal((await s3.listObjectsV2({ Bucket: versioned })).KeyCount, 0);
    await s3.deleteObject({ Bucket: versioned, Key: "k", VersionId: marker.VersionId! });
    const again = await s3.getObject({ Bucket: versioned, Key: "k" });
    assert.equal(await again.Body!.transformToString(), "second");
  });

  it("list their versions in pages that are never longer than asked", async () => {
    const versioned = "many-versions";
    await s3.createBucket({ Bucket: versioned });
    await s3.putBucketVersioning({ Bucket: versioned, VersioningConfiguration: { Status: "Enabled" } });
    const written: string[] = [];
    for (const Key of ["a", "a", "a", "b", "c/1", "c/1", "d", "d"]) {
      const { VersionId } = await s3.putObject({ Bucket: versioned, Key, Body: "x" });
      if (!Key.startsWith("c/")) written.push(`${Key} ${VersionId}`);
    }
    for (const MaxKeys of [1, 2, 3, 5, 100]) {
      const seen: string[] = [];
      let markers = {};
      let isTruncated: boolean | undefined;
      do {
        const page = await s3.listObjectVersions({ Bucket: versioned, Delimiter: "/", MaxKeys, ...markers });
        const entries = (page.Versions ?? []).map(({ Key, VersionId }) => `${Key} ${VersionId}`);
        seen.push(...entries, ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
        assert.ok(entries.length + (page.CommonPrefixes?.length ?? 0) <= MaxKeys);
        markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
        isTruncated = page.IsTruncated;
      } while (isTruncated);
      assert.deepEqual(seen.sort(), [...written, "c/"].sort(), `by ${MaxKeys}`);
    }
  });

  it("keep the encryption of their writing, which is the writer's or the bucket's", async () => {
    const own = { Bucket: "encrypted" };
    await s3.createBucket(own);
    await s3.putObject({ ...own, Key: "before" });
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const } }];
    await s3.putBucketEncryption({ ...own, ServerSideEncryptionConfiguration: { Rules } });
    const { ServerSideEncryption } = await s3.putObject({ ...own, Key: "then" });
    assert.equal(ServerSideEncryption, "aws:kms");
    await s3.putObject({ ...own, Key: "asked", ServerSideEncryption: "AES256" });
    const { UploadId } = await s3.createMultipartUpload({ ...own, Key: "parts" });
    const { ETag } = await s3.uploadPart({ ...own, Key: "parts", UploadId, PartNumber: 1, Body: "x" });
    await s3.deleteBucketEncryption(own);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await s3.completeMultipartUpload({ ...own, Key: "parts", UploadId, MultipartUpload });
    const said = async (Key: string) => (await s3.headObject({ ...own, Key })).ServerSideEncryption;
    assert.deepEqual(await Promise.all(["before", "then", "asked", "parts"].map(said)), [
      "AES256",
      "aws:kms",
      "AES256",
      "aws:kms",
    ]);
  });

  it("take no ACL where the bucket's owner owns all that is in it", async () => {
    const own = { Bucket: "owned", Key: "k" };
    await s3.createBucket(own);
    await refused("AccessControlListNotSupported", s3.putObject({ ...own, ACL: "private" }));
    await refused("AccessControlListNotSupported", s3.createMultipartUpload({ ...own, GrantRead: "id=1" }));
    await s3.putObject({ ...own, ACL: "bucket-owner-full-control" });
    await s3.putBucketOwnershipControls({
      ...own,
      OwnershipControls: { Rules: [{ ObjectOwnership: "ObjectWriter" }] },
    });
    await s3.putObject({ ...own, ACL: "private" });
  });

  it("tell the world when they are created and removed", async () => {
    const events: WorldEvent[] = [];
    const end = world.cloud.world.onEvent((event) => events.push(event));
    await s3.putObject({ Bucket, Key: "told", Body: "12345" });
    await s3.copyObject({ Bucket, Key: "told-too", CopySource: `${Bucket}/told` });
    await s3.deleteObject({ Bucket, Key: "told" });
    end();
    await s3.deleteObject({ Bucket, Key: "told-too" });
    assert.deepEqual(
      events.map(({ source, type, detail }) => [source, type, detail.bucket, detail.key, detail.size]),
      [
        ["s3", "ObjectCreated:Put", Bucket, "told", 5],
        ["s3", "ObjectCreated:Copy", Bucket, "told-too", 5],
        ["s3", "ObjectRemoved:Delete", Bucket, "told", undefined],
      ],
    );
  });
});
