import type * as api from "@aws-sdk/client-s3";
import type { Call, World } from "../../service.ts";
import type { Lambda } from "../lambda.ts";
import type { Sqs } from "../sqs.ts";
import { arnOf } from "./buckets.ts";
import { invalidArgument } from "./errors.ts";
import type { Bucket, Buckets } from "./state.ts";

type Entry = api.LambdaFunctionConfiguration | api.QueueConfiguration | api.TopicConfiguration;

export function notificationOperations(world: World, buckets: Buckets) {
  return {
    GetBucketNotificationConfiguration(input: api.GetBucketNotificationConfigurationCommandInput, call: Call) {
      return buckets.of(input, call).notification;
    },
    /** Replaces the whole. Topics are taken at their word; functions and queues are asked. */
    PutBucketNotificationConfiguration(input: api.PutBucketNotificationConfigurationCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const wanted = input.NotificationConfiguration ?? {};
      const functions = (wanted.LambdaFunctionConfigurations ?? []).map((entry) => checked(world, entry));
      const queues = (wanted.QueueConfigurations ?? []).map((entry) => checked(world, entry));
      const topics = (wanted.TopicConfigurations ?? []).map((entry) => checked(world, entry));
      const entries = [...functions, ...queues, ...topics];
      refuseSameIds(entries);
      refuseOverlaps(entries);
      if (!input.SkipDestinationValidation) {
        for (const { LambdaFunctionArn } of functions) checkFunction(world, bucket, LambdaFunctionArn ?? "");
        for (const { QueueArn } of queues) checkQueue(world, bucket, QueueArn ?? "");
        for (const { QueueArn } of queues) sendTestEvent(world, bucket, QueueArn ?? "", call);
      }
      bucket.notification = {
        ...(functions.length > 0 && { LambdaFunctionConfigurations: functions }),
        ...(queues.length > 0 && { QueueConfigurations: queues }),
        ...(topics.length > 0 && { TopicConfigurations: topics }),
        ...(wanted.EventBridgeConfiguration && { EventBridgeConfiguration: {} }),
      };
    },
  };
}

/** An entry as S3 gives it back: with an id, and the names of its filter's rules capitalised. */
function checked<T extends Entry>(world: World, entry: T): T {
  const events = entry.Events ?? [];
  const unknown = events.find((event) => !EVENTS.test(event));
  if (unknown !== undefined || events.length === 0) {
    const members = { ArgumentName: "Event", ArgumentValue: unknown };
    throw invalidArgument("The event is not supported for notifications", members);
  }
  const rules = (entry.Filter?.Key?.FilterRules ?? []).map((rule) => {
    const name = rule.Name?.toLowerCase();
    if (name !== "prefix" && name !== "suffix") {
      throw invalidArgument("filter rule name must be either prefix or suffix");
    }
    const capitalised: string = name === "prefix" ? "Prefix" : "Suffix";
    return { Name: capitalised as api.FilterRuleName, Value: rule.Value ?? "" };
  });
  for (const name of ["Prefix", "Suffix"]) {
    if (rules.filter((rule) => (rule.Name as string) === name).length > 1) {
      throw invalidArgument(`Cannot specify more than one ${name.toLowerCase()} rule in a filter.`);
    }
  }
  const filter = rules.length > 0 ? { Filter: { Key: { FilterRules: rules } } } : {};
  const { Filter: _, ...rest } = entry;
  return { ...rest, Id: entry.Id ?? world.id("", 32), ...filter } as T;
}

const EVENTS =
  /^s3:(ObjectCreated:(\*|Put|Post|Copy|CompleteMultipartUpload)|ObjectRemoved:(\*|Delete|DeleteMarkerCreated)|ObjectRestore:(\*|Post|Completed|Delete)|ReducedRedundancyLostObject|Replication:\w+|Replication:\*|ObjectTagging:(\*|Put|Delete)|ObjectAcl:Put|LifecycleExpiration:(\*|Delete|DeleteMarkerCreated)|LifecycleTransition|IntelligentTiering)$/;

function refuseSameIds(entries: readonly Entry[]): void {
  const ids = entries.map((entry) => entry.Id);
  if (new Set(ids).size < ids.length) {
    throw invalidArgument("Same ID used for multiple configurations. IDs must be unique");
  }
}

function refuseOverlaps(entries: readonly Entry[]): void {
  for (const [index, one] of entries.entries()) {
    for (const other of entries.slice(index + 1)) {
      if (!shareEvent(one, other) || !shareKeys(one, other)) continue;
      throw invalidArgument(
        one.Filter && other.Filter
          ? "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type."
          : "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
      );
    }
  }
}

function shareEvent(one: Entry, other: Entry): boolean {
  return (one.Events ?? []).some((left) => (other.Events ?? []).some((right) => eventCovers(left, right)));
}

function eventCovers(left: string, right: string): boolean {
  const covers = (wide: string, narrow: string) => wide.endsWith(":*") && narrow.startsWith(wide.slice(0, -1));
  return left === right || covers(left, right) || covers(right, left);
}

/** Some key could pass both filters: one's prefix begins the other's, and likewise from the end. */
function shareKeys(one: Entry, other: Entry): boolean {
  const [prefix, suffix] = [ruleOf(one, "Prefix"), ruleOf(one, "Suffix")];
  const [otherPrefix, otherSuffix] = [ruleOf(other, "Prefix"), ruleOf(other, "Suffix")];
  return (
    (prefix.startsWith(otherPrefix) || otherPrefix.startsWith(prefix)) &&
    (suffix.endsWith(otherSuffix) || otherSuffix.endsWith(suffix))
  );
}

function ruleOf(entry: Entry, name: string): string {
  return entry.Filter?.Key?.FilterRules?.find((rule) => (rule.Name as string) === name)?.Value ?? "";
}

const asked = ({ name, account }: Bucket) => ({
  principal: "s3.amazonaws.com",
  sourceArn: arnOf(name),
  sourceAccount: account,
});

/** The queue's own policy must let S3 in: it is nobody's role that sends. */
function checkQueue(world: World, bucket: Bucket, arn: string): void {
  if (world.service<Sqs>("sqs").maySend(arn, asked(bucket))) return;
  throw invalidArgument("Unable to validate the following destination configurations", {
    ArgumentName1: arn,
    ArgumentValue1: "Permissions on the destination queue do not allow S3 to publish notifications from this bucket",
  });
}

/** "Event message structure" of the S3 User Guide: a queue gets this one each time it is named. */
function sendTestEvent(world: World, { name }: Bucket, arn: string, { requestId }: Call): void {
  const event = {
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: new Date(world.now()).toISOString(),
    Bucket: name,
    RequestId: requestId,
    HostId: "local",
  };
  world.service<Sqs>("sqs").deliver(arn, JSON.stringify(event), "s3.amazonaws.com");
}

function checkFunction(world: World, bucket: Bucket, arn: string): void {
  if (world.service<Lambda>("lambda").mayInvoke({ functionArn: arn, ...asked(bucket) })) return;
  // AWS says the same for a missing function and for one that S3 may not invoke, and so tells neither.
  throw invalidArgument("Unable to validate the following destination configurations", {
    ArgumentName1: `${arn}, null`,
    ArgumentValue1: "Not authorized to invoke function",
  });
}
