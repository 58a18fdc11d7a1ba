/** The cluster's machines: what EC2 says of our instances, and what ECS says of those that have joined. */
import { type CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { type EC2Client, type Instance, paginateDescribeInstances } from "@aws-sdk/client-ec2";
import {
  type ContainerInstance,
  DescribeContainerInstancesCommand,
  type ECSClient,
  paginateListContainerInstances,
  type Resource,
} from "@aws-sdk/client-ecs";
import { TAG } from "../src/core/owner.ts";
import { keyOf } from "../src/core/resource.ts";
import { batches, inParallel } from "./in-parallel.ts";
import { alarmName } from "./shutdown-alarm.ts";
import type { Joined, Machine, Room } from "./snapshot.ts";
import type { StepSeen } from "./steps.ts";

const CALLS_AT_ONCE = 5;
/** DescribeContainerInstances and DescribeAlarms take so many. */
const PAGE = 100;

/** Everything that carries our owner tag, also what ended within the last hour. */
export async function ourInstances(ec2: EC2Client, owner: string): Promise<Instance[]> {
  const found: Instance[] = [];
  const Filters = [{ Name: `tag:${TAG.owner}`, Values: [owner] }];
  for await (const page of paginateDescribeInstances({ client: ec2, pageSize: 1000 }, { Filters })) {
    for (const { Instances = [] } of page.Reservations ?? []) found.push(...Instances);
  }
  return found;
}

export async function containerInstances(ecs: ECSClient, cluster: string): Promise<ContainerInstance[]> {
  const arns: string[] = [];
  const pages = paginateListContainerInstances({ client: ecs, pageSize: PAGE }, { cluster });
  for await (const page of pages) arns.push(...(page.containerInstanceArns ?? []));
  const described = await inParallel(batches(arns, PAGE), CALLS_AT_ONCE, async (containerInstances) => {
    const answer = await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances }));
    return answer.containerInstances ?? [];
  });
  return described.flat();
}

/** Which of the instances have their alarm; undefined where CloudWatch does not tell: work must not stop for the safety net. */
export async function guardedInstances(
  cloudwatch: CloudWatchClient,
  ids: readonly string[],
): Promise<ReadonlySet<string> | undefined> {
  try {
    return await instancesWithAlarm(cloudwatch, ids);
  } catch (error) {
    console.warn(JSON.stringify({ message: "alarms not readable", error: String(error) }));
    return undefined;
  }
}

async function instancesWithAlarm(cloudwatch: CloudWatchClient, ids: readonly string[]): Promise<Set<string>> {
  const found = await inParallel(batches(ids, PAGE), CALLS_AT_ONCE, async (batch) => {
    const answer = await cloudwatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: batch.map(alarmName),
        AlarmTypes: ["MetricAlarm"],
        MaxRecords: PAGE,
      }),
    );
    const names = new Set((answer.MetricAlarms ?? []).map(({ AlarmName }) => AlarmName));
    return batch.filter((id) => names.has(alarmName(id)));
  });
  return new Set(found.flat());
}

const GONE = new Set(["shutting-down", "terminated"]);

export const isGone = ({ State }: Instance): boolean => GONE.has(State?.Name ?? "");

/** Ours of this cluster's steps, and whatever has joined it. */
export function machinesOf(
  steps: readonly StepSeen[],
  ours: readonly Instance[],
  members: readonly ContainerInstance[],
  guarded: ReadonlySet<string> | undefined,
): Machine[] {
  const stepOf = new Map(
    steps.map(({ key, description }) => [keyOf("launch-template", description.instances.launchTemplate), key] as const),
  );
  const joinedById = new Map(members.map((member) => [member.ec2InstanceId ?? "", member]));
  const known = ours.flatMap((instance): Machine[] => {
    const id = instance.InstanceId ?? "";
    const tags = Object.fromEntries((instance.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
    const step = stepOf.get(tags[TAG.resource] as `${string}/${string}`);
    const member = joinedById.get(id);
    // Another cluster's scaler looks after what is neither.
    if (step === undefined && !member) return [];
    return [machineOf(instance, id, step, member, tags, guarded?.has(id))];
  });
  const ids = new Set(ours.map(({ InstanceId }) => InstanceId));
  return [...known, ...members.filter(({ ec2InstanceId }) => !ids.has(ec2InstanceId)).map(stranger)];
}

function machineOf(
  instance: Instance,
  id: string,
  step: string | undefined,
  member: ContainerInstance | undefined,
  tags: Readonly<Record<string, string>>,
  guarded: boolean | undefined,
): Machine {
  const { StateReason } = instance;
  const gone = isGone(instance);
  return {
    id,
    ours: true,
    step,
    type: instance.InstanceType ?? "",
    spot: instance.InstanceLifecycle === "spot",
    subnetId: instance.SubnetId,
    launchedMs: instance.LaunchTime?.getTime() ?? 0,
    ended: gone ? { code: StateReason?.Code ?? "", reason: StateReason?.Message ?? "" } : undefined,
    joined: gone || !member ? undefined : joinedOf(member),
    ghostArn: instance.State?.Name === "terminated" ? member?.containerInstanceArn : undefined,
    guarded,
    tags,
  };
}

/** Joined by somebody else's doing: tasks may run there, and nothing else is done to it. */
function stranger(member: ContainerInstance): Machine {
  const type = member.attributes?.find(({ name }) => name === "ecs.instance-type")?.value;
  return {
    id: member.ec2InstanceId ?? member.containerInstanceArn ?? "",
    ours: false,
    step: undefined,
    type: type ?? "",
    spot: false,
    subnetId: undefined,
    launchedMs: member.registeredAt?.getTime() ?? 0,
    ended: undefined,
    joined: joinedOf(member),
    ghostArn: undefined,
    guarded: false,
    tags: {},
  };
}

function joinedOf(member: ContainerInstance): Joined {
  const free = member.remainingResources ?? [];
  return {
    arn: member.containerInstanceArn ?? "",
    ready: member.status === "ACTIVE" && member.agentConnected === true,
    draining: member.status === "DRAINING",
    connected: member.agentConnected === true,
    registeredMs: member.registeredAt?.getTime() ?? 0,
    tasks: (member.runningTasksCount ?? 0) + (member.pendingTasksCount ?? 0),
    total: roomIn(member.registeredResources ?? []),
    free: roomIn(free),
    takenPorts: [...portsIn(free, "PORTS", "tcp"), ...portsIn(free, "PORTS_UDP", "udp")],
  };
}

const named = (resources: readonly Resource[], name: string) => resources.find((resource) => resource.name === name);

const roomIn = (resources: readonly Resource[]): Room => ({
  memoryMiB: named(resources, "MEMORY")?.integerValue ?? 0,
  cpuUnits: named(resources, "CPU")?.integerValue ?? 0,
  // By their ids.
  gpus: named(resources, "GPU")?.stringSetValue?.length ?? 0,
});

/** Among the remaining resources ECS lists the ports that are taken, not those that are left. */
const portsIn = (resources: readonly Resource[], name: string, protocol: string): string[] =>
  (named(resources, name)?.stringSetValue ?? []).map((port) => `${port}/${protocol}`);
