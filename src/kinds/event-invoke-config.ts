/** How Lambda retries asynchronous invocations. Name = function name. */
import { z } from "zod";

export const eventInvokeConfigSchema = z.strictObject({
  /** 60 to 21,600. */
  maximumEventAgeSeconds: z.int(),
  /** 0 to 2. */
  maximumRetryAttempts: z.int(),
  /** ARN of the queue that takes what failed for good. */
  onFailureArn: z.string().nullable(),
});
export type EventInvokeConfigSpec = z.infer<typeof eventInvokeConfigSchema>;
