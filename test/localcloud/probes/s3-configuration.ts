import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import type { Sdk } from "../../support/sdk.ts";
import { attribute, bucket, makeFunction, objects, openQueue, queue } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";

const S3 = "S3 API Reference";
const NOTIFICATIONS = `${S3}, PutBucketNotificationConfiguration`;

export const s3ConfigurationProbes: readonly Probe[] = [
  {
    operation: "s3:GetBucketTagging",
    question: "of a bucket without tags",
    aws: "404 NoSuchTagSet",
    source: `${S3}, GetBucketTagging`,
    ask: async (sdk) => outcomeOf(sdk.s3.send(new s3.GetBucketTaggingCommand(await bucket(sdk, "probe-untagged")))),
  },
  {
    operation: "s3:PutBucketTagging",
    question: "a second set replaces the first",
    aws: "size",
    source: "S3 User Guide, cost allocation tags of buckets",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-retagged");
      for (const Key of ["colour", "size"]) await tagBucket(sdk, at, Key);
      const { TagSet } = await sdk.s3.send(new s3.GetBucketTaggingCommand(at));
      return TagSet?.map(({ Key }) => Key).join(", ") ?? "absent";
    },
  },
  {
    operation: "s3:PutBucketTagging",
    question: "a key that begins with `aws:`",
    aws: "400 InvalidTag",
    source: `${S3}, PutBucketTagging`,
    ask: async (sdk) => outcomeOf(tagBucket(sdk, await bucket(sdk, "probe-system-tag"), "aws:colour")),
  },
  {
    operation: "s3:PutBucketTagging",
    question: "the same key twice",
    aws: "400 InvalidTag",
    source: `${S3}, PutBucketTagging`,
    ask: async (sdk) => outcomeOf(tagBucket(sdk, await bucket(sdk, "probe-twin-tag"), "colour", "colour")),
  },
  {
    operation: "s3:GetBucketLifecycleConfiguration",
    question: "of a bucket without one",
    aws: "404 NoSuchLifecycleConfiguration",
    source: `${S3}, GetBucketLifecycleConfiguration`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-timeless");
      return outcomeOf(sdk.s3.send(new s3.GetBucketLifecycleConfigurationCommand(at)));
    },
  },
  {
    operation: "s3:GetBucketLifecycleConfiguration",
    question: "the smallest object of a transition, where nobody said",
    aws: "all_storage_classes_128K",
    source: `${S3}, PutBucketLifecycleConfiguration`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-minimum");
      await lifecycle(sdk, at, expiring("a", 1));
      const answer = await sdk.s3.send(new s3.GetBucketLifecycleConfigurationCommand(at));
      return answer.TransitionDefaultMinimumObjectSize ?? "absent";
    },
  },
  {
    operation: "s3:PutBucketLifecycleConfiguration",
    question: "a second one replaces the first",
    aws: "b",
    source: `${S3}, PutBucketLifecycleConfiguration`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-lifecycle");
      for (const id of ["a", "b"]) await lifecycle(sdk, at, expiring(id, 1));
      return rulesOf(sdk, at);
    },
  },
  {
    operation: "s3:PutBucketLifecycleConfiguration",
    question: "objects that expire after 0 days",
    aws: "400 InvalidArgument",
    source: `${S3}, LifecycleExpiration`,
    ask: async (sdk) => outcomeOf(lifecycle(sdk, await bucket(sdk, "probe-at-once"), expiring("a", 0))),
  },
  {
    operation: "s3:PutBucketLifecycleConfiguration",
    question: "two rules of the same id",
    aws: "400 InvalidArgument",
    source: "S3 User Guide, lifecycle configuration elements",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-twin-rules");
      return outcomeOf(lifecycle(sdk, at, expiring("a", 1), expiring("a", 2)));
    },
  },
  {
    operation: "s3:DeleteBucketLifecycle",
    question: "takes all rules, then finds none",
    aws: "404 NoSuchLifecycleConfiguration",
    source: `${S3}, DeleteBucketLifecycle`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-ageless");
      await lifecycle(sdk, at, expiring("a", 1));
      for (const _ of [1, 2]) await sdk.s3.send(new s3.DeleteBucketLifecycleCommand(at));
      return outcomeOf(rulesOf(sdk, at));
    },
  },
  {
    operation: "s3:GetBucketNotificationConfiguration",
    question: "an entry that was given no id",
    aws: "has one",
    source: `${S3}, QueueConfiguration`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-no-id");
      const { QueueArn } = await openQueue(sdk, "probe-no-id");
      await notify(sdk, at, { QueueArn, Events: ["s3:ObjectCreated:*"] });
      const answer = await sdk.s3.send(new s3.GetBucketNotificationConfigurationCommand(at));
      return answer.QueueConfigurations?.[0]?.Id ? "has one" : "has none";
    },
  },
  {
    operation: "s3:PutBucketNotificationConfiguration",
    question: "two entries for the same events and overlapping prefixes",
    aws: "400 InvalidArgument",
    source: "S3 User Guide, overlapping notification configurations",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-overlap");
      const { QueueArn } = await openQueue(sdk, "probe-overlap");
      const entry = (Id: string, Value: string): s3.QueueConfiguration => ({
        ...{ Id, QueueArn, Events: ["s3:ObjectCreated:*"] },
        Filter: { Key: { FilterRules: [{ Name: "prefix", Value }] } },
      });
      return outcomeOf(notify(sdk, at, entry("a", "in/"), entry("b", "in/deeper/")));
    },
  },
  {
    operation: "s3:PutBucketNotificationConfiguration",
    question: "an empty one turns notifications off",
    aws: "0",
    source: NOTIFICATIONS,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-silent");
      const { QueueArn } = await openQueue(sdk, "probe-silent");
      await notify(sdk, at, { QueueArn, Events: ["s3:ObjectCreated:*"] });
      await sdk.s3.send(new s3.PutBucketNotificationConfigurationCommand({ ...at, NotificationConfiguration: {} }));
      const answer = await sdk.s3.send(new s3.GetBucketNotificationConfigurationCommand(at));
      return String(answer.QueueConfigurations?.length ?? 0);
    },
  },
  {
    operation: "s3:PutBucketNotificationConfiguration",
    question: "a function that does not let S3 in",
    aws: "400 InvalidArgument",
    source: NOTIFICATIONS,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-uninvited");
      return outcomeOf(sdk.s3.send(new s3.PutBucketNotificationConfigurationCommand(await uninvited(sdk, at))));
    },
  },
  {
    operation: "s3:PutBucketNotificationConfiguration",
    question: "the same, told not to look",
    aws: "accepted",
    source: NOTIFICATIONS,
    async ask(sdk) {
      const blind = { ...(await uninvited(sdk, await bucket(sdk, "probe-blind"))), SkipDestinationValidation: true };
      return outcomeOf(sdk.s3.send(new s3.PutBucketNotificationConfigurationCommand(blind)));
    },
  },
  {
    operation: "s3:PutBucketNotificationConfiguration",
    question: "a queue that does not let S3 in",
    aws: "400 InvalidArgument",
    source: NOTIFICATIONS,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-locked");
      const QueueArn = await attribute(sdk, await queue(sdk, "probe-locked"), "QueueArn");
      return outcomeOf(notify(sdk, at, { QueueArn, Events: ["s3:ObjectCreated:*"] }));
    },
  },
  {
    operation: "s3:PutBucketNotificationConfiguration",
    question: "the first message in the queue",
    aws: "s3:TestEvent",
    source: `${NOTIFICATIONS}; S3 User Guide, event message structure`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-tested");
      const { QueueArn, QueueUrl } = await openQueue(sdk, "probe-tested");
      await notify(sdk, at, { QueueArn, Events: ["s3:ObjectCreated:*"] });
      return (await eventIn(sdk, QueueUrl))?.Event ?? "none";
    },
  },
  {
    operation: "s3:PutObject",
    question: "how the event writes the key `red flower/1+1.txt`",
    aws: "red+flower/1%2B1.txt",
    source: "S3 User Guide, event message structure",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-event");
      const { QueueArn, QueueUrl } = await openQueue(sdk, "probe-event");
      await notify(sdk, at, { QueueArn, Events: ["s3:ObjectCreated:*"] });
      await objects(sdk, at, "red flower/1+1.txt");
      for (const _ of [1, 2]) {
        const [record] = (await eventIn(sdk, QueueUrl))?.Records ?? [];
        if (record) return record.s3.object.key;
      }
      return "no event";
    },
  },
];

