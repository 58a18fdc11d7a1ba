import * as ecs from "@aws-sdk/client-ecs";
import type { Sdk } from "../../support/sdk.ts";
import { define, newCluster, roomy, run } from "./machines.ts";
import type { Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const REFERENCE = "ECS API Reference";
const FAILURES = "ECS Developer Guide, API failure reasons";
const TOKENS = "ECS Developer Guide, ensuring idempotency";

/** A task in a cluster of its own. */
async function aTask(sdk: Sdk, name: string, more: Partial<ecs.RunTaskCommandInput> = {}) {
  const { cluster } = await roomy(sdk, name);
  const { tasks } = await run(sdk, { cluster }, name, more);
  return { cluster, task: tasks![0]!.taskArn! };
}

async function listed({ ecs: client }: Sdk, input: ecs.ListTasksCommandInput): Promise<string> {
  const { taskArns = [] } = await client.send(new ecs.ListTasksCommand(input));
  return taskArns.length === 0 ? "none" : String(taskArns.length);
}

const stop = ({ ecs: client }: Sdk, cluster: string, task: string) =>
  client.send(new ecs.StopTaskCommand({ cluster, task, reason: "of a probe" }));

const tags = [{ key: "colour", value: "green" }];

export const ecsTaskProbes: readonly Probe[] = [
  {
    operation: "ecs:RunTask",
    question: "in a cluster without instances",
    aws: "InvalidParameterException",
    source: `${REFERENCE}, RunTask`,
    async ask(sdk) {
      await run(sdk, await newCluster(sdk, "empty"), "empty");
      return "accepted";
    },
  },
  {
    operation: "ecs:RunTask",
    question: "twice with the same client token: tasks",
    aws: "1",
    source: TOKENS,
    async ask(sdk) {
      const at = await aTask(sdk, "token", { clientToken: "probe", taskDefinition: "probe-token:1" });
      await run(sdk, at, "token", { clientToken: "probe", taskDefinition: "probe-token:1" });
      return listed(sdk, { cluster: at.cluster });
    },
  },
  {
    operation: "ecs:RunTask",
    question: "with a client token that another request had",
    aws: "ConflictException",
    source: TOKENS,
    async ask(sdk) {
      const at = await aTask(sdk, "conflict", { clientToken: "probe" });
      await run(sdk, at, "conflict", { clientToken: "probe", count: 2 });
      return "accepted";
    },
  },
  {
    operation: "ecs:RunTask",
    question: "eleven in a call",
    aws: "refused",
    source: `${REFERENCE}, RunTask (count)`,
    ask: async (sdk) => verdict(run(sdk, await roomy(sdk, "eleven"), "eleven", { count: 11 })),
  },
  {
    operation: "ecs:RunTask",
    question: "the group of a task, where none is said",
    aws: "family:probe-group",
    source: `${REFERENCE}, RunTask (group)`,
    async ask(sdk) {
      const { tasks } = await run(sdk, await roomy(sdk, "group"), "group");
      return tasks?.[0]?.group || "none";
    },
  },
  {
    operation: "ecs:RunTask",
    question: "tags of the definition on the task, where propagation is not asked for",
    aws: "none",
    source: `${REFERENCE}, RunTask (propagateTags)`,
    async ask(sdk) {
      const { cluster } = await roomy(sdk, "propagate");
      await define(sdk, "propagate", { tags });
      const input = { cluster, taskDefinition: "probe-propagate" };
      const { tasks } = await sdk.ecs.send(new ecs.RunTaskCommand(input));
      const asked = { cluster, tasks: [tasks![0]!.taskArn!], include: ["TAGS" as const] };
      const described = await sdk.ecs.send(new ecs.DescribeTasksCommand(asked));
      return described.tasks?.[0]?.tags?.[0]?.value ?? "none";
    },
  },
  {
    operation: "ecs:RunTask",
    question: "of a definition that is being deleted",
    aws: "refused",
    source: `${REFERENCE}, DeleteTaskDefinitions`,
    async ask(sdk) {
      const { cluster } = await roomy(sdk, "undefined");
      await define(sdk, "undefined");
      const taskDefinition = "probe-undefined:1";
      await sdk.ecs.send(new ecs.DeregisterTaskDefinitionCommand({ taskDefinition }));
      await sdk.ecs.send(new ecs.DeleteTaskDefinitionsCommand({ taskDefinitions: [taskDefinition] }));
      return verdict(sdk.ecs.send(new ecs.RunTaskCommand({ cluster, taskDefinition })));
    },
  },
  {
    operation: "ecs:RunTask",
    question: "with overrides of more than 8,192 characters",
    aws: "refused",
    source: `${REFERENCE}, RunTask (overrides)`,
    async ask(sdk) {
      const containerOverrides = [{ name: "main", command: ["x".repeat(8_192)] }];
      return verdict(run(sdk, await roomy(sdk, "overrides"), "overrides", { overrides: { containerOverrides } }));
    },
  },
  {
    operation: "ecs:RunTask",
    question: "started by a name of 129 characters",
    aws: "refused",
    source: `${REFERENCE}, RunTask (startedBy)`,
    ask: async (sdk) => verdict(run(sdk, await roomy(sdk, "starter"), "starter", { startedBy: "x".repeat(129) })),
  },
  {
    operation: "ecs:StopTask",
    question: "a task that nobody knows",
    aws: "InvalidParameterException",
    source: `${REFERENCE}, StopTask`,
    async ask(sdk) {
      const { cluster } = await newCluster(sdk, "stop");
      await stop(sdk, cluster, "0".repeat(32));
      return "accepted";
    },
  },
  {
    operation: "ecs:StopTask",
    question: "the reason that was given, read back, and whose will it was",
    aws: "of a probe, UserInitiated",
    source: `${REFERENCE}, StopTask (reason); Task (stopCode)`,
    async ask(sdk) {
      const { cluster, task } = await aTask(sdk, "reason");
      await stop(sdk, cluster, task);
      const { tasks } = await sdk.ecs.send(new ecs.DescribeTasksCommand({ cluster, tasks: [task] }));
      return `${tasks?.[0]?.stoppedReason}, ${tasks?.[0]?.stopCode ?? "not said"}`;
    },
  },
  {
    operation: "ecs:StopTask",
    question: "its tags afterwards",
    aws: "none",
    source: `${REFERENCE}, StopTask`,
    async ask(sdk) {
      const { cluster, task } = await aTask(sdk, "untagged", { tags });
      await stop(sdk, cluster, task);
      const input = { cluster, tasks: [task], include: ["TAGS" as const] };
      const { tasks } = await sdk.ecs.send(new ecs.DescribeTasksCommand(input));
      return tasks?.[0]?.tags?.[0]?.value ?? "none";
    },
  },
  {
    operation: "ecs:ListTasks",
    question: "after the only task was stopped",
    aws: "none",
    source: `${REFERENCE}, ListTasks (desiredStatus)`,
    async ask(sdk) {
      const { cluster, task } = await aTask(sdk, "listed");
      await stop(sdk, cluster, task);
      return listed(sdk, { cluster });
    },
  },
  {
    operation: "ecs:ListTasks",
    question: "the stopped, after a task was stopped",
    aws: "1",
    source: `${REFERENCE}, ListTasks (desiredStatus)`,
    async ask(sdk) {
      const { cluster, task } = await aTask(sdk, "stopped");
      await stop(sdk, cluster, task);
      return listed(sdk, { cluster, desiredStatus: "STOPPED" });
    },
  },
  {
    operation: "ecs:ListTasks",
    question: "those desired PENDING, beside a task that is starting",
    aws: "none",
    source: `${REFERENCE}, ListTasks (desiredStatus)`,
    async ask(sdk) {
      const { cluster } = await aTask(sdk, "pending");
      return listed(sdk, { cluster, desiredStatus: "PENDING" });
    },
  },
  {
    operation: "ecs:ListTasks",
    question: "by who started them and by family together",
    aws: "refused",
    source: `${REFERENCE}, ListTasks (startedBy)`,
    async ask(sdk) {
      const { cluster } = await newCluster(sdk, "two-filters");
      return verdict(listed(sdk, { cluster, startedBy: "probe", family: "probe-two-filters" }));
    },
  },
  {
    operation: "ecs:ListTasks",
    question: "of a cluster that is not there",
    aws: "ClusterNotFoundException",
    source: `${REFERENCE}, ListTasks`,
    ask: (sdk) => listed(sdk, { cluster: "probe-never" }),
  },
  {
    operation: "ecs:DescribeTasks",
    question: "one that nobody knows",
    aws: "MISSING",
    source: FAILURES,
    async ask(sdk) {
      const input = { ...(await newCluster(sdk, "unknown")), tasks: ["0".repeat(32)] };
      const { failures } = await sdk.ecs.send(new ecs.DescribeTasksCommand(input));
      return failures?.[0]?.reason ?? "no failure";
    },
  },
  {
    operation: "ecs:DescribeTasks",
    question: "its tags, not asked for",
    aws: "none",
    source: `${REFERENCE}, DescribeTasks (include)`,
    async ask(sdk) {
      const { cluster, task } = await aTask(sdk, "task-tags", { tags });
      const { tasks } = await sdk.ecs.send(new ecs.DescribeTasksCommand({ cluster, tasks: [task] }));
      return tasks?.[0]?.tags?.[0]?.value ?? "none";
    },
  },
  {
    operation: "ecs:DescribeTasks",
    question: "101 in a call",
    aws: "refused",
    source: `${REFERENCE}, DescribeTasks (tasks)`,
    async ask(sdk) {
      const tasks = Array.from({ length: 101 }, (_, index) => index.toString(16).padStart(32, "0"));
      const input = { ...(await newCluster(sdk, "many-tasks")), tasks };
      return verdict(sdk.ecs.send(new ecs.DescribeTasksCommand(input)));
    },
  },
];
