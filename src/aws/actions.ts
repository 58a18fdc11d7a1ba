/** The IAM action that an operation needs, where it is not simply `service:Operation`. Source: AWS service authorization reference. */

const S3: Readonly<Record<string, string>> = {
  HeadBucket: "s3:ListBucket",
  ListBuckets: "s3:ListAllMyBuckets",
  ListObjectsV2: "s3:ListBucket",
  ListObjectVersions: "s3:ListBucketVersions",
  ListMultipartUploads: "s3:ListBucketMultipartUploads",
  HeadObject: "s3:GetObject",
  DeleteObjects: "s3:DeleteObject",
  GetBucketEncryption: "s3:GetEncryptionConfiguration",
  PutBucketEncryption: "s3:PutEncryptionConfiguration",
  GetPublicAccessBlock: "s3:GetBucketPublicAccessBlock",
  PutPublicAccessBlock: "s3:PutBucketPublicAccessBlock",
  GetBucketLifecycleConfiguration: "s3:GetLifecycleConfiguration",
  PutBucketLifecycleConfiguration: "s3:PutLifecycleConfiguration",
  DeleteBucketLifecycle: "s3:PutLifecycleConfiguration",
  GetBucketNotificationConfiguration: "s3:GetBucketNotification",
  PutBucketNotificationConfiguration: "s3:PutBucketNotification",
  DeleteBucketTagging: "s3:PutBucketTagging",
  CreateMultipartUpload: "s3:PutObject",
  UploadPart: "s3:PutObject",
  CompleteMultipartUpload: "s3:PutObject",
};

/** In batches, the same as one by one. */
const SQS: Readonly<Record<string, string>> = {
  SendMessageBatch: "sqs:SendMessage",
  DeleteMessageBatch: "sqs:DeleteMessage",
};

const PREFIX: Readonly<Record<string, string>> = { tagging: "tag" };

/** @example iamAction("s3", "PutBucketEncryption") // "s3:PutEncryptionConfiguration" */
export function iamAction(service: string, operation: string): string {
  if (service === "s3") return S3[operation] ?? `s3:${operation}`;
  if (service === "sqs" && operation in SQS) return SQS[operation]!;
  if (service === "lambda" && operation === "Invoke") return "lambda:InvokeFunction";
  return `${PREFIX[service] ?? service}:${operation}`;
}
