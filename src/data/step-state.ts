/** How a step stands at this moment: what waits, who works, and what would not start. */
import { paginateDescribeInstances } from "@aws-sdk/client-ec2";
import { DescribeTasksCommand, paginateListTasks } from "@aws-sdk/client-ecs";
import { orUndefined } from "../aws/errors.ts";
import { TAG } from "../core/owner.ts";
import { keyOf } from "../core/resource.ts";
import type { StepDescription } from "../desired/step-description.ts";
import type { DataDeps } from "./data.ts";
import { countMessages, type QueueCounts } from "./queues.ts";
import { readTroubles, type StepTrouble } from "./troubles.ts";

export interface StepState extends QueueCounts {
  readonly step: string;
  readonly algorithm: string;
  readonly tasks: { readonly running: number; readonly starting: number };
  /** EC2 instances that were launched for the step; tasks of other steps may run there, too. */
  readonly instances: number;
  readonly troubles: readonly StepTrouble[];
}

/** DescribeTasks takes so many. */
const PAGE = 100;

export async function readStates(
  steps: readonly StepDescription[],
  deps: Pick<DataDeps, "clients" | "account" | "owner">,
): Promise<StepState[]> {
  const troubles = await readTroubles(steps, deps);
  return Promise.all(
    steps.map(async (step, index) => {
      const [counts, tasks, instances] = await Promise.all([
        countMessages(deps.clients.sqs, step),
        tasksOf(step, deps),
        instancesOf(step, deps),
      ]);
      return { step: step.step, algorithm: step.algorithm, ...counts, tasks, instances, troubles: troubles[index]! };
    }),
  );
}

async function tasksOf({ cluster, task }: StepDescription, { clients }: Pick<DataDeps, "clients">) {
  const statuses = await orUndefined(taskStatuses(clients.ecs, cluster, task.family), "ClusterNotFoundException");
  const running = (statuses ?? []).filter((status) => status === "RUNNING").length;
  return { running, starting: (statuses ?? []).length - running };
}

async function taskStatuses(ecs: DataDeps["clients"]["ecs"], cluster: string, family: string): Promise<string[]> {
  const statuses: string[] = [];
  for await (const { taskArns = [] } of paginateListTasks({ client: ecs, pageSize: PAGE }, { cluster, family })) {
    if (taskArns.length === 0) continue;
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    statuses.push(...tasks.map((task) => task.lastStatus ?? ""));
  }
  return statuses;
}

async function instancesOf(step: StepDescription, { clients, owner }: Pick<DataDeps, "clients" | "owner">) {
  const Filters = [
    { Name: `tag:${TAG.owner}`, Values: [owner] },
    { Name: `tag:${TAG.resource}`, Values: [keyOf("launch-template", step.instances.launchTemplate)] },
    { Name: "instance-state-name", Values: ["pending", "running"] },
  ];
  let count = 0;
  for await (const page of paginateDescribeInstances({ client: clients.ec2 }, { Filters })) {
    count += (page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances).length;
  }
  return count;
}
