/** Which EC2 instances there are. */
import { paginateDescribeInstances } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import type { Pass } from "../core/resource.ts";

/** Values that a filter of EC2 takes. */
const FILTER_VALUES = 200;

/** Those of the ids whose instance is neither gone nor going. By filter: an id that EC2 has forgotten is no error there. */
export async function liveInstances(aws: Aws, ids: readonly string[], pass: Pass): Promise<ReadonlySet<string>> {
  const live = new Set<string>();
  for (let start = 0; start < ids.length; start += FILTER_VALUES) {
    const Filters = [
      { Name: "instance-id", Values: ids.slice(start, start + FILTER_VALUES) },
      { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
    ];
    const pages = paginateDescribeInstances({ client: aws.clients.ec2 }, { Filters }, { abortSignal: pass.signal });
    for await (const page of pages) {
      for (const one of page.Reservations?.flatMap((reservation) => reservation.Instances ?? []) ?? []) {
        live.add(one.InstanceId ?? "");
      }
    }
  }
  return live;
}
