/**
 * S3 buckets. Others' policy statements, lifecycle rules and tags survive every write.
 *
 * Of a bucket that is not ours only existence, place and tags are read. So one that is adopted gets our tags first, and
 * what its configuration lacks is seen, and written, once it carries them.
 */
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  HeadBucketCommand,
  paginateListBuckets,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { is, orUndefined } from "../aws/errors.ts";
import { tagList } from "../aws/tags.ts";
import { fixedField } from "../core/compare.ts";
import { Kept } from "../core/failure.ts";
import { inventoried, isAdopted, isOurs, mergedTags, type Tags } from "../core/owner.ts";
import type { Policy } from "../core/policy.ts";
import type { Change, Observed, Pass, Resource } from "../core/resource.ts";
import {
  type BucketConfiguration,
  configurationChanges,
  putLifecycle,
  putPolicy,
  readConfiguration,
  readMerged,
  writeConfiguration,
} from "./bucket-configuration.ts";
import { emptyBucket, isEmpty } from "./bucket-contents.ts";
import { elsewhere, inAccount, type Place } from "./bucket-place.ts";
import {
  bucketArn,
  bucketTagChanges,
  bucketTags,
  NO_SUCH_BUCKET,
  nativeBucketTags,
  putBucketTags,
  updateBucketTags,
} from "./bucket-tags.ts";
import { touches } from "./changes.ts";
import { byTags } from "./inventory.ts";

export const bucketSchema = z.strictObject({
  region: z.string(),
  /** All four settings of the public access block. */
  publicAccessBlocked: z.boolean(),
  /** SSE algorithm of the default encryption: `AES256`. */
  encryption: z.literal("AES256"),
  /** Object ownership. */
  ownership: z.literal("BucketOwnerEnforced"),
  /** Our statements (each with a Sid that starts with `Pipewright`); others' stay. */
  policy: z.custom<Policy>(),
  /** Our lifecycle rules (each with an id that starts with `pipewright-`); others' stay. */
  lifecycle: z.array(
    z.strictObject({
      id: z.string(),
      prefix: z.string(),
      abortIncompleteMultipartUploadDays: z.int().nullable(),
      expirationDays: z.int().nullable(),
    }),
  ),
  tags: z.record(z.string(), z.string()),
});
export type BucketSpec = z.infer<typeof bucketSchema>;

export interface BucketActual extends Place {
  readonly tags: Tags;
  /** undefined: not ours, so not read. */
  readonly configuration?: BucketConfiguration;
}

