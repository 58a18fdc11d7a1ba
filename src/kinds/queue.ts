/** SQS standard queues. */
import { z } from "zod";
import type { Policy } from "../core/policy.ts";

export const queueSchema = z.strictObject({
  /** 0 to 43,200. */
  visibilityTimeoutSeconds: z.int(),
  /** 60 to 1,209,600. */
  messageRetentionPeriodSeconds: z.int(),
  /** Long poll, 0 to 20. */
  receiveMessageWaitTimeSeconds: z.int(),
  sqsManagedSseEnabled: z.boolean(),
  redrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.int() }).nullable(),
  redriveAllowPolicy: z
    .strictObject({
      redrivePermission: z.enum(["byQueue", "denyAll", "allowAll"]),
      sourceQueueArns: z.array(z.string()),
    })
    .nullable(),
  /** Owned whole: null wants no policy at all. */
  policy: z.custom<Policy>().nullable(),
  tags: z.record(z.string(), z.string()),
});
export type QueueSpec = z.infer<typeof queueSchema>;
