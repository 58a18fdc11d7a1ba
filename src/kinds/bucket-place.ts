/** Where buckets stand: asked for in our own account, and what it means where they do not answer. */
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import type { Aws } from "../aws/aws.ts";
import { redirectedTo, statusOf } from "../aws/errors.ts";
import type { Pass } from "../core/resource.ts";

/** Of another account's bucket by that name, nothing is read or written (403). */
export const inAccount = (Bucket: string, { account }: Pass) => ({ Bucket, ExpectedBucketOwner: account.account });

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
  // As a permission that we lack is one.
  const listing = aws.clients.s3.send(new ListBucketsCommand({ Prefix: bucket }), { abortSignal: pass.signal });
  const buckets = (await listing.catch(() => undefined))?.Buckets;
  const isElsewhere = buckets !== undefined && !buckets.some((one) => one.Name === bucket);
  return isElsewhere ? { owner: "another account", region: null } : undefined;
}
