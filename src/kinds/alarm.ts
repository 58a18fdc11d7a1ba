/** CloudWatch metric alarms. */
import { z } from "zod";

export const alarmSchema = z.strictObject({
  description: z.string(),
  namespace: z.string(),
  metricName: z.string(),
  dimensions: z.record(z.string(), z.string()),
  statistic: z.enum(["Average", "Maximum", "Minimum", "Sum"]),
  periodSeconds: z.int(),
  evaluationPeriods: z.int(),
  threshold: z.number(),
  comparisonOperator: z.enum(["GreaterThanThreshold", "LessThanThreshold"]),
  treatMissingData: z.enum(["missing", "notBreaching", "breaching", "ignore"]),
  alarmActions: z.array(z.string()),
  actionsEnabled: z.boolean(),
  tags: z.record(z.string(), z.string()),
});
export type AlarmSpec = z.infer<typeof alarmSchema>;