export function bucket(aws: Aws): Resource<BucketSpec, BucketActual> {
  const { s3 } = aws.clients;

  async function readHere(name: string, pass: Pass): Promise<Observed<BucketActual>> {
    const tags = await bucketTags(aws, name, pass);
    if (!tags) return { is: "absent" };
    if (isOurs(tags, pass.owner)) {
      const configuration = await readConfiguration(aws, name, pass);
      // S3 answers for buckets of this region alone, so this one stands here.
      return { is: "owned", actual: { owner: "this account", region: pass.account.region, tags, configuration } };
    }
    const head = await s3.send(new HeadBucketCommand(inAccount(name, pass)), { abortSignal: pass.signal });
    const region = head.BucketRegion ?? pass.account.region;
    return { is: "foreign", actual: { owner: "this account", region, tags } };
  }

  return {
    kind: "bucket",
    schema: bucketSchema,
    holdsData: true,
    // Reads flap for up to three minutes after a write (aws-semantics, section 3).
    lagMs: { lifecycle: 180_000 },

    async read(name, pass) {
      try {
        return await readHere(name, pass);
      } catch (error) {
        if (is(error, ...NO_SUCH_BUCKET)) {
          aws.tags.forget(bucketArn(name, pass));
          return { is: "absent" };
        }
        const place = await elsewhere(aws, name, error, pass);
        if (!place) throw error;
        return { is: "foreign", actual: { ...place, tags: {} } };
      }
    },

    diff(spec, { owner, region, tags, configuration }): Change[] {
      const misplaced = [
        ...advised(
          fixedField("owner", "this account", owner),
          "bucket names are unique in the whole world: choose another",
        ),
        ...advised(
          region === null ? [] : fixedField("region", spec.region, region),
          `choose a bucket of ${spec.region}, or run the workflow in ${region}`,
        ),
      ];
      if (misplaced.length > 0) return misplaced;
      const othersStay = isAdopted(spec.tags) || isAdopted(tags);
      return [
        ...(configuration ? configurationChanges(spec, configuration, othersStay) : []),
        ...bucketTagChanges(spec.tags, tags),
      ];
    },

    create: (name, spec, pass) =>
      aws.exclusive(`bucket/${name}`, async () => {
        const options = { abortSignal: pass.signal };
        const { region } = spec;
        // us-east-1 answers a second creation with 200 and resets the ACL, where every other region refuses it.
        if (region === "us-east-1") {
          const head = s3.send(new HeadBucketCommand(inAccount(name, pass)), options);
          if (await orUndefined(head, ...NO_SUCH_BUCKET)) return;
        }
        const born = (tags: Tags) =>
          s3.send(
            new CreateBucketCommand({
              Bucket: name,
              ObjectOwnership: spec.ownership,
              CreateBucketConfiguration: {
                // It cannot be named there: InvalidLocationConstraint.
                ...(region === "us-east-1" ? {} : { LocationConstraint: region as BucketLocationConstraint }),
                ...(Object.keys(tags).length === 0 ? {} : { Tags: tagList(tags) }),
              },
            }),
            options,
          );
        try {
          // Regions that know no tags at birth refuse them (UnsupportedArgument): there they come right after.
          if (!(await orUndefined(born(spec.tags), "UnsupportedArgument"))) await born({});
        } catch (error) {
          if (is(error, "BucketAlreadyOwnedByYou", "BucketAlreadyExists")) return;
          throw error;
        }
        aws.tags.forget(bucketArn(name, pass));
        const [standing] = await Promise.all([readMerged(aws, name, pass), confirmTags(name, spec, pass)]);
        await putPolicy(aws, name, spec, standing, pass);
        await putLifecycle(aws, name, spec, standing, pass);
      }),

    update: (name, spec, _actual, changes, pass) =>
      aws.exclusive(`bucket/${name}`, async () => {
        if (touches(changes, "tags")) await updateBucketTags(aws, name, changes, pass);
        await writeConfiguration(aws, name, spec, changes, pass);
      }),

    delete: (name, { tags }, pass) =>
      aws.exclusive(`bucket/${name}`, async () => {
        if (isAdopted(tags)) throw new Kept("it was adopted");
        try {
          if (pass.mayLoseData) await emptyBucket(aws, name, pass);
          else if (!(await isEmpty(aws, name, pass))) throw new Kept("files are in it");
          await s3.send(new DeleteBucketCommand(inAccount(name, pass)), { abortSignal: pass.signal });
        } catch (error) {
          // A file came after we looked.
          if (is(error, "BucketNotEmpty") && !pass.mayLoseData) throw new Kept("files are in it");
          if (!is(error, ...NO_SUCH_BUCKET)) throw error;
        }
        aws.tags.forget(bucketArn(name, pass));
      }),

    async *list(pass) {
      yield* byTags({
        listed: () => aws.tags.list("s3", pass),
        nameOf: (arn) => arn.split(":::")[1] ?? "",
        async *native() {
          const { region: BucketRegion } = pass.account;
          for await (const page of paginateListBuckets(
            { client: s3 },
            { BucketRegion },
            { abortSignal: pass.signal },
          )) {
            for (const { Name = "" } of page.Buckets ?? []) {
              const tags = await nativeBucketTags(aws, Name, pass);
              if (tags && isOurs(tags, pass.owner)) yield inventoried(Name, tags);
            }
          }
        },
      });
    },
  };

  /**
   * The tags are there from birth; an endpoint that drops them gets them now. Where it dies in between, the bucket that it
   * leaves bears no tag of ours: used as it is, or refused with the advice to adopt it.
   */
  async function confirmTags(name: string, spec: BucketSpec, pass: Pass): Promise<void> {
    const tags = (await nativeBucketTags(aws, name, pass)) ?? {};
    if (bucketTagChanges(spec.tags, tags).length > 0) {
      await putBucketTags(aws, name, mergedTags(spec.tags, tags), pass);
    }
  }
}

/** Changes that AWS cannot make in place, with what a person can do instead. */
const advised = (changes: readonly Change[], advice: string): Change[] =>
  changes.map((change) => ({ ...change, advice }));
