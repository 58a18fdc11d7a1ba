/** What we want of every bucket that is ours. */
import type { WithRefs } from "../core/resource.ts";
import type { BucketSpec } from "../kinds/bucket.ts";
import type { Facts } from "./facts.ts";
import { tlsOnly } from "./policies.ts";

/** Parts of an upload that was never completed cost money and are seen nowhere. */
const ABORT_UPLOADS_AFTER_DAYS = 7;

export const bucketSpec = (name: string, facts: Facts): WithRefs<Omit<BucketSpec, "tags">> => ({
  region: facts.region,
  publicAccessBlocked: true,
  encryption: "AES256",
  ownership: "BucketOwnerEnforced",
  policy: tlsOnly(name, facts),
  lifecycle: [
    {
      id: "pipewright-abort-uploads",
      prefix: "",
      abortIncompleteMultipartUploadDays: ABORT_UPLOADS_AFTER_DAYS,
      expirationDays: null,
    },
  ],
});
