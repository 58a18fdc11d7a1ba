/** The cluster's tasks: those that run, and those that ended within the last hour (as long as ECS shows them). */
import { DescribeTasksCommand, type ECSClient, paginateListTasks, type Task } from "@aws-sdk/client-ecs";
import { batches, inParallel } from "./in-parallel.ts";
import type { TaskNow } from "./snapshot.ts";

/** DescribeTasks takes so many; ListTasks answers as many. */
const PAGE = 100;
/** More ended tasks tell nothing that these do not. */
const STOPPED_PAGES = 10;
/** ECS reads: 20/s after a burst of 50. */
const CALLS_AT_ONCE = 5;

/** What has ended does not change any more, so a warm function describes it once. */
export function taskReader(ecs: ECSClient, cluster: string): () => Promise<TaskNow[]> {
  let ended = new Map<string, TaskNow>();
  return async () => {
    const [running, stopped] = await Promise.all([
      arnsOf(ecs, cluster, "RUNNING", Number.POSITIVE_INFINITY),
      arnsOf(ecs, cluster, "STOPPED", STOPPED_PAGES),
    ]);
    const unknown = [...running, ...stopped.filter((arn) => !ended.has(arn))];
    const described = await inParallel(batches(unknown, PAGE), CALLS_AT_ONCE, async (tasks) => {
      const answer = await ecs.send(new DescribeTasksCommand({ cluster, tasks }));
      return (answer.tasks ?? []).map(taskOf);
    });
    const all = [...described.flat(), ...stopped.flatMap((arn) => ended.get(arn) ?? [])];
    ended = new Map(all.filter((task) => task.stopped).map((task) => [task.arn, task]));
    return all;
  };
}

async function arnsOf(
  ecs: ECSClient,
  cluster: string,
  desiredStatus: "RUNNING" | "STOPPED",
  pagesMost: number,
): Promise<string[]> {
  const arns: string[] = [];
  let pages = 0;
  for await (const page of paginateListTasks({ client: ecs, pageSize: PAGE }, { cluster, desiredStatus })) {
    arns.push(...(page.taskArns ?? []));
    if (++pages >= pagesMost) break;
  }
  return arns;
}

function taskOf(task: Task): TaskNow {
  const hasStopped = task.lastStatus === "STOPPED";
  return {
    arn: task.taskArn ?? "",
    family: /task-definition\/([^:]+)/.exec(task.taskDefinitionArn ?? "")?.[1] ?? "",
    containerInstanceArn: task.containerInstanceArn,
    createdMs: task.createdAt?.getTime() ?? 0,
    startedMs: task.startedAt?.getTime(),
    stopping: task.desiredStatus === "STOPPED",
    stopped: hasStopped
      ? {
          atMs: (task.stoppedAt ?? task.executionStoppedAt)?.getTime() ?? 0,
          code: task.stopCode ?? "",
          reason: whyStopped(task),
          exitCode: exitCodeOf(task),
        }
      : undefined,
  };
}

/** ECS names the cause at the container (an image that cannot be pulled), and at the task only that there is one. */
function whyStopped({ stoppedReason = "", containers = [] }: Task): string {
  const details = containers.flatMap(({ name, reason, exitCode }) => {
    if (reason) return [`${name}: ${reason}`];
    return exitCode ? [`${name}: exit code ${exitCode}`] : [];
  });
  return [stoppedReason, ...details].filter((part) => part !== "").join("; ");
}

/** The worst of its containers': the first one ends with 0 where all is well. */
function exitCodeOf({ containers = [] }: Task): number | undefined {
  const codes = containers.flatMap(({ exitCode }) => (exitCode === undefined ? [] : [exitCode]));
  return codes.find((code) => code !== 0) ?? codes[0];
}
