import * as ecs from "@aws-sdk/client-ecs";
import type { Sdk } from "../../support/sdk.ts";
import { define, joined, newCluster, roomy, run } from "./machines.ts";
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

async function reasonOf(placing: Promise<ecs.RunTaskCommandOutput>): Promise<string> {
  const { failures, tasks } = await placing;
  return failures?.[0]?.reason ?? (tasks?.length ? "placed" : "no failure");
}

const memberOf = (expression: string) => ({ placementConstraints: [{ type: "memberOf" as const, expression }] });
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
    question: "with a constraint that no instance meets",
    aws: "MemberOf placement constraint unsatisfied.",
    source: FAILURES,
    async ask(sdk) {
      const member = await joined(sdk, "constraint");
      return reasonOf(run(sdk, member, "constraint", memberOf("attribute:colour == red")));
    },
  },
  {
    operation: "ecs:RunTask",
    question: "with a constraint that its instance meets",
    aws: "placed",
    source: "ECS Developer Guide, cluster query language",
    async ask(sdk) {
      const member = await joined(sdk, "met");
      return reasonOf(run(sdk, member, "met", memberOf("attribute:colour in [green, red]")));
    },
  },
  {
    operation: "ecs:RunTask",
    question: "that needs more memory than there is",
    aws: "RESOURCE:MEMORY",
    source: FAILURES,
    async ask(sdk) {
      const { cluster } = await joined(sdk, "memory");
      await define(sdk, "memory", { containerDefinitions: [{ name: "main", image: "busybox", memory: 90_000 }] });
      return reasonOf(sdk.ecs.send(new ecs.RunTaskCommand({ cluster, taskDefinition: "probe-memory" })));
    },
  },
  {
    operation: "ecs:RunTask",
    question: "two on distinct instances where there is one: tasks, failures",
    aws: "1, 1",
    source: `${REFERENCE}, PlacementConstraint`,
    async ask(sdk) {
      const placementConstraints = [{ type: "distinctInstance" as const }];
      const answer = await run(sdk, await joined(sdk, "distinct"), "distinct", { count: 2, placementConstraints });
      return `${answer.tasks?.length}, ${answer.failures?.length}`;
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
      return tasks?.[0]?.group ?? "none";
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
    question: "on an instance that is draining",
    aws: "not placed",
    source: `${REFERENCE}, UpdateContainerInstancesState`,
    async ask(sdk) {
      const member = await joined(sdk, "draining");
      const input = { cluster: member.cluster, containerInstances: [member.arn], status: "DRAINING" as const };
      await sdk.ecs.send(new ecs.UpdateContainerInstancesStateCommand(input));
      const placing = run(sdk, member, "draining").then(({ tasks }) => (tasks?.length ? "placed" : "not placed"));
      // Whether AWS answers a failure or an error is not documented.
      return (await verdict(placing)) === "refused" ? "not placed" : placing;
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
];
