/** EC2 instance profiles: hold exactly one role. */
import { z } from "zod";

export const instanceProfileSchema = z.strictObject({
  /** IAM path; written at birth, never compared. */
  path: z.string(),
  /** Name of the one role it holds. */
  role: z.string(),
  tags: z.record(z.string(), z.string()),
});
export type InstanceProfileSpec = z.infer<typeof instanceProfileSchema>;
