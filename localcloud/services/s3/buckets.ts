import type * as api from "@aws-sdk/client-s3";
import { AwsError, type Call, type World } from "../../service.ts";
import { pageOf } from "../pages.ts";
import { tagsFromList } from "../tags.ts";
import { invalidArgument } from "./errors.ts";
import { type Bucket, type Buckets, canonicalOwner, newBucket } from "./state.ts";

/** Buckets as such: what they hold and how they are configured is said elsewhere. */
export function bucketOperations(world: World, buckets: Buckets) {
  const { deletedAtMs } = buckets;
  return {
    CreateBucket(input: api.CreateBucketCommandInput, call: Call) {
      const name = checkedName(input.Bucket);
      const region = regionOf(input, call);
      const existing = buckets.byName(name);
      if (existing) return { Location: acceptExisting(existing, call, region), BucketArn: arnOf(name) };
      if (world.lags && world.now() < (deletedAtMs.get(name) ?? Number.NEGATIVE_INFINITY) + DELETION_LAG_MS) {
        throw operationAborted();
      }
      const bucket = newBucket(world, name, call.account, region);
      if (input.ObjectOwnership) bucket.ownershipControls = { Rules: [{ ObjectOwnership: input.ObjectOwnership }] };
      for (const [key, value] of tagsFromList(input.CreateBucketConfiguration?.Tags)) bucket.tags.set(key, value);
      buckets.add(bucket);
      return { Location: `/${name}`, BucketArn: arnOf(name) };
    },

    HeadBucket(input: api.HeadBucketCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      return { BucketRegion: bucket.region, BucketArn: arnOf(bucket.name), AccessPointAlias: false };
    },

    GetBucketLocation(input: api.GetBucketLocationCommandInput, call: Call) {
      const { region } = buckets.ofAnyRegion(input, call);
      // The oldest region answers with nothing.
      return { LocationConstraint: region === "us-east-1" ? undefined : region };
    },

    ListBuckets(input: api.ListBucketsCommandInput, call: Call) {
      const { MaxBuckets: limit = 10_000, Prefix: prefix = "", BucketRegion: region } = input;
      const matching = [...buckets.all()].filter(
        (bucket) =>
          bucket.account === call.account &&
          bucket.name.startsWith(prefix) &&
          (region === undefined || bucket.region === region),
      );
      const page = pageOf(matching, (bucket) => bucket.name, {
        limit,
        token: input.ContinuationToken,
        badToken: () => invalidArgument("The continuation token provided is incorrect"),
      });
      // A bare ListBuckets answers in the old form, without regions.
      const isNewForm = [input.MaxBuckets, input.Prefix, region, input.ContinuationToken].some(
        (it) => it !== undefined,
      );
      return {
        Buckets: page.items.map((bucket) => ({
          Name: bucket.name,
          CreationDate: new Date(bucket.createdAtMs),
          ...(isNewForm && { BucketRegion: bucket.region, BucketArn: arnOf(bucket.name) }),
        })),
        Owner: canonicalOwner(call.account),
        ContinuationToken: page.next,
        Prefix: input.Prefix,
      };
    },

    DeleteBucket(input: api.DeleteBucketCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      if (!bucket.objects.isEmpty || bucket.uploads.size > 0) {
        const message = bucket.versioning
          ? "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
          : "The bucket you tried to delete is not empty";
        throw new AwsError("BucketNotEmpty", message, { status: 409, members: { BucketName: bucket.name } });
      }
      buckets.remove(bucket);
      deletedAtMs.set(bucket.name, world.now());
    },
  };
}

/** Reports speak of seconds up to 45 minutes; usually it clears within one. */
const DELETION_LAG_MS = 30_000;

export function arnOf(name: string): string {
  return `arn:aws:s3:::${name}`;
}

function checkedName(name = ""): string {
  const isValid =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes("..") &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|--x-s3|\.mrap)$/.test(name);
  if (!isValid) {
    throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", { members: { BucketName: name } });
  }
  return name;
}

function regionOf(input: api.CreateBucketCommandInput, call: Call): string {
  const constraint = input.CreateBucketConfiguration?.LocationConstraint as string | undefined;
  if (constraint === "us-east-1") {
    throw new AwsError("InvalidLocationConstraint", "The specified location-constraint is not valid", {
      members: { LocationConstraint: constraint },
    });
  }
  const wanted = constraint === "EU" ? "eu-west-1" : (constraint ?? "us-east-1");
  // The endpoint of us-east-1 creates everywhere, any other only at its own place.
  if (call.region === "us-east-1" || call.region === wanted) return wanted;
  const which = constraint === undefined ? "unspecified" : constraint;
  const message = `The ${which} location constraint is incompatible for the region specific endpoint this request was sent to.`;
  throw new AwsError("IllegalLocationConstraintException", message);
}

/** Creating one's own bucket again succeeds in us-east-1 only. */
function acceptExisting(existing: Bucket, call: Call, region: string): string {
  if (existing.account !== call.account) {
    const message =
      "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
    throw new AwsError("BucketAlreadyExists", message, { status: 409, members: { BucketName: existing.name } });
  }
  if (existing.region !== "us-east-1" || region !== "us-east-1") {
    const message = "Your previous request to create the named bucket succeeded and you already own it.";
    throw new AwsError("BucketAlreadyOwnedByYou", message, { status: 409, members: { BucketName: existing.name } });
  }
  return `/${existing.name}`;
}

function operationAborted(): AwsError {
  const message =
    "A conflicting conditional operation is currently in progress against this resource. Please try again.";
  return new AwsError("OperationAborted", message, { status: 409 });
}
