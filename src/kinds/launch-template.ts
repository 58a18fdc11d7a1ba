/** EC2 launch templates. Versions are immutable: a difference makes a new default version. */
import { z } from "zod";

export const launchTemplateSchema = z.strictObject({
  /** `resolve:ssm:PARAMETER`. */
  imageId: z.string(),
  instanceType: z.string(),
  keyName: z.string().nullable(),
  /** Name of the instance profile. */
  instanceProfile: z.string(),
  securityGroupIds: z.array(z.string()),
  /** Plain text; base64 on the wire. */
  userData: z.string(),
  /** IMDSv2: tokens required, one hop. */
  metadata: z.strictObject({ httpTokens: z.literal("required"), httpPutResponseHopLimit: z.literal(1) }),
  /** Tags of the instances and volumes that are launched from it. */
  instanceTags: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
});
export type LaunchTemplateSpec = z.infer<typeof launchTemplateSchema>;
