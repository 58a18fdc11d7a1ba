/** Which EC2 instances there are. */
import { paginateDescribeInstances } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import type { Pass } from "../core/resource.ts";

/** Values that a filter of EC2 takes. */
const FILTER_VALUES = 200;

const GOING = ["shutting-down", "terminated"];

/**
 * Of those of the ids that EC2 knows, whether the instance is neither gone nor going. One that has just been launched is
 * not known for a moment, one that has ended not any more after an hour. By filter: an id that EC2 does not know is no error there.
 */
export async function knownInstances(
  aws: Aws,
  ids: readonly string[],
  pass: Pass,
): Promise<ReadonlyMap<string, "live" | "going">> {
  const known = new Map<string, "live" | "going">();
  for (let start = 0; start < ids.length; start += FILTER_VALUES) {
    const Filters = [{ Name: "instance-id", Values: ids.slice(start, start + FILTER_VALUES) }];
    const pages = paginateDescribeInstances({ client: aws.clients.ec2 }, { Filters }, { abortSignal: pass.signal });
    for await (const page of pages) {
      for (const one of page.Reservations?.flatMap((reservation) => reservation.Instances ?? []) ?? []) {
        known.set(one.InstanceId ?? "", GOING.includes(one.State?.Name ?? "") ? "going" : "live");
      }
    }
  }
  return known;
}
