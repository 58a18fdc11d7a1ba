import type * as api from "@aws-sdk/client-s3";
import { AwsError, type Call, type Kept, type Shelf, type World } from "../../service.ts";
import type { Payload } from "../../wire/payload.ts";
import { accessDenied, noSuchBucket } from "./errors.ts";
import { ObjectStore } from "./object-store.ts";
import { restoredBucket, type SavedBuckets, savedBucket } from "./saved-bucket.ts";

/** One bucket with its configuration; what is undefined is not set. */
export interface Bucket {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly createdAtMs: number;
  versioning: api.BucketVersioningStatus | undefined;
  encryption: api.ServerSideEncryptionConfiguration;
  publicAccessBlock: api.PublicAccessBlockConfiguration | undefined;
  ownershipControls: api.OwnershipControls | undefined;
  policy: string | undefined;
  lifecycle: Lifecycle | undefined;
  readonly tags: Map<string, string>;
  notification: api.NotificationConfiguration;
  readonly objects: ObjectStore;
  readonly uploads: Map<string, Upload>;
}

export interface Lifecycle {
  readonly rules: readonly api.LifecycleRule[];
  readonly minimumObjectSize: api.TransitionDefaultMinimumObjectSize;
}

/** A multipart upload under way. */
export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly startedAtMs: number;
  readonly headers: StoredHeaders;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: ReadonlyMap<string, string>;
  readonly encryption: api.ServerSideEncryption;
  readonly checksum: DeclaredChecksum | undefined;
  readonly parts: Map<number, Part>;
}

export interface DeclaredChecksum {
  readonly algorithm: api.ChecksumAlgorithm;
  readonly type: api.ChecksumType;
}

export interface Part {
  readonly number: number;
  readonly etag: string;
  /** Those that the client gave, by member name. */
  readonly checksums: Readonly<Record<string, string>>;
  readonly body: Payload;
  readonly modifiedAtMs: number;
}

/** Headers that an object keeps from its put and gives back at its get. */
export type StoredHeaders = Pick<
  api.PutObjectCommandInput,
  "ContentType" | "ContentEncoding" | "ContentLanguage" | "ContentDisposition" | "CacheControl" | "StorageClass"
>;

export class Buckets implements Kept {
  readonly #byName = new Map<string, Bucket>();
  /** When a name was last given up, by name. */
  readonly deletedAtMs = new Map<string, number>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  add(bucket: Bucket): void {
    this.#byName.set(bucket.name, bucket);
  }

  remove(bucket: Bucket): void {
    this.#byName.delete(bucket.name);
  }

  save(shelf: Shelf): SavedBuckets {
    return { buckets: [...this.all()].map((bucket) => savedBucket(bucket, shelf)), deletedAtMs: this.deletedAtMs };
  }

  restore(saved: unknown, shelf: Shelf): void {
    const { buckets, deletedAtMs } = saved as SavedBuckets;
    this.#byName.clear();
    this.deletedAtMs.clear();
    for (const bucket of buckets) this.add(restoredBucket(bucket, shelf));
    for (const [name, atMs] of deletedAtMs) this.deletedAtMs.set(name, atMs);
  }

  all(): Iterable<Bucket> {
    return this.#byName.values();
  }

  /** Whoever's it is: names of buckets are the world's. */
  byName(name: string): Bucket | undefined {
    return this.#byName.get(name);
  }

  /**
   * The bucket of a call, as its account and region may see it.
   *
   * @throws AwsError NoSuchBucket; AccessDenied for another account's or where the expected owner is not the owner;
   * PermanentRedirect where the call was signed for another region than the bucket's.
   */
  of(input: { Bucket?: string | undefined; ExpectedBucketOwner?: string | undefined }, call: Call): Bucket {
    const bucket = this.ofAnyRegion(input, call);
    if (bucket.region !== call.region) throw redirect(bucket);
    return bucket;
  }

  /** For GetBucketLocation, whose very purpose is to be asked from elsewhere. */
  ofAnyRegion(input: { Bucket?: string | undefined; ExpectedBucketOwner?: string | undefined }, call: Call): Bucket {
    const name = input.Bucket ?? "";
    const bucket = this.#byName.get(name);
    if (!bucket) throw noSuchBucket(name);
    if (bucket.account !== call.account) throw accessDenied();
    if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== bucket.account) throw accessDenied();
    // A bucket is not everywhere at once: configuring it right after its creation can miss it.
    if (this.#world.lags && this.#world.now() < bucket.createdAtMs + CREATION_LAG_MS) throw noSuchBucket(name);
    return bucket;
  }
}

/** Terraform retries NoSuchBucket after a creation for two minutes; a second shows the same to a test. */
const CREATION_LAG_MS = 1000;

function redirect(bucket: Bucket): AwsError {
  const message =
    "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
  return new AwsError("PermanentRedirect", message, {
    status: 301,
    members: { Bucket: bucket.name, BucketRegion: bucket.region },
  });
}

export function newBucket(world: World, name: string, account: string, region: string): Bucket {
  return {
    name,
    account,
    region,
    createdAtMs: world.now(),
    versioning: undefined,
    encryption: defaultEncryption,
    publicAccessBlock: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
    ownershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    policy: undefined,
    lifecycle: undefined,
    tags: new Map(),
    notification: {},
    objects: new ObjectStore(),
    uploads: new Map(),
  };
}

/** SSE-S3 can be replaced but not taken away. */
export const defaultEncryption: api.ServerSideEncryptionConfiguration = {
  Rules: [completeRule({ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } })],
};

/** S3 answers more than it was told: the bucket key, and that keys of the client's own are not taken. */
export function completeRule(rule: api.ServerSideEncryptionRule): api.ServerSideEncryptionRule {
  return { BucketKeyEnabled: false, BlockedEncryptionTypes: { EncryptionType: ["SSE-C"] }, ...rule };
}

/** The canonical id of an account: 64 hexadecimal digits. */
export function canonicalOwner(account: string): { ID: string; DisplayName: string } {
  return { ID: account.padStart(64, "0"), DisplayName: `account-${account}` };
}
