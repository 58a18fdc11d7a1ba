/** The region's default VPC: our own security group stands there, and the subnets that workflows use unless they name others. */
import { DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import type { Clock } from "../core/ports.ts";
import type { Clients } from "./clients.ts";
import { createListing } from "./seats.ts";
import { BATCH_MAX_AGE_MS } from "./tags.ts";

/** Id of the default VPC; undefined where the region has none. */
export type DefaultVpc = () => Promise<string | undefined>;

export function createDefaultVpc(deps: { clients: Pick<Clients, "ec2">; clock: Clock }): DefaultVpc {
  const listing = createListing({
    clock: deps.clock,
    maxAgeMs: BATCH_MAX_AGE_MS,
    async load() {
      const Filters = [{ Name: "is-default", Values: ["true"] }];
      const answer = await deps.clients.ec2.send(new DescribeVpcsCommand({ Filters }));
      return answer.Vpcs?.[0]?.VpcId;
    },
  });
  return () => listing.get(false);
}
