/** EventBridge rules on the default bus, with their targets. */
import { z } from "zod";

export const ruleSchema = z.strictObject({
  description: z.string(),
  scheduleExpression: z.string().nullable(),
  /** JSON document. */
  eventPattern: z.record(z.string(), z.unknown()).nullable(),
  state: z.literal("ENABLED"),
  /** Owned whole: other targets are removed. */
  targets: z.array(z.strictObject({ id: z.string(), arn: z.string() })),
  tags: z.record(z.string(), z.string()),
});
export type RuleSpec = z.infer<typeof ruleSchema>;
