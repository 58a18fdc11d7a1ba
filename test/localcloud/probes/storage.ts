import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import type { Sdk } from "../../support/sdk.ts";
import type { Probe } from "./probe.ts";

const S3 = "S3 API Reference";
const SQS = "SQS API Reference";

async function bucket({ s3: client }: Sdk, Bucket: string): Promise<{ Bucket: string }> {
  await client.send(new s3.CreateBucketCommand({ Bucket }));
  return { Bucket };
}

async function queue({ sqs: client }: Sdk, QueueName: string, Attributes: Record<string, string> = {}) {
  const { QueueUrl } = await client.send(new sqs.CreateQueueCommand({ QueueName, Attributes }));
  return { QueueUrl: QueueUrl! };
}

async function attribute({ sqs: client }: Sdk, at: { QueueUrl: string }, name: string): Promise<string> {
  const { Attributes } = await client.send(new sqs.GetQueueAttributesCommand({ ...at, AttributeNames: ["All"] }));
  return Attributes?.[name as "Policy"] ?? "absent";
}

export const storageProbes: readonly Probe[] = [
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
  {
    operation: "sqs:CreateQueue",
    question: "redrive-allow policy given at birth is there",
    aws: "kept",
    source: `${SQS}, CreateQueue`,
    async ask(sdk) {
      const RedriveAllowPolicy = JSON.stringify({ redrivePermission: "denyAll" });
      const at = await queue(sdk, "probe-allow", { RedriveAllowPolicy });
      return (await attribute(sdk, at, "RedriveAllowPolicy")) === "absent" ? "dropped" : "kept";
    },
  },
  {
    operation: "sqs:CreateQueue",
    question: "of a name that is there, with other attributes",
    aws: "QueueNameExists",
    source: `${SQS}, CreateQueue`,
    async ask(sdk) {
      await queue(sdk, "probe-twice", { VisibilityTimeout: "30" });
      await queue(sdk, "probe-twice", { VisibilityTimeout: "31" });
      return "accepted";
    },
  },
  {
    operation: "sqs:GetQueueAttributes",
    question: "MaximumMessageSize of a new queue",
    aws: "1048576",
    source: `${SQS}, CreateQueue (since August 2025)`,
    ask: async (sdk) => attribute(sdk, await queue(sdk, "probe-size"), "MaximumMessageSize"),
  },
  {
    operation: "sqs:SetQueueAttributes",
    question: "a policy stays when another attribute is set",
    aws: "kept",
    source: `${SQS}, SetQueueAttributes`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-policy");
      const Resource = await attribute(sdk, at, "QueueArn");
      const Statement = [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sqs:SendMessage", Resource }];
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
      await sdk.sqs.send(new sqs.SetQueueAttributesCommand({ ...at, Attributes: { Policy } }));
      await sdk.sqs.send(new sqs.SetQueueAttributesCommand({ ...at, Attributes: { VisibilityTimeout: "31" } }));
      return (await attribute(sdk, at, "Policy")) === "absent" ? "dropped" : "kept";
    },
  },
  {
    operation: "sqs:SetQueueAttributes",
    question: "a redrive policy that names no queue",
    aws: "InvalidParameterValue",
    source: "SQS Developer Guide, dead-letter queues",
    async ask(sdk) {
      const at = await queue(sdk, "probe-redrive");
      const deadLetterTargetArn = `${await attribute(sdk, at, "QueueArn")}-none`;
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 });
      await sdk.sqs.send(new sqs.SetQueueAttributesCommand({ ...at, Attributes: { RedrivePolicy } }));
      return "accepted";
    },
  },
  {
    operation: "sqs:StartMessageMoveTask",
    question: "from a dead-letter queue back to its source",
    aws: "started",
    source: `${SQS}, StartMessageMoveTask`,
    async ask(sdk) {
      const SourceArn = await attribute(sdk, await queue(sdk, "probe-dead"), "QueueArn");
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 });
      await queue(sdk, "probe-source", { RedrivePolicy });
      await sdk.sqs.send(new sqs.StartMessageMoveTaskCommand({ SourceArn }));
      return "started";
    },
  },
  {
    operation: "sqs:DeleteMessage",
    question: "with an older receipt: the message stays",
    aws: "stays",
    source: `${SQS}, DeleteMessage`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-receipt");
      await sdk.sqs.send(new sqs.SendMessageCommand({ ...at, MessageBody: "x" }));
      const receive = () => sdk.sqs.send(new sqs.ReceiveMessageCommand({ ...at, VisibilityTimeout: 0 }));
      const old = (await receive()).Messages![0]!;
      await receive();
      await sdk.sqs.send(new sqs.DeleteMessageCommand({ ...at, ReceiptHandle: old.ReceiptHandle! }));
      return (await receive()).Messages?.length ? "stays" : "gone";
    },
  },
];
