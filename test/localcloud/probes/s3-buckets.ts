import * as s3 from "@aws-sdk/client-s3";
import { bucket, objects, versionedBucket } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";

const S3 = "S3 API Reference";

export const s3BucketProbes: readonly Probe[] = [
  {
    operation: "s3:CreateBucket",
    question: "tags given at birth are there",
    aws: "green",
    source: `${S3}, CreateBucketConfiguration`,
    async ask(sdk) {
      const CreateBucketConfiguration = { Tags: [{ Key: "colour", Value: "green" }] };
      await sdk.s3.send(new s3.CreateBucketCommand({ Bucket: "probe-tags", CreateBucketConfiguration }));
      const { TagSet } = await sdk.s3.send(new s3.GetBucketTaggingCommand({ Bucket: "probe-tags" }));
      return TagSet?.[0]?.Value ?? "absent";
    },
  },
  {
    operation: "s3:CreateBucket",
    question: "again, by its owner, in us-east-1",
    aws: "accepted",
    source: `${S3}, CreateBucket, errors`,
    ask: async (sdk) => outcomeOf(sdk.s3.send(new s3.CreateBucketCommand(await bucket(sdk, "probe-again")))),
  },
  {
    operation: "s3:CreateBucket",
    question: "a name with a capital letter",
    aws: "400 InvalidBucketName",
    source: "S3 User Guide, bucket naming rules",
    ask: (sdk) => outcomeOf(sdk.s3.send(new s3.CreateBucketCommand({ Bucket: "Probe-name" }))),
  },
  {
    operation: "s3:HeadBucket",
    question: "with another account as the expected owner: status",
    aws: "403",
    source: "S3 User Guide, bucket owner condition",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-expected");
      const ask = sdk.s3.send(new s3.HeadBucketCommand({ ...at, ExpectedBucketOwner: "999999999999" }));
      return ask.then(
        () => "200",
        (error) => String(error.$metadata.httpStatusCode),
      );
    },
  },
  {
    operation: "s3:HeadBucket",
    question: "the region is told",
    aws: "us-east-1",
    source: `${S3}, HeadBucket, response headers`,
    async ask(sdk) {
      const answer = await sdk.s3.send(new s3.HeadBucketCommand(await bucket(sdk, "probe-region")));
      return answer.BucketRegion ?? "absent";
    },
  },
  {
    operation: "s3:ListBuckets",
    question: "two pages of one, by prefix",
    aws: "probe-page-a, probe-page-b",
    source: `${S3}, ListBuckets`,
    async ask(sdk) {
      for (const name of ["probe-page-b", "probe-page-a"]) await bucket(sdk, name);
      const page = { MaxBuckets: 1, Prefix: "probe-page-" };
      const names: (string | undefined)[] = [];
      let ContinuationToken: string | undefined;
      for (const _ of [1, 2]) {
        const answer = await sdk.s3.send(new s3.ListBucketsCommand({ ...page, ContinuationToken }));
        names.push(...(answer.Buckets ?? []).map(({ Name }) => Name));
        ContinuationToken = answer.ContinuationToken;
      }
      return names.join(", ");
    },
  },
  {
    operation: "s3:ListBuckets",
    question: "of one region: each says its region",
    aws: "us-east-1",
    source: `${S3}, Bucket`,
    async ask(sdk) {
      await bucket(sdk, "probe-of-region");
      const { Buckets } = await sdk.s3.send(new s3.ListBucketsCommand({ BucketRegion: "us-east-1" }));
      return Buckets?.find(({ Name }) => Name === "probe-of-region")?.BucketRegion ?? "absent";
    },
  },
  {
    operation: "s3:DeleteBucket",
    question: "with an object in it",
    aws: "409 BucketNotEmpty",
    source: `${S3}, DeleteBucket`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-full");
      await objects(sdk, at, "k");
      return outcomeOf(sdk.s3.send(new s3.DeleteBucketCommand(at)));
    },
  },
  {
    operation: "s3:DeleteBucket",
    question: "with a delete marker alone in it",
    aws: "409 BucketNotEmpty",
    source: `${S3}, DeleteBucket`,
    async ask(sdk) {
      const at = await versionedBucket(sdk, "probe-marker");
      await sdk.s3.send(new s3.DeleteObjectCommand({ ...at, Key: "never there" }));
      return outcomeOf(sdk.s3.send(new s3.DeleteBucketCommand(at)));
    },
  },
  {
    operation: "s3:GetBucketEncryption",
    question: "of a new bucket",
    aws: "AES256",
    source: "S3 User Guide, default encryption",
    async ask(sdk) {
      const answer = await sdk.s3.send(new s3.GetBucketEncryptionCommand(await bucket(sdk, "probe-encryption")));
      const [rule] = answer.ServerSideEncryptionConfiguration?.Rules ?? [];
      return rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm ?? "absent";
    },
  },
  {
    operation: "s3:PutBucketEncryption",
    question: "KMS: what is put from then on says it, what was there does not",
    aws: "AES256, aws:kms",
    source: "S3 User Guide, default encryption",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-encrypted");
      await objects(sdk, at, "before");
      const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const } }];
      const ServerSideEncryptionConfiguration = { Rules };
      await sdk.s3.send(new s3.PutBucketEncryptionCommand({ ...at, ServerSideEncryptionConfiguration }));
      await objects(sdk, at, "then");
      const says = async (Key: string) =>
        (await sdk.s3.send(new s3.HeadObjectCommand({ ...at, Key }))).ServerSideEncryption ?? "nothing";
      return `${await says("before")}, ${await says("then")}`;
    },
  },
  {
    operation: "s3:GetPublicAccessBlock",
    question: "of a new bucket: everything blocked",
    aws: "true",
    source: "S3 User Guide, Block Public Access (since April 2023)",
    async ask(sdk) {
      const answer = await sdk.s3.send(new s3.GetPublicAccessBlockCommand(await bucket(sdk, "probe-public")));
      return String(answer.PublicAccessBlockConfiguration?.RestrictPublicBuckets);
    },
  },
  {
    operation: "s3:PutPublicAccessBlock",
    question: "public policies no longer blocked: one is taken",
    aws: "403 AccessDenied, then accepted",
    source: "S3 User Guide, Block Public Access settings",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-opened");
      const open = () => outcomeOf(sdk.s3.send(new s3.PutBucketPolicyCommand({ ...at, Policy: everybody(at.Bucket) })));
      const before = await open();
      const PublicAccessBlockConfiguration = { BlockPublicAcls: true, BlockPublicPolicy: false };
      await sdk.s3.send(new s3.PutPublicAccessBlockCommand({ ...at, PublicAccessBlockConfiguration }));
      return `${before}, then ${await open()}`;
    },
  },
  {
    operation: "s3:GetBucketOwnershipControls",
    question: "of a new bucket",
    aws: "BucketOwnerEnforced",
    source: "S3 User Guide, Object Ownership (since April 2023)",
    async ask(sdk) {
      const answer = await sdk.s3.send(new s3.GetBucketOwnershipControlsCommand(await bucket(sdk, "probe-owner")));
      return answer.OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? "absent";
    },
  },
  {
    operation: "s3:PutBucketOwnershipControls",
    question: "BucketOwnerPreferred: an object's ACL is taken, which was not before",
    aws: "400 AccessControlListNotSupported, then accepted",
    source: "S3 User Guide, Object Ownership, troubleshooting",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-preferred");
      const given = { ...at, Key: "k", Body: "x", ACL: "private" as const };
      const put = () => outcomeOf(sdk.s3.send(new s3.PutObjectCommand(given)));
      const before = await put();
      const OwnershipControls = { Rules: [{ ObjectOwnership: "BucketOwnerPreferred" as const }] };
      await sdk.s3.send(new s3.PutBucketOwnershipControlsCommand({ ...at, OwnershipControls }));
      return `${before}, then ${await put()}`;
    },
  },
  {
    operation: "s3:GetBucketPolicy",
    question: "of a bucket without one",
    aws: "404 NoSuchBucketPolicy",
    source: `${S3}, error responses`,
    ask: async (sdk) => outcomeOf(sdk.s3.send(new s3.GetBucketPolicyCommand(await bucket(sdk, "probe-lawless")))),
  },
  {
    operation: "s3:PutBucketPolicy",
    question: "about another bucket",
    aws: "400 MalformedPolicy",
    source: `${S3}, error responses`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-policy");
      const Policy = everybody("probe-another").replace("Allow", "Deny");
      return outcomeOf(sdk.s3.send(new s3.PutBucketPolicyCommand({ ...at, Policy })));
    },
  },
  {
    operation: "s3:PutBucketPolicy",
    question: "that is no JSON",
    aws: "400 MalformedPolicy",
    source: `${S3}, error responses`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-no-json");
      return outcomeOf(sdk.s3.send(new s3.PutBucketPolicyCommand({ ...at, Policy: "{" })));
    },
  },
  {
    operation: "s3:DeleteBucketPolicy",
    question: "where there is none",
    aws: "accepted",
    source: "AWS SDK for .NET Reference, DeleteBucketPolicy",
    ask: async (sdk) => outcomeOf(sdk.s3.send(new s3.DeleteBucketPolicyCommand(await bucket(sdk, "probe-free")))),
  },
];

/** Everybody may read what is in the bucket. */
function everybody(name: string): string {
  const Statement = [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${name}/*` }];
  return JSON.stringify({ Version: "2012-10-17", Statement });
}
