/** Buckets that do not answer us because they stand elsewhere. */
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import type { Aws } from "../aws/aws.ts";
import { redirectedTo, statusOf } from "../aws/errors.ts";
import type { Pass } from "../core/resource.ts";

export interface Place {
  readonly owner: "this account" | "another account";
  /** null: not known. */
  readonly region: string | null;
}

/** Where a bucket stands whose read failed; undefined: the error means what it says. */
export async function elsewhere(aws: Aws, bucket: string, error: unknown, pass: Pass): Promise<Place | undefined> {
  const region = redirectedTo(error);
  if (region !== undefined && region !== pass.account.region) return { owner: "this account", region };
  if (statusOf(error) !== 403) return undefined;
  // ExpectedBucketOwner makes another account's bucket a 403, as a permission that we lack is one.
  const listing = aws.clients.s3.send(new ListBucketsCommand({ Prefix: bucket }), { abortSignal: pass.signal });
  const buckets = (await listing.catch(() => undefined))?.Buckets;
  const isElsewhere = buckets !== undefined && !buckets.some((one) => one.Name === bucket);
  return isElsewhere ? { owner: "another account", region: null } : undefined;
}
