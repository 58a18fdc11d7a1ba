import { stepsOf } from "./walk.ts";

const Bucket = "walk-bucket";
const at = { Bucket };
/** What URLs, headers, XML and events all write in ways of their own. */
const KEY = "day 1/a+b%20c'd\"é&<ü>.txt";
const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ],
});
const LIFECYCLE = {
  Rules: [
    {
      ID: "parts",
      Status: "Enabled",
      Filter: { Prefix: "" },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
  ],
};
const QUEUE = "arn:aws:sqs:us-east-1:123456789012:walk-events";
const EVENTS_POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sqs:SendMessage", Resource: QUEUE },
  ],
});
const PART = Buffer.alloc(5 * 1024 ** 2, "part one ");

export const storageSteps = [
  ...stepsOf("sts", [["GetCallerIdentity", {}]]),
  ...stepsOf("sqs", [["CreateQueue", { QueueName: "walk-events", Attributes: { Policy: EVENTS_POLICY } }]]),
  ...stepsOf("s3", [
    ["CreateBucket", at],
    ["HeadBucket", at],
    ["ListBuckets", { Prefix: "walk", MaxBuckets: 10 }],
    ["PutBucketTagging", { ...at, Tagging: { TagSet: [{ Key: "colour", Value: "grün & blau" }] } }],
    ["GetBucketTagging", at],
    ["PutBucketPolicy", { ...at, Policy: POLICY }],
    ["GetBucketPolicy", at],
    ["DeleteBucketPolicy", at],
    ["PutBucketLifecycleConfiguration", { ...at, LifecycleConfiguration: LIFECYCLE }],
    ["GetBucketLifecycleConfiguration", at],
    ["DeleteBucketLifecycle", at],
    [
      "PutBucketEncryption",
      {
        ...at,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" }, BucketKeyEnabled: true }],
        },
      },
    ],
    ["GetBucketEncryption", at],
    [
      "PutPublicAccessBlock",
      { ...at, PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true } },
    ],
    ["GetPublicAccessBlock", at],
    [
      "PutBucketOwnershipControls",
      { ...at, OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerPreferred" }] } },
    ],
    ["GetBucketOwnershipControls", at],
    [
      "PutBucketNotificationConfiguration",
      {
        ...at,
        NotificationConfiguration: {
          QueueConfigurations: [
            {
              Id: "all",
              QueueArn: QUEUE,
              Events: ["s3:ObjectCreated:*"],
              Filter: { Key: { FilterRules: [{ Name: "prefix", Value: "day 1/" }] } },
            },
          ],
        },
      },
    ],
    ["GetBucketNotificationConfiguration", at],
    [
      "PutObject",
      { ...at, Key: KEY, Body: Buffer.from("héllo"), ContentType: "text/plain", Metadata: { origin: "a walk" } },
    ],
    ["HeadObject", { ...at, Key: KEY }],
    ["GetObject", { ...at, Key: KEY }],
    ["GetObject", { ...at, Key: KEY, Range: "bytes=1-3" }],
    ["ListObjectsV2", { ...at, Prefix: "day 1/" }],
    ["ListObjectsV2", { ...at, Delimiter: "/" }],
    ["ListObjectVersions", at],
    ["CreateMultipartUpload", { ...at, Key: "large", ChecksumAlgorithm: "CRC32" }],
    [
      "UploadPart",
      (got) => ({ ...at, Key: "large", UploadId: got("CreateMultipartUpload").UploadId, PartNumber: 1, Body: PART }),
    ],
    ["ListMultipartUploads", at],
    [
      "CompleteMultipartUpload",
      (got) => ({
        ...at,
        Key: "large",
        UploadId: got("CreateMultipartUpload").UploadId,
        MultipartUpload: {
          Parts: [{ PartNumber: 1, ETag: got("UploadPart").ETag, ChecksumCRC32: got("UploadPart").ChecksumCRC32 }],
        },
      }),
    ],
    ["CreateMultipartUpload", { ...at, Key: "given up" }],
    ["AbortMultipartUpload", (got) => ({ ...at, Key: "given up", UploadId: got("CreateMultipartUpload").UploadId })],
    ["DeleteObject", { ...at, Key: "large" }],
    ["DeleteObjects", { ...at, Delete: { Objects: [{ Key: KEY }, { Key: "never there" }] } }],
    ["DeleteBucket", at],
  ]),
] as const;
