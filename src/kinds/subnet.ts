/** Subnets: a person's; checked, never written. Name = subnet id. */
import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { createSeats } from "../aws/seats.ts";
import { BATCH_MAX_AGE_MS } from "../aws/tags.ts";
import type { Resource } from "../core/resource.ts";

export const subnetSchema = z.strictObject({
  /** Our own security group stands in the default VPC; with groups of the person's choice any VPC will do. */
  vpc: z.enum(["default", "any"]),
});
export type SubnetSpec = z.infer<typeof subnetSchema>;

export interface SubnetActual {
  readonly vpcId: string;
  readonly inDefaultVpc: boolean;
}

export function subnet(aws: Aws): Resource<SubnetSpec, SubnetActual> {
  const vpcs = createSeats<string>({
    clock: aws.clock,
    seats: 100,
    maxAgeMs: BATCH_MAX_AGE_MS,
    async load(ids) {
      // By filter: one id that does not exist would fail the whole call otherwise (InvalidSubnetID.NotFound).
      const Filters = [{ Name: "subnet-id", Values: [...ids] }];
      const answer = await aws.clients.ec2.send(new DescribeSubnetsCommand({ Filters }));
      return new Map((answer.Subnets ?? []).map((one) => [one.SubnetId ?? "", one.VpcId ?? ""]));
    },
  });

  return {
    kind: "subnet",
    schema: subnetSchema,
    async read(id, pass) {
      const [vpcId, defaultVpcId] = await Promise.all([vpcs.get(id, pass.fresh), aws.defaultVpc()]);
      if (vpcId === undefined) return { is: "absent" };
      return { is: "foreign", actual: { vpcId, inDefaultVpc: vpcId === defaultVpcId } };
    },
    diff(spec, { vpcId, inDefaultVpc }) {
      if (spec.vpc === "any" || inDefaultVpc) return [];
      const advice = "name a subnet of the default VPC, or security groups of this one as well";
      return [{ path: "vpc", want: spec.vpc, have: vpcId, replace: true, advice }];
    },
    async *list() {},
  };
}
