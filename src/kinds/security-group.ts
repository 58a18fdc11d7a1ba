/** EC2 security groups in the default VPC, owned whole: an intruder's rule is removed. */
import { z } from "zod";

export const securityGroupSchema = z.strictObject({
  /** Written at birth; AWS cannot change it. */
  description: z.string(),
  ingress: z.array(z.strictObject({ protocol: z.enum(["tcp", "udp"]), port: z.int(), cidr: z.string() })),
  /** All protocols to anywhere, IPv4 only: what a new group has. */
  egressOpen: z.literal(true),
  tags: z.record(z.string(), z.string()),
});
export type SecurityGroupSpec = z.infer<typeof securityGroupSchema>;
