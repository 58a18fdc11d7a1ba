/** EC2 instances of ours: nothing desires them; clean-up and the collector take them away. Name = instance id. */
import { type Instance, paginateDescribeInstances, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { tagsOf } from "../aws/tags.ts";
import { inventoried, isOurs, TAG, type Tags } from "../core/owner.ts";
import type { Pass, Resource } from "../core/resource.ts";

export const instanceSchema = z.strictObject({});
export type InstanceSpec = z.infer<typeof instanceSchema>;

export interface InstanceActual {
  readonly tags: Tags;
}

export function instance(aws: Aws): Resource<InstanceSpec, InstanceActual> {
  const { ec2 } = aws.clients;

  async function* living(filter: string, value: string, pass: Pass): AsyncGenerator<Instance> {
    const Filters = [
      { Name: filter, Values: [value] },
      // What ends already is gone.
      { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
    ];
    for await (const page of paginateDescribeInstances({ client: ec2 }, { Filters }, { abortSignal: pass.signal })) {
      for (const reservation of page.Reservations ?? []) yield* reservation.Instances ?? [];
    }
  }

  return {
    kind: "instance",
    schema: instanceSchema,

    async read(id, pass) {
      for await (const one of living("instance-id", id, pass)) {
        const tags = tagsOf(one.Tags);
        return { is: isOurs(tags, pass.owner) ? "owned" : "foreign", actual: { tags } };
      }
      return { is: "absent" };
    },

    diff: () => [],

    async delete(id, _actual, pass) {
      await orUndefined(
        ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }), { abortSignal: pass.signal }),
        "InvalidInstanceID.NotFound",
      );
    },

    async *list(pass) {
      for await (const one of living(`tag:${TAG.owner}`, pass.owner, pass)) {
        yield { ...inventoried(one.InstanceId ?? "", tagsOf(one.Tags)), runtime: true };
      }
    },
  };
}
