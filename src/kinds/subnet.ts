/** Subnets: a person's; checked, never written. Name = subnet id. */
import { z } from "zod";

export const subnetSchema = z.strictObject({
  /** Our own security group stands in the default VPC; with groups of the person's choice any VPC will do. */
  vpc: z.enum(["default", "any"]),
});
export type SubnetSpec = z.infer<typeof subnetSchema>;
