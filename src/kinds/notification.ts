/** Our one entry in a bucket's notification configuration; all others survive. Name = bucket. */
import { z } from "zod";

export const notificationSchema = z.strictObject({
  /** Starts with `pw-`. */
  id: z.string(),
  functionArn: z.string(),
  events: z.array(z.string()),
  prefix: z.string(),
  suffix: z.string(),
});
export type NotificationSpec = z.infer<typeof notificationSchema>;
