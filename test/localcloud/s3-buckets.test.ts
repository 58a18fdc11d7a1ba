import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { S3 } from "@aws-sdk/client-s3";
import { ACCOUNT, refused, type S3Cloud, startS3Cloud } from "./s3-cloud.ts";

describe("buckets", () => {
  let world: S3Cloud;
  let s3: S3;
  let count = 0;

  before(async () => {
    world = await startS3Cloud();
    s3 = world.s3;
  });

  after(() => world.stop());

  async function bucket(): Promise<string> {
    count += 1;
    const Bucket = `bucket-${count}`;
    await s3.createBucket({ Bucket });
    return Bucket;
  }

  it("begin private, encrypted, owned whole and with the tags they were created with", async () => {
    const Bucket = "born-with-tags";
    const created = await s3.createBucket({
      Bucket,
      CreateBucketConfiguration: { Tags: [{ Key: "team", Value: "plants" }] },
    });
    assert.equal(created.Location, `/${Bucket}`);
    const { PublicAccessBlockConfiguration } = await s3.getPublicAccessBlock({ Bucket });
    assert.deepEqual(PublicAccessBlockConfiguration, {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
    const encryption = await s3.getBucketEncryption({ Bucket });
    const [rule] = encryption.ServerSideEncryptionConfiguration?.Rules ?? [];
    assert.equal(rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, "AES256");
    const ownership = await s3.getBucketOwnershipControls({ Bucket });
    assert.deepEqual(ownership.OwnershipControls?.Rules, [{ ObjectOwnership: "BucketOwnerEnforced" }]);
    assert.deepEqual((await s3.getBucketTagging({ Bucket })).TagSet, [{ Key: "team", Value: "plants" }]);
    assert.equal((await s3.getBucketVersioning({ Bucket })).Status, undefined);
  });

  it("answer for what is not set with the error of its kind", async () => {
    const Bucket = await bucket();
    await refused("NoSuchBucketPolicy", s3.getBucketPolicy({ Bucket }));
    await refused("NoSuchLifecycleConfiguration", s3.getBucketLifecycleConfiguration({ Bucket }));
    const error = await refused("NoSuchTagSet", s3.getBucketTagging({ Bucket }));
    assert.equal(error.$metadata.httpStatusCode, 404);
    await s3.deletePublicAccessBlock({ Bucket });
    await refused("NoSuchPublicAccessBlockConfiguration", s3.getPublicAccessBlock({ Bucket }));
    await s3.deleteBucketOwnershipControls({ Bucket });
    await refused("OwnershipControlsNotFoundError", s3.getBucketOwnershipControls({ Bucket }));
    await refused("NoSuchBucket", s3.getBucketPolicy({ Bucket: "not-there" }));
    const head = await refused("NotFound", s3.headBucket({ Bucket: "not-there" }));
    assert.equal(head.$metadata.httpStatusCode, 404);
  });

  it("keep an encryption when it is deleted: it goes back to S3's own", async () => {
    const Bucket = await bucket();
    await s3.putBucketEncryption({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" } }],
      },
    });
    await s3.deleteBucketEncryption({ Bucket });
    const { ServerSideEncryptionConfiguration: read } = await s3.getBucketEncryption({ Bucket });
    assert.equal(read?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, "AES256");
  });

  it("replace tags and lifecycle as a whole", async () => {
    const Bucket = await bucket();
    await s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: "a", Value: "1" }] } });
    await s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: "b", Value: "2" }] } });
    assert.deepEqual((await s3.getBucketTagging({ Bucket })).TagSet, [{ Key: "b", Value: "2" }]);
    await s3.putBucketLifecycleConfiguration({
      Bucket,
      LifecycleConfiguration: {
        Rules: [
          { Status: "Enabled", Filter: { Prefix: "" }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
        ],
      },
    });
    const lifecycle = await s3.getBucketLifecycleConfiguration({ Bucket });
    assert.equal(lifecycle.TransitionDefaultMinimumObjectSize, "all_storage_classes_128K");
    assert.equal(lifecycle.Rules?.[0]?.AbortIncompleteMultipartUpload?.DaysAfterInitiation, 7);
    assert.ok(lifecycle.Rules?.[0]?.ID);
  });

  it("refuse configurations that S3 refuses", async () => {
    const Bucket = await bucket();
    await refused("MalformedPolicy", s3.putBucketPolicy({ Bucket, Policy: "nonsense" }));
    const elsewhere = policy("Deny", "arn:aws:s3:::other/*");
    await refused("MalformedPolicy", s3.putBucketPolicy({ Bucket, Policy: elsewhere }));
    const open = policy("Allow", `arn:aws:s3:::${Bucket}/*`);
    const error = await refused("AccessDenied", s3.putBucketPolicy({ Bucket, Policy: open }));
    assert.match(error.message, /BlockPublicPolicy/);
    const empty = { Rules: [{ Status: "Enabled" as const, Filter: { Prefix: "" } }] };
    await refused("InvalidRequest", s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: empty }));
    for (const rule of [{ Expiration: { Days: 0 } }, { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 0 } }]) {
      const Rules = [{ Status: "Enabled" as const, Filter: { Prefix: "" }, ...rule }];
      const given = { Bucket, LifecycleConfiguration: { Rules } };
      await refused("InvalidArgument", s3.putBucketLifecycleConfiguration(given));
    }
    const twice = { TagSet: ["1", "2"].map((Value) => ({ Key: "same", Value })) };
    await refused("InvalidTag", s3.putBucketTagging({ Bucket, Tagging: twice }));
    await refused("InvalidBucketName", s3.createBucket({ Bucket: "Not_A_Name" }));
  });

  it("give a policy back as it was put", async () => {
    const Bucket = await bucket();
    const Policy = policy("Deny", `arn:aws:s3:::${Bucket}/*`);
    await s3.putBucketPolicy({ Bucket, Policy });
    assert.equal((await s3.getBucketPolicy({ Bucket })).Policy, Policy);
    await s3.deleteBucketPolicy({ Bucket });
    await refused("NoSuchBucketPolicy", s3.getBucketPolicy({ Bucket }));
  });

  it("can be created again by their owner in us-east-1 only, and by nobody else", async () => {
    const Bucket = await bucket();
    await s3.createBucket({ Bucket });
    const elsewhere = world.client({ region: "eu-west-1" });
    const there = { CreateBucketConfiguration: { LocationConstraint: "eu-west-1" as const } };
    await elsewhere.createBucket({ Bucket: "in-ireland", ...there });
    await refused("BucketAlreadyOwnedByYou", elsewhere.createBucket({ Bucket: "in-ireland", ...there }));
    const stranger = world.client({ account: "210987654321" });
    const error = await refused("BucketAlreadyExists", stranger.createBucket({ Bucket }));
    assert.equal(error.$metadata.httpStatusCode, 409);
  });

  it("live in the region that their location says", async () => {
    const elsewhere = world.client({ region: "eu-central-1" });
    const Bucket = "in-frankfurt";
    const ireland = { LocationConstraint: "eu-west-1" as const };
    const wrong = elsewhere.createBucket({ Bucket, CreateBucketConfiguration: ireland });
    await refused("IllegalLocationConstraintException", wrong);
    await s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } });
    assert.equal((await s3.getBucketLocation({ Bucket })).LocationConstraint, "eu-central-1");
    assert.equal((await s3.getBucketLocation({ Bucket: await bucket() })).LocationConstraint, undefined);
    assert.equal((await elsewhere.headBucket({ Bucket })).BucketRegion, "eu-central-1");
    const error = await refused("PermanentRedirect", s3.getBucketVersioning({ Bucket }));
    assert.equal(error.$metadata.httpStatusCode, 301);
  });

  it("are closed to other accounts and to callers who expect another owner", async () => {
    const Bucket = await bucket();
    const stranger = world.client({ account: "210987654321" });
    await refused("AccessDenied", stranger.getBucketPolicy({ Bucket }));
    const wrong = { Bucket, ExpectedBucketOwner: "210987654321" };
    await refused("AccessDenied", s3.getBucketVersioning(wrong));
    // A HEAD has no body, so the SDK cannot know the error's name.
    const head = await refused("Unknown", s3.headBucket(wrong));
    assert.equal(head.$metadata.httpStatusCode, 403);
    await s3.headBucket({ Bucket, ExpectedBucketOwner: ACCOUNT });
  });

  it("are listed in pages, by prefix and with their region when asked", async () => {
    for (const name of ["list-c", "list-a", "list-b"]) await s3.createBucket({ Bucket: name });
    const first = await s3.listBuckets({ Prefix: "list-", MaxBuckets: 2 });
    assert.deepEqual(
      first.Buckets?.map(({ Name, BucketRegion }) => [Name, BucketRegion]),
      [
        ["list-a", "us-east-1"],
        ["list-b", "us-east-1"],
      ],
    );
    const second = await s3.listBuckets({ Prefix: "list-", ContinuationToken: first.ContinuationToken! });
    assert.deepEqual(
      second.Buckets?.map(({ Name }) => Name),
      ["list-c"],
    );
    assert.equal(second.ContinuationToken, undefined);
    const plain = await s3.listBuckets({});
    assert.ok(plain.Buckets?.every(({ BucketRegion }) => BucketRegion === undefined));
    const none = world.client({ account: "555555555555" });
    assert.deepEqual((await none.listBuckets({})).Buckets, []);
  });

  it("go only when they are empty, delete markers and uploads included", async () => {
    const Bucket = await bucket();
    await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
    const { VersionId } = await s3.putObject({ Bucket, Key: "a", Body: "x" });
    const marker = await s3.deleteObject({ Bucket, Key: "a" });
    await refused("BucketNotEmpty", s3.deleteBucket({ Bucket }));
    await s3.deleteObject({ Bucket, Key: "a", VersionId: VersionId! });
    await s3.deleteObject({ Bucket, Key: "a", VersionId: marker.VersionId! });
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: "b" });
    await refused("BucketNotEmpty", s3.deleteBucket({ Bucket }));
    await s3.abortMultipartUpload({ Bucket, Key: "b", UploadId: UploadId! });
    await s3.deleteBucket({ Bucket });
    await refused("NotFound", s3.headBucket({ Bucket }));
  });
});

describe("buckets of a world with lags", () => {
  it("are missed right after their creation, and hold their name for a while after their deletion", async () => {
    const { cloud, s3, stop } = await startS3Cloud({ lags: true });
    try {
      const Bucket = "late-bucket";
      await s3.createBucket({ Bucket });
      await refused("NoSuchBucket", s3.getBucketVersioning({ Bucket }));
      cloud.world.clock.step(1000);
      await s3.getBucketVersioning({ Bucket });
      await s3.deleteBucket({ Bucket });
      const error = await refused("OperationAborted", s3.createBucket({ Bucket }));
      assert.equal(error.$metadata.httpStatusCode, 409);
      cloud.world.clock.step(30_000);
      await s3.createBucket({ Bucket });
    } finally {
      await stop();
    }
  });
});

function policy(Effect: string, Resource: string): string {
  const statement = { Effect, Principal: "*", Action: "s3:*", Resource };
  const Condition = { Bool: { "aws:SecureTransport": "false" } };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [Effect === "Deny" ? { ...statement, Condition } : statement],
  });
}
