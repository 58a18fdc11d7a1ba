import type { ServiceEntry } from "./wire/catalog.ts";

/** The IAM action that an operation needs: `sqs:CreateQueue`, but `s3:ListBucket` for HeadBucket. */
export function actionOf(service: ServiceEntry, operation: string): string {
  const prefix = PREFIXES[service.id] ?? service.signingName;
  const name = EXCEPTIONS[service.id]?.[operation] ?? operation;
  return `${prefix}:${name}`;
}

const PREFIXES: Readonly<Record<string, string>> = { cloudwatch: "cloudwatch", "resource-groups-tagging-api": "tag" };

/** From AWS's table "Actions, resources, and condition keys"; only where action and operation differ. */
const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  s3: {
    ListBuckets: "ListAllMyBuckets",
    HeadBucket: "ListBucket",
    ListObjects: "ListBucket",
    ListObjectsV2: "ListBucket",
    ListObjectVersions: "ListBucketVersions",
    ListMultipartUploads: "ListBucketMultipartUploads",
    ListParts: "ListMultipartUploadParts",
    HeadObject: "GetObject",
    CopyObject: "PutObject",
    CreateMultipartUpload: "PutObject",
    UploadPart: "PutObject",
    CompleteMultipartUpload: "PutObject",
    DeleteObjects: "DeleteObject",
    GetBucketEncryption: "GetEncryptionConfiguration",
    PutBucketEncryption: "PutEncryptionConfiguration",
    DeleteBucketEncryption: "PutEncryptionConfiguration",
    GetBucketLifecycleConfiguration: "GetLifecycleConfiguration",
    PutBucketLifecycleConfiguration: "PutLifecycleConfiguration",
    DeleteBucketLifecycle: "PutLifecycleConfiguration",
    GetBucketNotificationConfiguration: "GetBucketNotification",
    PutBucketNotificationConfiguration: "PutBucketNotification",
    GetPublicAccessBlock: "GetBucketPublicAccessBlock",
    PutPublicAccessBlock: "PutBucketPublicAccessBlock",
    DeletePublicAccessBlock: "PutBucketPublicAccessBlock",
    DeleteBucketOwnershipControls: "PutBucketOwnershipControls",
    DeleteBucketTagging: "PutBucketTagging",
  },
  sqs: {
    SendMessageBatch: "SendMessage",
    DeleteMessageBatch: "DeleteMessage",
    ChangeMessageVisibilityBatch: "ChangeMessageVisibility",
  },
  lambda: { Invoke: "InvokeFunction", InvokeWithResponseStream: "InvokeFunction", ListTags: "ListTags" },
};
