import type { NotificationConfiguration } from "@aws-sdk/client-s3";
import type { Service, World } from "../service.ts";
import type { Payload } from "../wire/payload.ts";
import { arnOf, bucketOperations } from "./s3/buckets.ts";
import { configurationOperations } from "./s3/configuration.ts";
import { listingOperations } from "./s3/listing.ts";
import { multipartOperations } from "./s3/multipart.ts";
import { notificationOperations } from "./s3/notification.ts";
import { objectOperations } from "./s3/objects.ts";
import { Buckets } from "./s3/state.ts";
import { taggable } from "./tags.ts";

/** What other services ask of the buckets. Puts and removals of objects are told through the world's events. */
export interface S3 extends Service {
  bucketExists(name: string): boolean;
  /** Empty where nothing is set. Undefined where the bucket is gone. */
  notificationOf(bucket: string): NotificationConfiguration | undefined;
  /** JSON text; undefined where there is none. */
  policyOf(bucket: string): string | undefined;
  /** The customer's key of KMS that encrypts new objects, by ARN or identifier; undefined where S3 does it itself. */
  kmsKeyOf(bucket: string): string | undefined;
  /** An object's bytes, the newest version's. Undefined where there is none. */
  bytesOf(bucket: string, key: string, versionId?: string): Payload | undefined;
}

export function createS3(world: World): S3 {
  const buckets = new Buckets(world);
  return {
    id: "s3",
    state: buckets,
    operations: {
      ...bucketOperations(world, buckets),
      ...configurationOperations(buckets),
      ...notificationOperations(world, buckets),
      ...objectOperations(world, buckets),
      ...listingOperations(buckets),
      ...multipartOperations(world, buckets),
    },
    *taggables() {
      for (const bucket of buckets.all()) yield taggable(arnOf(bucket.name), bucket.tags);
    },
    bucketExists: (name) => buckets.byName(name) !== undefined,
    notificationOf: (name) => buckets.byName(name)?.notification,
    policyOf: (name) => buckets.byName(name)?.policy,
    kmsKeyOf(name) {
      const rule = buckets.byName(name)?.encryption.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
      return rule?.SSEAlgorithm?.startsWith("aws:kms") ? rule.KMSMasterKeyID : undefined;
    },
    bytesOf(name, key, versionId) {
      const objects = buckets.byName(name)?.objects;
      if (versionId === undefined) return objects?.current(key)?.object.body;
      return objects?.versions(key).find((version) => version.id === versionId)?.object?.body;
    },
  };
}
