import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import { attribute, bucket, queue } from "./made.ts";
import type { Probe } from "./probe.ts";

const S3 = "S3 API Reference";

export const s3Probes: readonly Probe[] = [
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
    operation: "s3:PutBucketNotificationConfiguration",
    question: "two queues for the same events and overlapping prefixes",
    aws: "InvalidArgument",
    source: "S3 User Guide, overlapping notification configurations",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-overlap");
      const own = await queue(sdk, "probe-overlap");
      const QueueArn = await attribute(sdk, own, "QueueArn");
      const Statement = [
        { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sqs:SendMessage", Resource: QueueArn },
      ];
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
      await sdk.sqs.send(new sqs.SetQueueAttributesCommand({ ...own, Attributes: { Policy } }));
      const entry = (Id: string, Value: string) => ({
        ...{ Id, QueueArn, Events: ["s3:ObjectCreated:*" as const] },
        Filter: { Key: { FilterRules: [{ Name: "prefix" as const, Value }] } },
      });
      const NotificationConfiguration = { QueueConfigurations: [entry("a", "in/"), entry("b", "in/deeper/")] };
      await sdk.s3.send(new s3.PutBucketNotificationConfigurationCommand({ ...at, NotificationConfiguration }));
      return "accepted";
    },
  },
  {
    operation: "s3:DeleteBucket",
    question: "with an object in it",
    aws: "BucketNotEmpty",
    source: `${S3}, DeleteBucket`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-full");
      await sdk.s3.send(new s3.PutObjectCommand({ ...at, Key: "k", Body: "x" }));
      await sdk.s3.send(new s3.DeleteBucketCommand(at));
      return "deleted";
    },
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
    operation: "s3:PutObject",
    question: "`If-None-Match: *` over an object that is there",
    aws: "PreconditionFailed",
    source: `${S3}, conditional writes`,
    async ask(sdk) {
      const given = { ...(await bucket(sdk, "probe-once")), Key: "k", Body: "x", IfNoneMatch: "*" };
      await sdk.s3.send(new s3.PutObjectCommand(given));
      await sdk.s3.send(new s3.PutObjectCommand(given));
      return "written twice";
    },
  },
];
