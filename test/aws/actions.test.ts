import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { iamAction } from "../../src/aws/actions.ts";

describe("the action that an operation needs", () => {
  for (const [service, operation, action] of [
    ["s3", "HeadBucket", "s3:ListBucket"],
    ["s3", "ListBuckets", "s3:ListAllMyBuckets"],
    ["s3", "ListObjectsV2", "s3:ListBucket"],
    ["s3", "CreateBucket", "s3:CreateBucket"],
    ["s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"],
    ["s3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"],
    ["s3", "DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"],
    ["s3", "GetBucketNotificationConfiguration", "s3:GetBucketNotification"],
    ["s3", "GetBucketPolicy", "s3:GetBucketPolicy"],
    ["lambda", "Invoke", "lambda:InvokeFunction"],
    ["lambda", "GetFunction", "lambda:GetFunction"],
    ["tagging", "GetResources", "tag:GetResources"],
    ["sqs", "CreateQueue", "sqs:CreateQueue"],
    ["logs", "DescribeLogGroups", "logs:DescribeLogGroups"],
    ["events", "PutRule", "events:PutRule"],
  ] as const) {
    it(`${operation} of ${service} is ${action}`, () => assert.equal(iamAction(service, operation), action));
  }
});