function tagBucket({ s3: client }: Sdk, at: { Bucket: string }, ...keys: string[]): Promise<unknown> {
  const TagSet = keys.map((Key) => ({ Key, Value: "x" }));
  return client.send(new s3.PutBucketTaggingCommand({ ...at, Tagging: { TagSet } }));
}

const expiring = (ID: string, Days: number): s3.LifecycleRule => ({
  ...{ ID, Status: "Enabled", Filter: { Prefix: "tmp/" } },
  Expiration: { Days },
});

function lifecycle({ s3: client }: Sdk, at: { Bucket: string }, ...Rules: s3.LifecycleRule[]): Promise<unknown> {
  return client.send(new s3.PutBucketLifecycleConfigurationCommand({ ...at, LifecycleConfiguration: { Rules } }));
}

async function rulesOf({ s3: client }: Sdk, at: { Bucket: string }): Promise<string> {
  const { Rules = [] } = await client.send(new s3.GetBucketLifecycleConfigurationCommand(at));
  return Rules.map(({ ID }) => ID).join(", ");
}

function notify({ s3: client }: Sdk, at: { Bucket: string }, ...QueueConfigurations: s3.QueueConfiguration[]) {
  const NotificationConfiguration = { QueueConfigurations };
  return client.send(new s3.PutBucketNotificationConfigurationCommand({ ...at, NotificationConfiguration }));
}

/** A notification for a function that has no policy. */
async function uninvited(sdk: Sdk, at: { Bucket: string }): Promise<s3.PutBucketNotificationConfigurationCommandInput> {
  const { FunctionArn: LambdaFunctionArn } = await makeFunction(sdk, at.Bucket);
  const LambdaFunctionConfigurations = [{ LambdaFunctionArn, Events: ["s3:ObjectCreated:*" as const] }];
  return { ...at, NotificationConfiguration: { LambdaFunctionConfigurations } };
}

interface S3Event {
  readonly Event?: string;
  readonly Records?: readonly { readonly s3: { readonly object: { readonly key: string } } }[];
}

/** The next event in the queue, which is gone from it then. */
async function eventIn({ sqs: client }: Sdk, QueueUrl: string): Promise<S3Event | undefined> {
  const { Messages } = await client.send(new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  return Messages?.[0] && JSON.parse(Messages[0].Body!);
}
