import { clusterName, ecsArn } from "../../services/ecs/lookup.ts";
import { ecsTags } from "../../services/ecs/tags.ts";
import type { Ecs } from "../../services/ecs.ts";
import type { Need } from "../policy/evaluate.ts";
import { type Ask, type NeedsOf, requestTags } from "./ask.ts";

const star = (action: string) => (): Need[] => [{ action: `ecs:${action}`, resource: "*" }];
const clusterArn = ({ input, call }: Ask) => ecsArn(call, `cluster/${clusterName(input.cluster)}`);
const inCluster = (ask: Ask) => ({ "ecs:cluster": [clusterArn(ask)] });
const onCluster = (ask: Ask): Need[] => [{ action: `ecs:${ask.operation}`, resource: clusterArn(ask) }];

/** Things of a cluster, by ARN or identifier: each must be allowed. */
const onEach =
  (kind: string, members: (input: Ask["input"]) => readonly (string | undefined)[]) =>
  (ask: Ask): Need[] =>
    members(ask.input).map((reference = "") => ({
      action: `ecs:${ask.operation}`,
      resource: memberArn(ask, kind, reference),
      context: inCluster(ask),
    }));

const start = (ask: Ask): Need[] => {
  const { world, input, call, operation } = ask;
  const definition = world.service<Ecs>("ecs").taskDefinition(call, input.taskDefinition ?? "");
  const tags = ecsTags(input.tags);
  const roles = [
    input.overrides?.taskRoleArn ?? definition?.content.taskRoleArn,
    input.overrides?.executionRoleArn ?? definition?.content.executionRoleArn,
  ].filter((role) => role !== undefined);
  return [
    {
      action: `ecs:${operation}`,
      resource: definition?.arn ?? ecsArn(call, `task-definition/${input.taskDefinition}`),
      context: { ...inCluster(ask), ...requestTags(tags) },
    },
    ...roles.map((role): Need => passRole(role, "ecs-tasks.amazonaws.com")),
    ...(tags.size === 0
      ? []
      : [
          {
            action: "ecs:TagResource",
            resource: ecsArn(call, `task/${clusterName(input.cluster)}/*`),
            context: { ...inCluster(ask), ...requestTags(tags), "ecs:createaction": [operation] },
          },
        ]),
  ];
};

/** Which resources ECS's actions know (Service Authorization Reference, "Actions defined by Amazon ECS"). */
export const ecsNeeds: NeedsOf = {
  RunTask: start,
  StartTask: start,
  StopTask: onEach("task", (input) => [input.task]),
  DescribeTasks: onEach("task", (input) => input.tasks ?? []),
  ListTasks: (ask) => [
    {
      action: "ecs:ListTasks",
      resource:
        ask.input.containerInstance === undefined
          ? "*"
          : memberArn(ask, "container-instance", ask.input.containerInstance),
      context: inCluster(ask),
    },
  ],
  ListContainerInstances: onCluster,
  RegisterContainerInstance: onCluster,
  DeregisterContainerInstance: onCluster,
  DescribeContainerInstances: onEach("container-instance", (input) => input.containerInstances ?? []),
  UpdateContainerInstancesState: onEach("container-instance", (input) => input.containerInstances ?? []),
  DescribeClusters: ({ input, call }) =>
    (input.clusters ?? ["default"]).map((reference: string) => ({
      action: "ecs:DescribeClusters",
      resource: ecsArn(call, `cluster/${clusterName(reference)}`),
    })),
  CreateCluster: star("CreateCluster"),
  ListClusters: star("ListClusters"),
  ListTaskDefinitions: star("ListTaskDefinitions"),
  ListTaskDefinitionFamilies: star("ListTaskDefinitionFamilies"),
  DescribeTaskDefinition: star("DescribeTaskDefinition"),
  RegisterTaskDefinition: ({ input, call }) => [
    { action: "ecs:RegisterTaskDefinition", resource: ecsArn(call, `task-definition/${input.family}:*`) },
    ...[input.taskRoleArn, input.executionRoleArn]
      .filter((role) => role !== undefined)
      .map((role: string) => passRole(role, "ecs-tasks.amazonaws.com")),
  ],
  DeleteTaskDefinitions: ({ input, call }) =>
    (input.taskDefinitions ?? []).map((reference: string) => ({
      action: "ecs:DeleteTaskDefinitions",
      resource: reference.startsWith("arn:") ? reference : ecsArn(call, `task-definition/${reference}`),
    })),
  DeregisterTaskDefinition: star("DeregisterTaskDefinition"),
};

/** Whoever hands a role to a service must be allowed to. */
export function passRole(roleArn: string, service: string): Need {
  return { action: "iam:PassRole", resource: roleArn, context: { "iam:passedtoservice": [service] } };
}

function memberArn({ input, call }: Ask, kind: string, reference: string): string {
  if (reference.startsWith("arn:")) return reference;
  return ecsArn(call, `${kind}/${clusterName(input.cluster)}/${reference}`);
}
