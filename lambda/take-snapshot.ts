/** Reads what a run must know, each thing once. */
import { DescribeSubnetsCommand, type Instance, paginateDescribeLaunchTemplates } from "@aws-sdk/client-ec2";
import { fingerprintOf } from "../src/desired/scaler-report.ts";
import type { Clients } from "./clients.ts";
import { containerInstances, guardedInstances, machinesOf } from "./read-machines.ts";
import type { Snapshot, StepNow, TaskNow } from "./snapshot.ts";
import type { Depth, StepSeen } from "./steps.ts";

/** What is known before it is clear that anything is to be done. */
export interface FirstLook {
  readonly steps: readonly StepSeen[];
  /** In the steps' order. */
  readonly depths: readonly Depth[];
  /** Every instance with our owner tag. */
  readonly instances: readonly Instance[];
  readonly warned: readonly string[];
}

export interface SnapshotDeps {
  readonly clients: Clients;
  readonly cluster: string;
  readonly readTasks: () => Promise<TaskNow[]>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Values that a filter of EC2 takes. */
const FILTER_VALUES = 200;

export async function takeSnapshot(first: FirstLook, deps: SnapshotDeps): Promise<Snapshot> {
  const { clients, cluster } = deps;
  const ids = first.instances.map(({ InstanceId = "" }) => InstanceId);
  const [tasks, members, guarded, versions, defaultSubnets] = await Promise.all([
    deps.readTasks(),
    containerInstances(clients.ecs, cluster),
    guardedInstances(clients.cloudwatch, ids),
    templateVersions(first, deps),
    subnetsOfDefaultVpc(first, deps),
  ]);
  const steps = first.steps.map((step, index): StepNow => {
    const version = versions.get(step.description.instances.launchTemplate) ?? null;
    return {
      key: step.key,
      description: step.description,
      fingerprint: fingerprintOf(step.description.generation, version),
      templateVersion: version,
      ...first.depths[index]!,
    };
  });
  return {
    nowMs: deps.now(),
    steps,
    tasks,
    machines: machinesOf(first.steps, first.instances, members, guarded),
    defaultSubnets,
    warned: first.warned,
  };
}

/** By filter: a template that is missing must not hide the others. */
async function templateVersions({ steps }: FirstLook, { clients }: SnapshotDeps): Promise<Map<string, number>> {
  const names = [...new Set(steps.map(({ description }) => description.instances.launchTemplate))];
  const versions = new Map<string, number>();
  for (let start = 0; start < names.length; start += FILTER_VALUES) {
    const Filters = [{ Name: "launch-template-name", Values: names.slice(start, start + FILTER_VALUES) }];
    for await (const page of paginateDescribeLaunchTemplates({ client: clients.ec2, pageSize: 200 }, { Filters })) {
      for (const { LaunchTemplateName = "", DefaultVersionNumber } of page.LaunchTemplates ?? []) {
        if (DefaultVersionNumber !== undefined) versions.set(LaunchTemplateName, DefaultVersionNumber);
      }
    }
  }
  return versions;
}

/** Asked only where a step has work and names no subnets. */
async function subnetsOfDefaultVpc({ steps, depths }: FirstLook, { clients }: SnapshotDeps): Promise<string[]> {
  const isAsked = steps.some(
    ({ description }, index) => description.instances.subnets.length === 0 && depths[index]!.waiting > 0,
  );
  if (!isAsked) return [];
  const Filters = [{ Name: "default-for-az", Values: ["true"] }];
  const { Subnets = [] } = await clients.ec2.send(new DescribeSubnetsCommand({ Filters }));
  return Subnets.map(({ SubnetId = "" }) => SubnetId).sort();
}
