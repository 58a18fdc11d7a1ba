import { AwsError, type Call, type RoleSession, type World, type WorldEvent } from "../service.ts";
import { type InstanceRecord, stateOf } from "../services/ec2/instance-record.ts";
import type { Ec2 } from "../services/ec2.ts";
import { clusterName, ecsArn } from "../services/ecs/lookup.ts";
import type { Ecs } from "../services/ecs.ts";
import type { Iam } from "../services/iam.ts";
import type { Place } from "../services/regions.ts";
import { isAllowed } from "./authorize.ts";

export interface InstanceDeps {
  readonly world: World;
  /** From `running` to the start of the ECS agent. */
  readonly bootMs: number;
}

/** The agent tries again where the cluster is not there or the role does not let it in. */
const REGISTER_AGAIN_MS = 60_000;
/** How long before its end a Spot instance is warned. */
const SPOT_WARNING_MS = 120_000;

/** Machines that have booted join the cluster of their user data; those that end leave it, with their tasks. */
export function bootInstances({ world, bootMs }: InstanceDeps): (event: WorldEvent) => void {
  return ({ source, type, account, region, detail }) => {
    if (source !== "ec2" || type !== "EC2 Instance State-change Notification") return;
    const place = { account, region };
    const id = detail["instance-id"] as string;
    if (detail.state === "running") world.after(bootMs, () => startAgent(world, place, id));
    if (detail.state === "shutting-down") world.service<Ecs>("ecs").instanceEnded(place, id);
  };
}

/** After a restart of the world: whoever runs and is in no cluster boots, or tries, again. */
export function resumeInstances({ world, bootMs }: InstanceDeps): void {
  const ec2 = world.service<Ec2>("ec2");
  for (const place of ec2.places()) {
    for (const instance of ec2.instances(place)) {
      if (stateOf(instance, world.now()) !== "running" || membersOf(world, place, instance).length > 0) continue;
      world.after(bootMs, () => startAgent(world, place, instance.id));
    }
  }
}

function startAgent(world: World, place: Place, id: string): void {
  const ec2 = world.service<Ec2>("ec2");
  const instance = ec2.instance(place, id);
  if (instance === undefined || stateOf(instance, world.now()) !== "running") return;
  if (world.mishaps.strikes("never-registers", instanceFacts(ec2, place, instance))) return;
  if (!register(world, place, instance)) world.after(REGISTER_AGAIN_MS, () => startAgent(world, place, id));
}

/** In the name of the instance's role: without a profile, or without the permission, it stays outside. */
function register(world: World, place: Place, instance: InstanceRecord): boolean {
  const profile = instance.profile && world.service<Iam>("iam").instanceProfile(place.account, instance.profile.Arn);
  if (profile?.roleArn === undefined) return false;
  const role: RoleSession = { roleArn: profile.roleArn, name: instance.id };
  const cluster = agentSettings(instance).ECS_CLUSTER ?? "default";
  const resource = ecsArn(place, `cluster/${clusterName(cluster)}`);
  if (!isAllowed(world, role, { action: "ecs:RegisterContainerInstance", resource }, place)) return false;
  try {
    world.service<Ecs>("ecs").operations.RegisterContainerInstance!(
      { cluster, instanceIdentityDocument: JSON.stringify({ instanceId: instance.id, region: place.region }) },
      agentCall(place, role),
    );
    return true;
  } catch {
    // The cluster is not there.
    return false;
  }
}

/** Warns a Spot instance and ends it two minutes later. Its agent drains it, where its settings say so. */
export function interruptSpot(world: World, place: Place, id: string): void {
  const ec2 = world.service<Ec2>("ec2");
  const instance = ec2.instance(place, id);
  if (instance?.spotRequestId === undefined) throw new TypeError(`${id} is no Spot instance`);
  world.emit({
    source: "ec2",
    type: "EC2 Spot Instance Interruption Warning",
    ...place,
    detail: { "instance-id": id, "instance-action": "terminate" },
  });
  if (agentSettings(instance).ECS_ENABLE_SPOT_INSTANCE_DRAINING === "true") drain(world, place, instance);
  world.after(SPOT_WARNING_MS, () =>
    ec2.end(place, id, {
      code: "Server.SpotInstanceTermination",
      message: "Server.SpotInstanceTermination: Spot instance termination",
    }),
  );
}

function drain(world: World, place: Place, instance: InstanceRecord): void {
  const containerInstances = membersOf(world, place, instance);
  if (containerInstances.length === 0) return;
  askEcs(world, place, instance, "UpdateContainerInstancesState", { containerInstances, status: "DRAINING" });
}

/** The container instance of its cluster that a machine is; none where it has not joined, or the cluster is not there. */
function membersOf(world: World, place: Place, instance: InstanceRecord): string[] {
  try {
    const filter = `ec2InstanceId == ${instance.id}`;
    const found = askEcs(world, place, instance, "ListContainerInstances", { filter });
    return (found as { containerInstanceArns: string[] }).containerInstanceArns;
  } catch (error) {
    if (error instanceof AwsError) return [];
    throw error;
  }
}

function askEcs(world: World, place: Place, instance: InstanceRecord, operation: string, input: object): unknown {
  const cluster = agentSettings(instance).ECS_CLUSTER ?? "default";
  return world.service<Ecs>("ecs").operations[operation]!({ cluster, ...input }, agentCall(place, undefined));
}

/** What narrows down a mishap to some instances. */
function instanceFacts(ec2: Ec2, place: Place, instance: InstanceRecord): Record<string, string> {
  return {
    instanceType: instance.type,
    subnet: instance.subnetId,
    zone: ec2.zoneOf(place, instance),
    market: instance.spotRequestId === undefined ? "on-demand" : "spot",
  };
}

/** The agent's settings that the user data writes, whatever shell words stand around them. */
function agentSettings({ userData }: InstanceRecord): Record<string, string> {
  const text = Buffer.from(userData ?? "", "base64").toString("utf8");
  return Object.fromEntries(
    [...text.matchAll(/\b(ECS_[A-Z_]+)=("?)([^\s"']*)\2/g)].map(([, name, , value]) => [name!, value!]),
  );
}

function agentCall(place: Place, role: RoleSession | undefined): Call {
  return { ...place, accessKeyId: undefined, requestId: "", ...(role && { role }) };
}
