import { randomUUID } from "node:crypto";
import type { LambdaFunctionConfiguration, QueueConfiguration } from "@aws-sdk/client-s3";
import type { WorldEvent } from "../service.ts";
import type { Lambda } from "../services/lambda.ts";
import type { S3 } from "../services/s3.ts";
import type { Sqs } from "../services/sqs.ts";
import type { OwnedWorld } from "../world.ts";
import type { AsyncEvents } from "./functions/async-events.ts";

type Entry = LambdaFunctionConfiguration & Partial<QueueConfiguration>;

/** How much later a late notification comes. */
const LATE_MS = 60_000;

/** Tells of objects that come and go, to the functions and queues of the bucket's notification. */
export function notifyOfObjects(world: OwnedWorld, events: AsyncEvents): (event: WorldEvent) => void {
  return (event) => {
    if (event.source !== "s3") return;
    const { bucket, key } = event.detail as { bucket: string; key: string };
    const configuration = world.service<S3>("s3").notificationOf(bucket) ?? {};
    const entries: Entry[] = [
      ...(configuration.LambdaFunctionConfigurations ?? []),
      ...((configuration.QueueConfigurations ?? []) as unknown as Entry[]),
    ];
    for (const entry of entries.filter((one) => concerns(one, event.type, key))) {
      const tell = () => deliver(entry, event, bucket);
      if (world.mishaps.strikes("late-notification", { bucket, key })) world.after(LATE_MS, tell);
      else tell();
      if (world.mishaps.strikes("duplicate-notification", { bucket, key })) tell();
    }
  };

  function deliver(entry: Entry, event: WorldEvent, bucket: string): void {
    const body = JSON.stringify({ Records: [recordOf(world, entry, event)] });
    const functionArn = entry.LambdaFunctionArn;
    const principal = "s3.amazonaws.com";
    const sender = { principal, sourceArn: `arn:aws:s3:::${bucket}`, sourceAccount: event.account };
    const sqs = world.service<Sqs>("sqs");
    if (functionArn === undefined) {
      if (sqs.maySend(entry.QueueArn!, sender)) sqs.deliver(entry.QueueArn!, body, principal);
    } else if (world.service<Lambda>("lambda").mayInvoke({ functionArn, ...sender })) {
      events.accept(functionArn, randomUUID(), body);
    }
  }
}

function concerns({ Events, Filter }: Entry, type: string, key: string): boolean {
  const named = (Events ?? []).some((name) => {
    const wanted = (name as string).slice("s3:".length);
    return wanted === type || (wanted.endsWith(":*") && type.startsWith(wanted.slice(0, -1)));
  });
  // Filters are written as URLs are ("object key name filtering", S3 User Guide): what is not encoded fits no key.
  const written = filterable(key);
  const rules = Filter?.Key?.FilterRules ?? [];
  return (
    named &&
    rules.every(({ Name, Value = "" }) =>
      /^prefix$/i.test(Name!) ? written.startsWith(Value) : written.endsWith(Value),
    )
  );
}

const filterable = (key: string): string =>
  encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/").replaceAll("~", "%7E");

/** "Event message structure", version 2.1, of the S3 User Guide. */
function recordOf(world: OwnedWorld, { Id }: Entry, event: WorldEvent): object {
  const { bucket, key, size, eTag, versionId } = event.detail as Record<string, string>;
  return {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: event.region,
    eventTime: new Date(world.now()).toISOString(),
    eventName: event.type,
    userIdentity: { principalId: `AWS:${event.account}` },
    requestParameters: { sourceIPAddress: "127.0.0.1" },
    responseElements: { "x-amz-request-id": world.id("", 16).toUpperCase(), "x-amz-id-2": world.id("", 64) },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: Id,
      bucket: { name: bucket, ownerIdentity: { principalId: event.account }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: encodedKey(key!),
        size,
        eTag,
        versionId,
        sequencer: world.now().toString(16).toUpperCase().padStart(16, "0"),
      },
    },
  };
}

/** As Java's URLEncoder writes it, but with its slashes: a space is `+`. */
function encodedKey(key: string): string {
  return filterable(key).replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
