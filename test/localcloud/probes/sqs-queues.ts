import * as sqs from "@aws-sdk/client-sqs";
import type { Sdk } from "../../support/sdk.ts";
import { attribute, policy, queue } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const SQS = "SQS API Reference";

export const sqsQueueProbes: readonly Probe[] = [
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
    aws: "400 QueueNameExists",
    source: `${SQS}, CreateQueue`,
    async ask(sdk) {
      await queue(sdk, "probe-twice", { VisibilityTimeout: "30" });
      return outcomeOf(queue(sdk, "probe-twice", { VisibilityTimeout: "31" }));
    },
  },
  {
    operation: "sqs:CreateQueue",
    question: "of a name that is there, with none of its attributes",
    aws: "its URL",
    source: `${SQS}, CreateQueue, errors`,
    async ask(sdk) {
      const { QueueUrl } = await queue(sdk, "probe-same", { VisibilityTimeout: "31" });
      return (await queue(sdk, "probe-same")).QueueUrl === QueueUrl ? "its URL" : "another URL";
    },
  },
  {
    operation: "sqs:DeleteQueue",
    question: "with a message in it",
    aws: "accepted",
    source: `${SQS}, DeleteQueue`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-deleted");
      await sdk.sqs.send(new sqs.SendMessageCommand({ ...at, MessageBody: "x" }));
      return outcomeOf(sdk.sqs.send(new sqs.DeleteQueueCommand(at)));
    },
  },
  {
    operation: "sqs:DeleteQueue",
    question: "that is not there",
    aws: "400 QueueDoesNotExist",
    source: `${SQS}, DeleteQueue, errors`,
    async ask(sdk) {
      const { QueueUrl } = await queue(sdk, "probe-nowhere");
      return outcomeOf(sdk.sqs.send(new sqs.DeleteQueueCommand({ QueueUrl: `${QueueUrl}-at-all` })));
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
    operation: "sqs:GetQueueAttributes",
    question: "SqsManagedSseEnabled of a new queue",
    aws: "true",
    source: "SQS Developer Guide, encryption at rest",
    ask: async (sdk) => attribute(sdk, await queue(sdk, "probe-sse"), "SqsManagedSseEnabled"),
  },
  {
    operation: "sqs:GetQueueAttributes",
    question: "messages that wait, are in flight, are delayed",
    aws: "1, 1, 1",
    source: `${SQS}, GetQueueAttributes`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-counts");
      for (const DelaySeconds of [0, 0, 900])
        await sdk.sqs.send(new sqs.SendMessageCommand({ ...at, MessageBody: "x", DelaySeconds }));
      await sdk.sqs.send(new sqs.ReceiveMessageCommand(at));
      const counts = ["", "NotVisible", "Delayed"].map((state) =>
        attribute(sdk, at, `ApproximateNumberOfMessages${state}`),
      );
      return (await Promise.all(counts)).join(", ");
    },
  },
  {
    operation: "sqs:GetQueueAttributes",
    question: "an attribute that no queue has",
    aws: "400 InvalidAttributeName",
    source: `${SQS}, GetQueueAttributes, errors`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-unknown");
      const AttributeNames = ["Colour" as "All"];
      return outcomeOf(sdk.sqs.send(new sqs.GetQueueAttributesCommand({ ...at, AttributeNames })));
    },
  },
  {
    operation: "sqs:SetQueueAttributes",
    question: "a policy stays when another attribute is set",
    aws: "kept",
    source: `${SQS}, SetQueueAttributes`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-policy");
      const Resource = await attribute(sdk, at, "QueueArn");
      const Policy = policy({ Effect: "Allow", Principal: { AWS: "*" }, Action: "sqs:SendMessage", Resource });
      await set(sdk, at, { Policy });
      await set(sdk, at, { VisibilityTimeout: "31" });
      return (await attribute(sdk, at, "Policy")) === "absent" ? "dropped" : "kept";
    },
  },
  {
    operation: "sqs:SetQueueAttributes",
    question: "a redrive policy that names no queue",
    aws: "400 InvalidParameterValue",
    source: "SQS Developer Guide, dead-letter queues",
    async ask(sdk) {
      const at = await queue(sdk, "probe-redrive");
      return outcomeOf(set(sdk, at, redriveTo(`${await attribute(sdk, at, "QueueArn")}-none`)));
    },
  },
  {
    operation: "sqs:SetQueueAttributes",
    question: "a redrive policy to a queue that allows none",
    aws: "refused",
    source: `${SQS}, SetQueueAttributes, RedriveAllowPolicy`,
    async ask(sdk) {
      const RedriveAllowPolicy = JSON.stringify({ redrivePermission: "denyAll" });
      const closed = await queue(sdk, "probe-closed", { RedriveAllowPolicy });
      const redrive = redriveTo(await attribute(sdk, closed, "QueueArn"));
      return verdict(set(sdk, await queue(sdk, "probe-excluded"), redrive));
    },
  },
  {
    operation: "sqs:SetQueueAttributes",
    question: "a key of KMS ends SQS's own encryption",
    aws: "false",
    source: "SQS Developer Guide, encryption at rest",
    async ask(sdk) {
      const at = await queue(sdk, "probe-kms");
      await set(sdk, at, { KmsMasterKeyId: "alias/aws/sqs" });
      return attribute(sdk, at, "SqsManagedSseEnabled");
    },
  },
  {
    operation: "sqs:SetQueueAttributes",
    question: "a visibility of more than twelve hours",
    aws: "400 InvalidAttributeValue",
    source: `${SQS}, SetQueueAttributes`,
    ask: async (sdk) => outcomeOf(set(sdk, await queue(sdk, "probe-hours"), { VisibilityTimeout: "43201" })),
  },
  {
    operation: "sqs:ListQueues",
    question: "by prefix, a page of one: there is a next",
    aws: "2 queues in 2 pages",
    source: `${SQS}, ListQueues`,
    async ask(sdk) {
      for (const name of ["probe-list-a", "probe-list-b"]) await queue(sdk, name);
      const pages: (readonly string[])[] = [];
      let NextToken: string | undefined;
      do {
        const page = { QueueNamePrefix: "probe-list-", MaxResults: 1, NextToken };
        const answer = await sdk.sqs.send(new sqs.ListQueuesCommand(page));
        pages.push(answer.QueueUrls ?? []);
        NextToken = answer.NextToken;
      } while (NextToken && pages.length < 5);
      return `${new Set(pages.flat()).size} queues in ${pages.length} pages`;
    },
  },
  {
    operation: "sqs:ListQueueTags",
    question: "tags given at birth",
    aws: "green",
    source: `${SQS}, CreateQueue`,
    async ask(sdk) {
      const given = { QueueName: "probe-tags", tags: { colour: "green" } };
      const { QueueUrl } = await sdk.sqs.send(new sqs.CreateQueueCommand(given));
      return (await tagsOf(sdk, { QueueUrl: QueueUrl! })).colour ?? "absent";
    },
  },
  {
    operation: "sqs:TagQueue",
    question: "another value for one of two keys",
    aws: "colour red, size small",
    source: `${SQS}, TagQueue`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-retagged");
      await sdk.sqs.send(new sqs.TagQueueCommand({ ...at, Tags: { colour: "green", size: "small" } }));
      await sdk.sqs.send(new sqs.TagQueueCommand({ ...at, Tags: { colour: "red" } }));
      const tags = await tagsOf(sdk, at);
      return `colour ${tags.colour}, size ${tags.size}`;
    },
  },
  {
    operation: "sqs:TagQueue",
    question: "keys that differ in case",
    aws: "2",
    source: `${SQS}, TagQueue`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-tag-case");
      await sdk.sqs.send(new sqs.TagQueueCommand({ ...at, Tags: { colour: "green", Colour: "red" } }));
      return String(Object.keys(await tagsOf(sdk, at)).length);
    },
  },
  {
    operation: "sqs:UntagQueue",
    question: "one key that is there and one that is not",
    aws: "0",
    source: `${SQS}, UntagQueue`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-untagged");
      await sdk.sqs.send(new sqs.TagQueueCommand({ ...at, Tags: { colour: "green" } }));
      await sdk.sqs.send(new sqs.UntagQueueCommand({ ...at, TagKeys: ["colour", "size"] }));
      return String(Object.keys(await tagsOf(sdk, at)).length);
    },
  },
];

function set({ sqs: client }: Sdk, at: { QueueUrl: string }, Attributes: Record<string, string>): Promise<unknown> {
  return client.send(new sqs.SetQueueAttributesCommand({ ...at, Attributes }));
}

function redriveTo(deadLetterTargetArn: string): { RedrivePolicy: string } {
  return { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 }) };
}

async function tagsOf({ sqs: client }: Sdk, at: { QueueUrl: string }): Promise<Record<string, string>> {
  return (await client.send(new sqs.ListQueueTagsCommand(at))).Tags ?? {};
}
