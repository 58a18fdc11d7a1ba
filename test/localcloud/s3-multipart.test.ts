import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { S3 } from "@aws-sdk/client-s3";
import { refused, type S3Cloud, startS3Cloud } from "./s3-cloud.ts";

const FIVE_MEBIBYTES = 5 * 1024 ** 2;

describe("multipart uploads", () => {
  const Bucket = "parts";
  const Key = "assembled";
  let world: S3Cloud;
  let s3: S3;

  before(async () => {
    world = await startS3Cloud();
    s3 = world.s3;
    await s3.createBucket({ Bucket });
  });

  after(() => world.stop());

  async function begin(): Promise<string> {
    return (await s3.createMultipartUpload({ Bucket, Key, ContentType: "text/x-parts" })).UploadId!;
  }

  async function part(UploadId: string, PartNumber: number, Body: Buffer | string) {
    const { ETag } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body });
    return { PartNumber, ETag: ETag! };
  }

  it("become one object of all parts in their order", async () => {
    const UploadId = await begin();
    const tail = await part(UploadId, 7, "the end");
    const head = await part(UploadId, 2, Buffer.alloc(FIVE_MEBIBYTES, "h"));
    assert.equal((await s3.listMultipartUploads({ Bucket })).Uploads?.[0]?.UploadId, UploadId);
    const listed = await s3.listParts({ Bucket, Key, UploadId });
    assert.deepEqual(
      listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
      [
        [2, FIVE_MEBIBYTES],
        [7, 7],
      ],
    );
    const done = await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts: [head, tail] } });
    assert.match(done.ETag!, /^"[0-9a-f]{32}-2"$/);
    const got = await s3.getObject({ Bucket, Key, Range: `bytes=${FIVE_MEBIBYTES - 1}-` });
    assert.equal(await got.Body!.transformToString(), "hthe end");
    assert.equal(got.ContentType, "text/x-parts");
    assert.equal((await s3.listMultipartUploads({ Bucket })).Uploads, undefined);
    await refused("NoSuchUpload", s3.listParts({ Bucket, Key, UploadId }));
  });

  it("begun with a checksum want it of each part, and once more in the end", async () => {
    const asked = { Bucket, Key, ChecksumAlgorithm: "CRC32" } as const;
    const { UploadId, ChecksumType } = await s3.createMultipartUpload(asked);
    assert.equal(ChecksumType, "COMPOSITE");
    const wrong = { Bucket, Key, UploadId, PartNumber: 1, Body: "x", ChecksumAlgorithm: "SHA1" } as const;
    await refused("InvalidRequest", s3.uploadPart(wrong));
    const { ETag, ChecksumCRC32 } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body: "only" });
    const complete = (more: { ChecksumCRC32?: string | undefined }) =>
      s3.completeMultipartUpload({
        Bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ...more }] },
      });
    await refused("InvalidRequest", complete({}));
    await refused("InvalidPart", complete({ ChecksumCRC32: "AAAAAA==" }));
    const done = await complete({ ChecksumCRC32 });
    assert.match(done.ChecksumCRC32!, /^[A-Za-z0-9+/]{6}==-1$/);
    const got = await s3.getObject({ Bucket, Key });
    assert.deepEqual([got.ChecksumCRC32, got.ChecksumType], [done.ChecksumCRC32, "COMPOSITE"]);
    assert.equal(
      await got.Body!.transformToString(),
      "only",
      "which is no checksum of the bytes, and not taken for one",
    );
  });

  it("are refused when parts are missing, out of order or too small", async () => {
    const UploadId = await begin();
    const one = await part(UploadId, 1, "small");
    const two = await part(UploadId, 2, "last");
    const complete = (Parts: { PartNumber: number; ETag: string }[]) =>
      s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
    await refused("InvalidPartOrder", complete([two, one]));
    await refused("EntityTooSmall", complete([one, two]));
    await refused("InvalidPart", complete([{ ...one, ETag: '"00"' }]));
    await refused("InvalidPart", complete([{ PartNumber: 3, ETag: one.ETag }]));
    await refused("InvalidArgument", s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 10_001, Body: "x" }));
    await s3.abortMultipartUpload({ Bucket, Key, UploadId });
    await refused("NoSuchUpload", complete([one]));
  });

  it("that may only create make one object, however many are completed at once", async () => {
    const only = { Bucket, Key: "only" };
    const begun = await Promise.all(
      ["a", "b", "c"].map(async (letter) => {
        const { UploadId } = await s3.createMultipartUpload(only);
        const Body = Buffer.alloc(FIVE_MEBIBYTES, letter);
        const { ETag } = await s3.uploadPart({ ...only, UploadId, PartNumber: 1, Body });
        return { ...only, UploadId, IfNoneMatch: "*", MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
      }),
    );
    const ends = await Promise.allSettled(begun.map((upload) => s3.completeMultipartUpload(upload)));
    assert.deepEqual(ends.map(({ status }) => status).sort(), ["fulfilled", "rejected", "rejected"]);
  });

  it("are read to the end although they are replaced meanwhile", async () => {
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
    const Parts = [];
    for (const PartNumber of [1, 2, 3]) {
      const Body = Buffer.alloc(FIVE_MEBIBYTES, PartNumber);
      const { ETag } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body });
      Parts.push({ PartNumber, ETag });
    }
    await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
    const { Body } = await s3.getObject({ Bucket, Key });
    await s3.putObject({ Bucket, Key, Body: "another" });
    const bytes = await Body!.transformToByteArray();
    assert.deepEqual([bytes.length, bytes.at(-1)], [3 * FIVE_MEBIBYTES, 3]);
  });

  it("take parts from other objects", async () => {
    await s3.putObject({ Bucket, Key: "source", Body: "0123456789" });
    const UploadId = await begin();
    const CopySource = `${Bucket}/source`;
    const { CopyPartResult } = await s3.uploadPartCopy({
      Bucket,
      Key,
      UploadId,
      PartNumber: 1,
      CopySource,
      CopySourceRange: "bytes=3-5",
    });
    const Parts = [{ PartNumber: 1, ETag: CopyPartResult!.ETag! }];
    await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
    assert.equal(await (await s3.getObject({ Bucket, Key })).Body!.transformToString(), "345");
  });
});
