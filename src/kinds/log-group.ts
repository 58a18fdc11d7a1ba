/** CloudWatch Logs groups. */
import { z } from "zod";

export const logGroupSchema = z.strictObject({
  retentionInDays: z.int(),
  tags: z.record(z.string(), z.string()),
});
export type LogGroupSpec = z.infer<typeof logGroupSchema>;
