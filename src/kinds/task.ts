/** Running ECS tasks: nothing desires them; clean-up and the collector take them away. Name = cluster/task id. */
import { DescribeTasksCommand, paginateListTasks, StopTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { is, orUndefined } from "../aws/errors.ts";
import { tagsOf } from "../aws/tags.ts";
import { inventoried, isOurs, type Tags } from "../core/owner.ts";
import type { Inventoried, Pass, Resource } from "../core/resource.ts";
import { cluster } from "./cluster.ts";

const taskSchema = z.strictObject({});
export type TaskSpec = z.infer<typeof taskSchema>;

export interface TaskActual {
  readonly arn: string;
  readonly tags: Tags;
}

/** How soon to look again at a task that is stopping: its containers have up to two minutes after SIGTERM. */
const STOPPING_MS = 2_000;
const CLUSTER_GONE = "ClusterNotFoundException";

export function task(aws: Aws): Resource<TaskSpec, TaskActual> {
  const { ecs } = aws.clients;
  const clusters = cluster(aws);

  const describe = async (inCluster: string, ids: readonly string[], pass: Pass): Promise<Task[]> => {
    const answer = await orUndefined(
      ecs.send(new DescribeTasksCommand({ cluster: inCluster, tasks: [...ids], include: ["TAGS"] }), {
        abortSignal: pass.signal,
      }),
      CLUSTER_GONE,
    );
    return answer?.tasks ?? [];
  };

  /** Our clusters, and others' in which the tagging API knows tasks of ours. */
  const clustersWithTasks = async (pass: Pass): Promise<ReadonlySet<string>> => {
    // Asked at the same time, so that both share the listing of the other kinds.
    const tagged = aws.tags.list("ecs:task/", pass).catch(() => []);
    const names = new Set<string>();
    for await (const { name } of clusters.list(pass)) names.add(name);
    for (const { arn } of await tagged) names.add(arn.split("/").at(-2) ?? "");
    return names;
  };

  return {
    kind: "task",
    schema: taskSchema,

    async read(name, pass) {
      const [inCluster = "", id = ""] = name.split("/");
      const [found] = await describe(inCluster, [id], pass);
      if (!found || found.lastStatus === "STOPPED") return { is: "absent" };
      if (found.desiredStatus === "STOPPED") return { is: "settling", retryMs: STOPPING_MS };
      const actual = { arn: found.taskArn ?? "", tags: tagsOf(found.tags) };
      return { is: isOurs(actual.tags, pass.owner) ? "owned" : "foreign", actual };
    },

    diff: () => [],

    async delete(name, _actual, pass) {
      const [inCluster, id] = name.split("/");
      const reason = "pipewright: its workflow was taken away";
      try {
        await ecs.send(new StopTaskCommand({ cluster: inCluster, task: id, reason }), { abortSignal: pass.signal });
      } catch (error) {
        // "The referenced task was not found." is an InvalidParameterException.
        const gone = is(error, CLUSTER_GONE) || /task was not found/i.test((error as Error).message);
        if (!gone) throw error;
      }
    },

    async *list(pass) {
      for (const inCluster of await clustersWithTasks(pass)) yield* runningIn(inCluster, pass);
    },
  };

  async function* runningIn(inCluster: string, pass: Pass): AsyncGenerator<Inventoried> {
    const pages = paginateListTasks(
      { client: ecs, pageSize: 100 },
      { cluster: inCluster },
      { abortSignal: pass.signal },
    );
    try {
      for await (const page of pages) {
        const ids = page.taskArns ?? [];
        for (const one of ids.length > 0 ? await describe(inCluster, ids, pass) : []) {
          const tags = tagsOf(one.tags);
          const id = one.taskArn?.split("/").at(-1);
          // Some clouds list what has ended, and it may have ended since it was listed.
          if (one.lastStatus === "STOPPED") continue;
          if (isOurs(tags, pass.owner)) yield { ...inventoried(`${inCluster}/${id}`, tags), runtime: true };
        }
      }
    } catch (error) {
      // The tagging API may still show a cluster that is gone.
      if (!is(error, CLUSTER_GONE)) throw error;
    }
  }
}
