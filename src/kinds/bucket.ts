/** S3 buckets. Others' policy statements, lifecycle rules and tags survive every write. */
import { z } from "zod";
import type { Policy } from "../core/policy.ts";

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
