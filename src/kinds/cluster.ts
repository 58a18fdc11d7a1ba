/** ECS clusters. A deleted one stays visible as INACTIVE: that is absent. */
import {
  type Cluster,
  CreateClusterCommand,
  DeleteClusterCommand,
  DeregisterContainerInstanceCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  paginateListClusters,
  paginateListContainerInstances,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecs";
import { z } from "zod";
import { arnOf } from "../aws/arn.ts";
import type { Aws } from "../aws/aws.ts";
import { is } from "../aws/errors.ts";
import { createSeats } from "../aws/seats.ts";
import { BATCH_MAX_AGE_MS, lowerTagList, tagsOf } from "../aws/tags.ts";
import { inventoried, isOurs, type Tags, tagChanges } from "../core/owner.ts";
import type { Change, Pass, Resource } from "../core/resource.ts";
import { writeTags } from "./changes.ts";
import { knownInstances } from "./instances.ts";
import { byTags } from "./inventory.ts";

export const clusterSchema = z.strictObject({ tags: z.record(z.string(), z.string()) });
export type ClusterSpec = z.infer<typeof clusterSchema>;

export interface ClusterActual {
  readonly arn: string;
  readonly tags: Tags;
}

/** A cluster comes and goes within seconds. */
const SETTLING_MS = 2_000;

export function cluster(aws: Aws): Resource<ClusterSpec, ClusterActual> {
  const { ecs } = aws.clients;

  const describe = async (clusters: readonly string[]): Promise<Cluster[]> => {
    const answer = await ecs.send(new DescribeClustersCommand({ clusters: [...clusters], include: ["TAGS"] }));
    return answer.clusters ?? [];
  };
  const clusters = createSeats<Cluster>({
    clock: aws.clock,
    seats: 100,
    maxAgeMs: BATCH_MAX_AGE_MS,
    load: async (names) => new Map((await describe(names)).map((one) => [one.clusterName ?? "", one])),
  });

  return {
    kind: "cluster",
    schema: clusterSchema,

    async read(name, pass) {
      const found = await clusters.get(name, pass.fresh);
      if (!found || found.status === "INACTIVE") return { is: "absent" };
      if (found.status === "PROVISIONING" || found.status === "DEPROVISIONING") {
        return { is: "settling", retryMs: SETTLING_MS };
      }
      const actual = { arn: found.clusterArn ?? arnOf("ecs", `cluster/${name}`, pass), tags: tagsOf(found.tags) };
      return { is: isOurs(actual.tags, pass.owner) ? "owned" : "foreign", actual };
    },

    diff: (spec, { tags }): Change[] => tagChanges(spec.tags, tags),

    async create(name, spec, pass) {
      // Idempotent by name: a cluster that stands is answered as it is.
      await ecs.send(new CreateClusterCommand({ clusterName: name, tags: lowerTagList(spec.tags) }), {
        abortSignal: pass.signal,
      });
      clusters.forget(name);
    },

    async update(name, _spec, { arn: resourceArn }, changes, pass) {
      const options = { abortSignal: pass.signal };
      await writeTags(changes, {
        set: (tags) => ecs.send(new TagResourceCommand({ resourceArn, tags: lowerTagList(tags) }), options),
        remove: (tagKeys) => ecs.send(new UntagResourceCommand({ resourceArn, tagKeys }), options),
      });
      clusters.forget(name);
    },

    async delete(name, _actual, pass) {
      try {
        await ecs.send(new DeleteClusterCommand({ cluster: name }), { abortSignal: pass.signal });
      } catch (error) {
        if (is(error, "ClusterContainsContainerInstancesException")) await dismissEnded(name, pass);
        // ClusterContainsTasksException and its like: what runs there has not ended yet; the engine comes again.
        if (!is(error, "ClusterNotFoundException")) throw error;
      }
      clusters.forget(name);
    },

    async *list(pass) {
      const tagged = byTags({
        listed: () => aws.tags.list("ecs:cluster/", pass),
        nameOf: (arn) => arn.split("/").at(-1) ?? "",
        async *native() {
          for await (const page of paginateListClusters({ client: ecs, pageSize: 100 }, {})) {
            const arns = page.clusterArns ?? [];
            for (const one of arns.length > 0 ? await describe(arns) : []) {
              const tags = tagsOf(one.tags);
              if (isOurs(tags, pass.owner)) yield inventoried(one.clusterName ?? "", tags);
            }
          }
        },
      });
      for await (const row of tagged) {
        // Tags outlive their cluster for a while.
        const found = await clusters.get(row.name, pass.fresh);
        if (found && found.status !== "INACTIVE") yield row;
      }
    },
  };

  /**
   * ECS may list a machine for twenty minutes after its end, and for ever where its agent was not connected then. Only what EC2 has
   * ended is taken off the list; machines outside EC2 (`mi-…`) are somebody else's.
   */
  async function dismissEnded(inCluster: string, pass: Pass): Promise<void> {
    const options = { abortSignal: pass.signal };
    const pages = paginateListContainerInstances({ client: ecs, pageSize: 100 }, { cluster: inCluster }, options);
    for await (const { containerInstanceArns: arns = [] } of pages) {
      if (arns.length === 0) continue;
      const described = await ecs.send(
        new DescribeContainerInstancesCommand({ cluster: inCluster, containerInstances: arns }),
        options,
      );
      const members = (described.containerInstances ?? []).filter(({ ec2InstanceId }) =>
        ec2InstanceId?.startsWith("i-"),
      );
      const known = await knownInstances(
        aws,
        members.map(({ ec2InstanceId = "" }) => ec2InstanceId),
        pass,
      );
      const ended = members.filter(({ ec2InstanceId = "" }) => known.get(ec2InstanceId) !== "live");
      await Promise.all(
        ended.map(({ containerInstanceArn: containerInstance }) =>
          ecs
            .send(
              new DeregisterContainerInstanceCommand({ cluster: inCluster, containerInstance, force: true }),
              options,
            )
            .catch((error) => {
              // ECS has noticed meanwhile.
              if (!/instance was not found/i.test((error as Error).message)) throw error;
            }),
        ),
      );
    }
  }
}
