import * as ec2 from "@aws-sdk/client-ec2";
import * as ecs from "@aws-sdk/client-ecs";
import type { Sdk } from "../../support/sdk.ts";
import { joined, type Member, newCluster, run } from "./machines.ts";
import type { Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const REFERENCE = "ECS API Reference";

async function listed({ ecs: client }: Sdk, input: ecs.ListContainerInstancesCommandInput): Promise<string> {
  const { containerInstanceArns = [] } = await client.send(new ecs.ListContainerInstancesCommand(input));
  return containerInstanceArns.length === 0 ? "none" : String(containerInstanceArns.length);
}

async function instanceNow({ ecs: client }: Sdk, { cluster, arn }: Member) {
  const input = { cluster, containerInstances: [arn] };
  return (await client.send(new ecs.DescribeContainerInstancesCommand(input))).containerInstances?.[0];
}

const freeMemory = (instance: ecs.ContainerInstance | undefined) =>
  instance?.remainingResources?.find(({ name }) => name === "MEMORY")?.integerValue ?? 0;

const setState = ({ ecs: client }: Sdk, { cluster, arn }: Member, status: "ACTIVE" | "DRAINING") =>
  client.send(new ecs.UpdateContainerInstancesStateCommand({ cluster, containerInstances: [arn], status }));

const deregister = ({ ecs: client }: Sdk, { cluster, arn }: Member, force = false) =>
  client.send(new ecs.DeregisterContainerInstanceCommand({ cluster, containerInstance: arn, force }));

async function taggedCluster({ ecs: client }: Sdk, name: string): Promise<string> {
  const tags = [
    { key: "colour", value: "green" },
    { key: "size", value: "small" },
  ];
  const { cluster } = await client.send(new ecs.CreateClusterCommand({ clusterName: `probe-${name}`, tags }));
  return cluster!.clusterArn!;
}

async function tagsNow({ ecs: client }: Sdk, arn: string): Promise<string> {
  const { clusters } = await client.send(new ecs.DescribeClustersCommand({ clusters: [arn], include: ["TAGS"] }));
  const found = (clusters?.[0]?.tags ?? []).map(({ key, value }) => `${key}=${value}`);
  return found.sort().join(" ") || "none";
}

export const ecsInstanceProbes: readonly Probe[] = [
  {
    operation: "ecs:ListContainerInstances",
    question: "by a query that the only one does not meet",
    aws: "none",
    source: "ECS Developer Guide, cluster query language",
    async ask(sdk) {
      const { cluster } = await joined(sdk, "query");
      return listed(sdk, { cluster, filter: "attribute:colour == red" });
    },
  },
  {
    operation: "ecs:ListContainerInstances",
    question: "by status, where the only one drains: ACTIVE, DRAINING",
    aws: "none, 1",
    source: `${REFERENCE}, ListContainerInstances (status)`,
    async ask(sdk) {
      const member = await joined(sdk, "status");
      await setState(sdk, member, "DRAINING");
      const by = (status: "ACTIVE" | "DRAINING") => listed(sdk, { cluster: member.cluster, status });
      return `${await by("ACTIVE")}, ${await by("DRAINING")}`;
    },
  },
  {
    operation: "ecs:ListContainerInstances",
    question: "of a cluster that is not there",
    aws: "ClusterNotFoundException",
    source: `${REFERENCE}, ListContainerInstances`,
    ask: (sdk) => listed(sdk, { cluster: "probe-never" }),
  },
  {
    operation: "ecs:DescribeContainerInstances",
    question: "one that nobody knows",
    aws: "MISSING",
    source: "ECS Developer Guide, API failure reasons",
    async ask(sdk) {
      const input = { ...(await newCluster(sdk, "no-instance")), containerInstances: ["0".repeat(32)] };
      const { failures } = await sdk.ecs.send(new ecs.DescribeContainerInstancesCommand(input));
      return failures?.[0]?.reason ?? "no failure";
    },
  },
  {
    operation: "ecs:DescribeContainerInstances",
    question: "free memory, once a task of 64 MiB was placed: less by",
    aws: "64",
    source: `${REFERENCE}, ContainerInstance (remainingResources)`,
    async ask(sdk) {
      const member = await joined(sdk, "remaining");
      const before = freeMemory(await instanceNow(sdk, member));
      await run(sdk, member, "remaining");
      return String(before - freeMemory(await instanceNow(sdk, member)));
    },
  },
  {
    operation: "ecs:DescribeContainerInstances",
    question: "of which EC2 instance, and whether its agent is connected",
    aws: "its own, connected",
    source: `${REFERENCE}, ContainerInstance`,
    async ask(sdk) {
      const member = await joined(sdk, "identity");
      const found = await instanceNow(sdk, member);
      const own = found?.ec2InstanceId === member.instanceId ? "its own" : "another";
      return `${own}, ${found?.agentConnected ? "connected" : "not connected"}`;
    },
  },
  {
    operation: "ecs:UpdateContainerInstancesState",
    question: "to DRAINING: a standalone task on it goes on",
    aws: "RUNNING",
    source: `${REFERENCE}, UpdateContainerInstancesState`,
    async ask(sdk) {
      const member = await joined(sdk, "standalone");
      const { cluster } = member;
      const { tasks } = await run(sdk, member, "standalone");
      await setState(sdk, member, "DRAINING");
      const input = { cluster, tasks: [tasks![0]!.taskArn!] };
      const described = await sdk.ecs.send(new ecs.DescribeTasksCommand(input));
      return described.tasks?.[0]?.desiredStatus ?? "absent";
    },
  },
  {
    operation: "ecs:UpdateContainerInstancesState",
    question: "to DRAINING and back: its state",
    aws: "DRAINING, ACTIVE",
    source: `${REFERENCE}, UpdateContainerInstancesState`,
    async ask(sdk) {
      const member = await joined(sdk, "and-back");
      await setState(sdk, member, "DRAINING");
      const draining = (await instanceNow(sdk, member))?.status;
      await setState(sdk, member, "ACTIVE");
      return `${draining}, ${(await instanceNow(sdk, member))?.status}`;
    },
  },
  {
    operation: "ecs:UpdateContainerInstancesState",
    question: "eleven in a call",
    aws: "refused",
    source: `${REFERENCE}, UpdateContainerInstancesState (containerInstances)`,
    async ask(sdk) {
      const { cluster } = await newCluster(sdk, "eleven-instances");
      const containerInstances = Array.from({ length: 11 }, (_, index) => index.toString(16).padStart(32, "0"));
      const input = { cluster, containerInstances, status: "DRAINING" as const };
      return verdict(sdk.ecs.send(new ecs.UpdateContainerInstancesStateCommand(input)));
    },
  },
  {
    operation: "ecs:DeregisterContainerInstance",
    question: "with a task on it, not by force",
    aws: "refused",
    source: `${REFERENCE}, DeregisterContainerInstance (force)`,
    async ask(sdk) {
      const member = await joined(sdk, "by-force");
      await run(sdk, member, "by-force");
      return verdict(deregister(sdk, member));
    },
  },
  {
    operation: "ecs:DeregisterContainerInstance",
    question: "the state that it answers, and those that the cluster lists",
    aws: "INACTIVE, none",
    source: `${REFERENCE}, DeregisterContainerInstance, ListContainerInstances (status)`,
    async ask(sdk) {
      const member = await joined(sdk, "deregistered");
      const { containerInstance } = await deregister(sdk, member);
      return `${containerInstance?.status}, ${await listed(sdk, { cluster: member.cluster })}`;
    },
  },
  {
    operation: "ecs:DeregisterContainerInstance",
    question: "the EC2 instance afterwards",
    aws: "lives",
    source: `${REFERENCE}, DeregisterContainerInstance`,
    async ask(sdk) {
      const member = await joined(sdk, "machine");
      await deregister(sdk, member);
      const input = { InstanceIds: [member.instanceId] };
      const { Reservations } = await sdk.ec2.send(new ec2.DescribeInstancesCommand(input));
      const state = Reservations?.[0]?.Instances?.[0]?.State?.Name ?? "";
      return ["pending", "running"].includes(state) ? "lives" : "ends";
    },
  },
  {
    operation: "ecs:TagResource",
    question: "one key is overwritten, the others stay",
    aws: "colour=green size=large",
    source: `${REFERENCE}, TagResource`,
    async ask(sdk) {
      const resourceArn = await taggedCluster(sdk, "tag-cluster");
      await sdk.ecs.send(new ecs.TagResourceCommand({ resourceArn, tags: [{ key: "size", value: "large" }] }));
      return tagsNow(sdk, resourceArn);
    },
  },
  {
    operation: "ecs:TagResource",
    question: "a 51st tag",
    aws: "refused",
    source: `${REFERENCE}, TagResource (tags)`,
    async ask(sdk) {
      const tags = Array.from({ length: 50 }, (_, index) => ({ key: `key-${index}`, value: "" }));
      const made = await sdk.ecs.send(new ecs.CreateClusterCommand({ clusterName: "probe-many-tags", tags }));
      const resourceArn = made.cluster!.clusterArn!;
      const one = { resourceArn, tags: [{ key: "colour", value: "green" }] };
      return verdict(sdk.ecs.send(new ecs.TagResourceCommand(one)));
    },
  },
  {
    operation: "ecs:UntagResource",
    question: "of two tags the one that is named goes",
    aws: "colour=green",
    source: `${REFERENCE}, UntagResource`,
    async ask(sdk) {
      const resourceArn = await taggedCluster(sdk, "untag-cluster");
      await sdk.ecs.send(new ecs.UntagResourceCommand({ resourceArn, tagKeys: ["size"] }));
      return tagsNow(sdk, resourceArn);
    },
  },
];
