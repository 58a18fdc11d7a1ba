import * as ecs from "@aws-sdk/client-ecs";
import type { Sdk } from "../../support/sdk.ts";
import { define, joined, newCluster } from "./machines.ts";
import type { Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const REFERENCE = "ECS API Reference";

const deregister = ({ ecs: client }: Sdk, taskDefinition: string) =>
  client.send(new ecs.DeregisterTaskDefinitionCommand({ taskDefinition }));

async function list({ ecs: client }: Sdk, input: ecs.ListTaskDefinitionsCommandInput): Promise<string> {
  const { taskDefinitionArns = [] } = await client.send(new ecs.ListTaskDefinitionsCommand(input));
  if (taskDefinitionArns.length > 3) return "all";
  return taskDefinitionArns.map((arn) => arn.split("/")[1]).join(" ") || "none";
}

async function described({ ecs: client }: Sdk, input: ecs.DescribeTaskDefinitionCommandInput) {
  return client.send(new ecs.DescribeTaskDefinitionCommand(input));
}

const tags = [{ key: "colour", value: "green" }];

export const ecsDefinitionProbes: readonly Probe[] = [
  {
    operation: "ecs:CreateCluster",
    question: "over a standing one: its tags",
    aws: "green",
    source: `${REFERENCE}, CreateCluster (idempotent by name)`,
    async ask(sdk) {
      for (const value of ["green", "red"])
        await sdk.ecs.send(new ecs.CreateClusterCommand({ clusterName: "probe", tags: [{ key: "colour", value }] }));
      const input = { clusters: ["probe"], include: ["TAGS" as const] };
      const { clusters } = await sdk.ecs.send(new ecs.DescribeClustersCommand(input));
      return clusters?.[0]?.tags?.[0]?.value ?? "none";
    },
  },
  {
    operation: "ecs:CreateCluster",
    question: "without a name",
    aws: "default",
    source: `${REFERENCE}, CreateCluster (clusterName)`,
    async ask(sdk) {
      const { cluster } = await sdk.ecs.send(new ecs.CreateClusterCommand({}));
      return cluster?.clusterName ?? "none";
    },
  },
  {
    operation: "ecs:DescribeClusters",
    question: "one that never was",
    aws: "MISSING",
    source: "ECS Developer Guide, API failure reasons",
    async ask(sdk) {
      const { failures } = await sdk.ecs.send(new ecs.DescribeClustersCommand({ clusters: ["probe-never"] }));
      return failures?.[0]?.reason ?? "no failure";
    },
  },
  {
    operation: "ecs:DescribeClusters",
    question: "its tags, not asked for",
    aws: "none",
    source: `${REFERENCE}, DescribeClusters (include)`,
    async ask(sdk) {
      await sdk.ecs.send(new ecs.CreateClusterCommand({ clusterName: "probe-include", tags }));
      const { clusters } = await sdk.ecs.send(new ecs.DescribeClustersCommand({ clusters: ["probe-include"] }));
      return clusters?.[0]?.tags?.[0]?.value ?? "none";
    },
  },
  {
    operation: "ecs:DescribeClusters",
    question: "instances of a cluster whose only one is draining",
    aws: "1",
    source: `${REFERENCE}, Cluster (registeredContainerInstancesCount)`,
    async ask(sdk) {
      const { cluster, arn } = await joined(sdk, "counted");
      const input = { cluster, containerInstances: [arn], status: "DRAINING" as const };
      await sdk.ecs.send(new ecs.UpdateContainerInstancesStateCommand(input));
      const { clusters } = await sdk.ecs.send(new ecs.DescribeClustersCommand({ clusters: [cluster] }));
      return String(clusters?.[0]?.registeredContainerInstancesCount);
    },
  },
  {
    operation: "ecs:DeleteCluster",
    question: "with an instance in it",
    aws: "ClusterContainsContainerInstancesException",
    source: `${REFERENCE}, DeleteCluster`,
    async ask(sdk) {
      const { cluster } = await joined(sdk, "inhabited");
      await sdk.ecs.send(new ecs.DeleteClusterCommand({ cluster }));
      return "deleted";
    },
  },
  {
    operation: "ecs:DeleteCluster",
    question: "the state that it answers",
    aws: "INACTIVE",
    source: `${REFERENCE}, DeleteCluster`,
    async ask(sdk) {
      const { cluster } = await sdk.ecs.send(new ecs.DeleteClusterCommand(await newCluster(sdk, "left")));
      return cluster?.status ?? "absent";
    },
  },
  {
    operation: "ecs:DeleteCluster",
    question: "one that never was",
    aws: "ClusterNotFoundException",
    source: `${REFERENCE}, DeleteCluster`,
    async ask(sdk) {
      await sdk.ecs.send(new ecs.DeleteClusterCommand({ cluster: "probe-never" }));
      return "deleted";
    },
  },
  {
    operation: "ecs:ListClusters",
    question: "after a cluster was deleted",
    aws: "not listed",
    source: `${REFERENCE}, DeleteCluster`,
    async ask(sdk) {
      const at = await newCluster(sdk, "gone");
      await sdk.ecs.send(new ecs.DeleteClusterCommand(at));
      const { clusterArns } = await sdk.ecs.send(new ecs.ListClustersCommand({}));
      return clusterArns?.some((arn) => arn.endsWith(`/${at.cluster}`)) ? "listed" : "not listed";
    },
  },
  {
    operation: "ecs:ListClusters",
    question: "two of them, in pages of one",
    aws: "one, more",
    source: `${REFERENCE}, ListClusters (maxResults)`,
    async ask(sdk) {
      for (const name of ["page-1", "page-2"]) await newCluster(sdk, name);
      const { clusterArns, nextToken } = await sdk.ecs.send(new ecs.ListClustersCommand({ maxResults: 1 }));
      return `${clusterArns?.length === 1 ? "one" : "all"}, ${nextToken ? "more" : "no more"}`;
    },
  },
  {
    operation: "ecs:RegisterTaskDefinition",
    question: "a task's `1 vCPU` and `2 GB`, read back",
    aws: "1024, 2048",
    source: `${REFERENCE}, TaskDefinition (cpu, memory)`,
    async ask(sdk) {
      const { cpu, memory } = await define(sdk, "units", { cpu: "1 vCPU", memory: "2 GB" });
      return `${cpu}, ${memory}`;
    },
  },
  {
    operation: "ecs:RegisterTaskDefinition",
    question: "a container of which neither limit nor reservation of memory is said",
    aws: "refused",
    source: `${REFERENCE}, ContainerDefinition (memory)`,
    ask: (sdk) => verdict(define(sdk, "no-memory", { containerDefinitions: [{ name: "main", image: "busybox" }] })),
  },
  {
    operation: "ecs:RegisterTaskDefinition",
    question: "a container that waits for the SUCCESS of an essential one",
    aws: "refused",
    source: `${REFERENCE}, ContainerDependency`,
    ask(sdk) {
      const first = { name: "first", image: "busybox", memory: 64, essential: true };
      const dependsOn = [{ containerName: "first", condition: "SUCCESS" as const }];
      return verdict(define(sdk, "depends", { containerDefinitions: [first, { ...first, name: "then", dependsOn }] }));
    },
  },
  {
    operation: "ecs:RegisterTaskDefinition",
    question: "no container is essential",
    aws: "refused",
    source: `${REFERENCE}, ContainerDefinition (essential)`,
    ask(sdk) {
      const container = { name: "main", image: "busybox", memory: 64, essential: false };
      return verdict(define(sdk, "inessential", { containerDefinitions: [container] }));
    },
  },
  {
    operation: "ecs:RegisterTaskDefinition",
    question: "what a container and its port are, where nothing is said",
    aws: "essential, tcp",
    source: `${REFERENCE}, ContainerDefinition, PortMapping`,
    async ask(sdk) {
      const container = { name: "main", image: "busybox", memory: 64, portMappings: [{ containerPort: 80 }] };
      const { containerDefinitions } = await define(sdk, "defaults", { containerDefinitions: [container] });
      const { essential, portMappings } = containerDefinitions![0]!;
      return `${essential ? "essential" : "not said"}, ${portMappings?.[0]?.protocol ?? "not said"}`;
    },
  },
  {
    operation: "ecs:RegisterTaskDefinition",
    question: "another host port than the container's, in host mode",
    aws: "refused",
    source: `${REFERENCE}, ContainerDefinition (portMappings)`,
    ask(sdk) {
      const portMappings = [{ containerPort: 80, hostPort: 8080 }];
      const containerDefinitions = [{ name: "main", image: "busybox", memory: 64, portMappings }];
      return verdict(define(sdk, "host-mode", { networkMode: "host", containerDefinitions }));
    },
  },
  {
    operation: "ecs:RegisterTaskDefinition",
    question: "a port without a network",
    aws: "refused",
    source: `${REFERENCE}, ContainerDefinition (portMappings)`,
    ask(sdk) {
      const portMappings = [{ containerPort: 80 }];
      const containerDefinitions = [{ name: "main", image: "busybox", memory: 64, portMappings }];
      return verdict(define(sdk, "no-network", { networkMode: "none", containerDefinitions }));
    },
  },
  {
    operation: "ecs:DescribeTaskDefinition",
    question: "by family, the newest revision deregistered",
    aws: "1",
    source: `${REFERENCE}, DescribeTaskDefinition`,
    async ask(sdk) {
      for (const _ of [1, 2]) await define(sdk, "newest");
      await deregister(sdk, "probe-newest:2");
      return String((await described(sdk, { taskDefinition: "probe-newest" })).taskDefinition?.revision);
    },
  },
  {
    operation: "ecs:DescribeTaskDefinition",
    question: "its tags, not asked for",
    aws: "none",
    source: `${REFERENCE}, DescribeTaskDefinition (include)`,
    async ask(sdk) {
      await define(sdk, "definition-tags", { tags });
      const found = await described(sdk, { taskDefinition: "probe-definition-tags" });
      return found.tags?.[0]?.value ?? "none";
    },
  },
  {
    operation: "ecs:ListTaskDefinitions",
    question: "`familyPrefix`: a whole family, in spite of its name",
    aws: "probe-prefix:1",
    source: `${REFERENCE}, ListTaskDefinitions (familyPrefix)`,
    async ask(sdk) {
      for (const name of ["prefix", "prefix-longer"]) await define(sdk, name);
      return list(sdk, { familyPrefix: "probe-prefix" });
    },
  },
  {
    operation: "ecs:ListTaskDefinitions",
    question: "ten revisions, the newest first: the first two",
    aws: "probe-order:10 probe-order:9",
    source: `${REFERENCE}, ListTaskDefinitions (sort)`,
    async ask(sdk) {
      for (let revision = 1; revision <= 10; revision++) await define(sdk, "order");
      return list(sdk, { familyPrefix: "probe-order", sort: "DESC", maxResults: 2 });
    },
  },
  {
    operation: "ecs:ListTaskDefinitions",
    question: "of which status, where none is said",
    aws: "probe-active:2",
    source: `${REFERENCE}, ListTaskDefinitions (status)`,
    async ask(sdk) {
      for (const _ of [1, 2]) await define(sdk, "active");
      await deregister(sdk, "probe-active:1");
      return list(sdk, { familyPrefix: "probe-active" });
    },
  },
  {
    operation: "ecs:DeregisterTaskDefinition",
    question: "without a revision",
    aws: "refused",
    source: `${REFERENCE}, DeregisterTaskDefinition (taskDefinition)`,
    async ask(sdk) {
      await define(sdk, "no-revision");
      return verdict(deregister(sdk, "probe-no-revision"));
    },
  },
  {
    operation: "ecs:DeregisterTaskDefinition",
    question: "the state that it answers",
    aws: "INACTIVE",
    source: `${REFERENCE}, DeregisterTaskDefinition`,
    async ask(sdk) {
      await define(sdk, "inactive");
      return (await deregister(sdk, "probe-inactive:1")).taskDefinition?.status ?? "absent";
    },
  },
  {
    operation: "ecs:DeregisterTaskDefinition",
    question: "when that was, described",
    aws: "told",
    source: `${REFERENCE}, TaskDefinition (deregisteredAt)`,
    async ask(sdk) {
      await define(sdk, "when");
      await deregister(sdk, "probe-when:1");
      const { taskDefinition } = await described(sdk, { taskDefinition: "probe-when:1" });
      return taskDefinition?.deregisteredAt ? "told" : "not told";
    },
  },
  {
    operation: "ecs:DeleteTaskDefinitions",
    question: "one that is active",
    aws: "a failure",
    source: `${REFERENCE}, DeleteTaskDefinitions`,
    async ask(sdk) {
      await define(sdk, "still-active");
      const input = { taskDefinitions: ["probe-still-active:1"] };
      const { failures } = await sdk.ecs.send(new ecs.DeleteTaskDefinitionsCommand(input));
      return failures?.length ? "a failure" : "deleted";
    },
  },
  {
    operation: "ecs:DeleteTaskDefinitions",
    question: "one that is inactive: its state, and the next revision's number",
    aws: "DELETE_IN_PROGRESS, 2",
    source: `${REFERENCE}, DeleteTaskDefinitions`,
    async ask(sdk) {
      await define(sdk, "deleted");
      await deregister(sdk, "probe-deleted:1");
      const input = { taskDefinitions: ["probe-deleted:1"] };
      const { taskDefinitions } = await sdk.ecs.send(new ecs.DeleteTaskDefinitionsCommand(input));
      return `${taskDefinitions?.[0]?.status}, ${(await define(sdk, "deleted")).revision}`;
    },
  },
  {
    operation: "ecs:DeleteTaskDefinitions",
    question: "eleven in a call",
    aws: "refused",
    source: `${REFERENCE}, DeleteTaskDefinitions (taskDefinitions)`,
    ask(sdk) {
      const taskDefinitions = Array.from({ length: 11 }, (_, index) => `probe-many:${index + 1}`);
      return verdict(sdk.ecs.send(new ecs.DeleteTaskDefinitionsCommand({ taskDefinitions })));
    },
  },
];
