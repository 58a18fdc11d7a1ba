import * as ecs from "@aws-sdk/client-ecs";
import type { Sdk } from "../../support/sdk.ts";
import { define, join, joined, run } from "./machines.ts";
import type { Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const REFERENCE = "ECS API Reference";
const FAILURES = "ECS Developer Guide, API failure reasons";

async function reasonOf(placing: Promise<ecs.RunTaskCommandOutput>): Promise<string> {
  const { failures, tasks } = await placing;
  return failures?.[0]?.reason ?? (tasks?.length ? "placed" : "no failure");
}

const memberOf = (expression: string) => ({ placementConstraints: [{ type: "memberOf" as const, expression }] });
/** A task by each strategy, in a cluster of two instances of which one has a task: where the second goes. */
async function second(sdk: Sdk, name: string, placementStrategy: ecs.PlacementStrategy[]): Promise<string> {
  const { cluster } = await joined(sdk, name);
  await join(sdk, cluster);
  const first = await run(sdk, { cluster }, name);
  const then = await run(sdk, { cluster }, name, { placementStrategy });
  const where = ({ tasks }: ecs.RunTaskCommandOutput) => tasks![0]!.containerInstanceArn;
  return where(first) === where(then) ? "the same instance" : "the other instance";
}

export const ecsPlacementProbes: readonly Probe[] = [
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
    question: "`binpack` by memory, where one of two instances has a task",
    aws: "the same instance",
    source: `${REFERENCE}, PlacementStrategy`,
    ask: (sdk) => second(sdk, "binpack", [{ type: "binpack", field: "memory" }]),
  },
  {
    operation: "ecs:RunTask",
    question: "`spread` by instance, where one of two instances has a task",
    aws: "the other instance",
    source: `${REFERENCE}, PlacementStrategy`,
    ask: (sdk) => second(sdk, "spread", [{ type: "spread", field: "instanceId" }]),
  },
  {
    operation: "ecs:RunTask",
    question: "of a host port that a task on the only instance has",
    aws: "RESOURCE:PORTS",
    source: FAILURES,
    async ask(sdk) {
      const { cluster } = await joined(sdk, "ports");
      const portMappings = [{ containerPort: 80, hostPort: 80 }];
      await define(sdk, "ports", {
        containerDefinitions: [{ name: "main", image: "busybox", memory: 64, portMappings }],
      });
      const place = () => sdk.ecs.send(new ecs.RunTaskCommand({ cluster, taskDefinition: "probe-ports" }));
      await place();
      return reasonOf(place());
    },
  },
  {
    operation: "ecs:RunTask",
    question: "with eleven constraints",
    aws: "refused",
    source: `${REFERENCE}, RunTask (placementConstraints)`,
    async ask(sdk) {
      const { placementConstraints } = memberOf("attribute:colour == green");
      const eleven = Array.from({ length: 11 }, () => placementConstraints[0]!);
      return verdict(run(sdk, await joined(sdk, "constraints"), "constraints", { placementConstraints: eleven }));
    },
  },
];
