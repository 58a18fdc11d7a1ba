/** IAM roles. Those that we created are owned whole; of an adopted one only what is missing is added. */
import { z } from "zod";
import type { Policy } from "../core/policy.ts";

export const roleSchema = z.strictObject({
  /** IAM path, for instance `/actions/`. Written at birth, never compared: a role made by hand may stand elsewhere. */
  path: z.string(),
  trust: z.custom<Policy>(),
  /** Inline policies by name. */
  inline: z.record(z.string(), z.custom<Policy>()),
  /** ARNs of managed policies. */
  attached: z.array(z.string()),
  tags: z.record(z.string(), z.string()),
});
export type RoleSpec = z.infer<typeof roleSchema>;
