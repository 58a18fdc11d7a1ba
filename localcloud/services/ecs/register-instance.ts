import type { RegisterContainerInstanceRequest, Resource } from "@aws-sdk/client-ecs";
import type { Call, World } from "../../service.ts";
import { instanceType } from "../ec2/instance-types.ts";
import type { Ec2 } from "../ec2.ts";
import { invalidParameter } from "./errors.ts";
import { ecsArn } from "./lookup.ts";
import type { Capacity, ClusterRecord, ContainerInstanceRecord } from "./state.ts";
import { ecsTags } from "./tags.ts";

/**
 * What the agent on an instance does when it starts. The identity document names the EC2 instance; a second registration
 * of the same instance finds the first. Resources that the agent does not tell are those of the instance's type.
 */
export function registered(
  world: World,
  call: Call,
  cluster: ClusterRecord,
  input: RegisterContainerInstanceRequest,
): ContainerInstanceRecord {
  const ec2InstanceId = identityOf(input.instanceIdentityDocument);
  const tags = ecsTags(input.tags);
  const before = [...cluster.instances.values()].find(
    (one) =>
      one.status !== "INACTIVE" && (one.arn === input.containerInstanceArn || one.ec2InstanceId === ec2InstanceId),
  );
  if (before !== undefined) {
    before.agentConnected = true;
    before.version++;
    return before;
  }
  const id = world.id("", 32);
  const arn = ecsArn(call, `container-instance/${cluster.name}/${id}`);
  const ec2 = world.service<Ec2>("ec2");
  const machine = ec2.instance(call, ec2InstanceId);
  const facts = machine === undefined ? undefined : instanceType(machine.type);
  const attributes = new Map<string, string | undefined>([
    ["ecs.os-type", "linux"],
    ...CAPABILITIES.map((name): [string, undefined] => [name, undefined]),
  ]);
  if (machine !== undefined && facts !== undefined) {
    attributes.set("ecs.instance-type", machine.type);
    attributes.set("ecs.ami-id", machine.imageId);
    attributes.set("ecs.availability-zone", ec2.zoneOf(call, machine));
    attributes.set("ecs.subnet-id", machine.subnetId);
    attributes.set("ecs.cpu-architecture", facts.architecture);
  }
  for (const { name, value } of input.attributes ?? []) attributes.set(name ?? "", value);
  const instance: ContainerInstanceRecord = {
    arn,
    clusterName: cluster.name,
    ec2InstanceId,
    tags,
    registered: capacityOf(input.totalResources, {
      cpu: (facts?.vcpus ?? 1) * 1024,
      memory: registeredMemory(facts?.memoryMiB ?? 1024),
      gpus: facts?.gpu?.count ?? 0,
    }),
    attributes,
    registeredAtMs: world.now(),
    versionInfo: input.versionInfo ?? {
      agentVersion: "1.89.0",
      agentHash: "local",
      dockerVersion: "DockerVersion: 25.0.8",
    },
    status: "ACTIVE",
    agentConnected: true,
    deregisteredAtMs: undefined,
    version: 1,
  };
  cluster.instances.set(arn, instance);
  return instance;
}

/** The kernel and the agent keep a part of an instance's memory: about a tenth of it. */
function registeredMemory(nominalMiB: number): number {
  return Math.floor(nominalMiB * 0.93);
}

/** What a current agent on Amazon Linux says that it can do. */
const CAPABILITIES = [
  "com.amazonaws.ecs.capability.docker-remote-api.1.18",
  "com.amazonaws.ecs.capability.docker-remote-api.1.19",
  "com.amazonaws.ecs.capability.docker-remote-api.1.21",
  "com.amazonaws.ecs.capability.logging-driver.awslogs",
  "com.amazonaws.ecs.capability.logging-driver.json-file",
  "com.amazonaws.ecs.capability.privileged-container",
  "com.amazonaws.ecs.capability.task-iam-role",
  "ecs.capability.container-ordering",
  "ecs.capability.execution-role-awslogs",
  "ecs.capability.secrets.ssm.environment-variables",
  "ecs.capability.secrets.asm.environment-variables",
  "ecs.capability.task-eni",
];

function identityOf(document: string | undefined): string {
  let id: unknown;
  try {
    id = (JSON.parse(document ?? "") as { instanceId?: unknown }).instanceId;
  } catch {
    id = undefined;
  }
  if (typeof id !== "string" || id === "") {
    throw invalidParameter("The instance identity document does not name an instance.");
  }
  return id;
}

function capacityOf(resources: readonly Resource[] | undefined, otherwise: Capacity): Capacity {
  const named = (name: string) => resources?.find((resource) => resource.name === name);
  return {
    cpu: named("CPU")?.integerValue ?? otherwise.cpu,
    memory: named("MEMORY")?.integerValue ?? otherwise.memory,
    gpus: named("GPU")?.stringSetValue?.length ?? otherwise.gpus,
  };
}
