import type {
  Attribute,
  Compatibility,
  ContainerDefinition,
  NetworkMode,
  PortMapping,
  RegisterTaskDefinitionRequest,
  TaskDefinition,
} from "@aws-sdk/client-ecs";
import { clientException } from "./errors.ts";

/** A registered definition as ECS answers it, with all that it fills in by itself. */
export function withDefaults(
  input: RegisterTaskDefinitionRequest,
): Omit<TaskDefinition, "taskDefinitionArn" | "revision" | "status"> {
  const { tags: _, ...given } = structuredClone(input);
  return {
    ...given,
    cpu: cpuUnits(input.cpu),
    memory: mebibytes(input.memory),
    containerDefinitions: given.containerDefinitions!.map((container) =>
      containerDefaults(container, input.networkMode),
    ),
    volumes: given.volumes ?? [],
    placementConstraints: given.placementConstraints ?? [],
    compatibilities: compatibilities(input),
    requiresAttributes: requiredAttributes(input),
  };
}

function containerDefaults(container: ContainerDefinition, networkMode: NetworkMode | undefined): ContainerDefinition {
  return {
    ...container,
    cpu: container.cpu ?? 0,
    essential: container.essential ?? true,
    portMappings: (container.portMappings ?? []).map((mapping) => portDefaults(mapping, networkMode)),
    environment: container.environment ?? [],
    mountPoints: container.mountPoints ?? [],
    volumesFrom: container.volumesFrom ?? [],
    systemControls: container.systemControls ?? [],
  };
}

/** A host port of 0 means any; where a container has an address of its own it has its own ports too. */
function portDefaults(mapping: PortMapping, networkMode: NetworkMode | undefined): PortMapping {
  const ownPorts = networkMode === "awsvpc" || networkMode === "host";
  return {
    ...mapping,
    hostPort: mapping.hostPort ?? (ownPorts ? mapping.containerPort : 0),
    protocol: mapping.protocol ?? "tcp",
  };
}

/** `1 vCPU` is kept as `1024`. */
function cpuUnits(cpu: string | undefined): string | undefined {
  if (cpu === undefined || cpu === "") return undefined;
  const match = /^(\d*\.?\d+)\s*(vcpu)?$/i.exec(cpu);
  if (match === null) throw clientException(`Invalid 'cpu' setting for task: ${cpu}`);
  return String(Math.round(Number(match[1]) * (match[2] === undefined ? 1 : 1024)));
}

/** `2 GB` is kept as `2048`. */
function mebibytes(memory: string | undefined): string | undefined {
  if (memory === undefined || memory === "") return undefined;
  const match = /^(\d*\.?\d+)\s*(gb)?$/i.exec(memory);
  if (match === null) throw clientException(`Invalid 'memory' setting for task: ${memory}`);
  return String(Math.round(Number(match[1]) * (match[2] === undefined ? 1 : 1024)));
}

function compatibilities(input: RegisterTaskDefinitionRequest): Compatibility[] {
  const onFargate = input.networkMode === "awsvpc" && input.cpu !== undefined && input.memory !== undefined;
  const outside = input.networkMode !== "awsvpc";
  return [...(outside ? (["EXTERNAL"] as const) : []), "EC2", ...(onFargate ? (["FARGATE"] as const) : [])];
}

/** What an instance's agent must be able to do for this definition. */
function requiredAttributes(input: RegisterTaskDefinitionRequest): Attribute[] {
  const containers = input.containerDefinitions ?? [];
  const has = (test: (container: ContainerDefinition) => unknown) =>
    containers.some((container) => Boolean(test(container)));
  const awslogs = has(({ logConfiguration }) => logConfiguration?.logDriver === "awslogs");
  const api = "com.amazonaws.ecs.capability.docker-remote-api";
  const wanted: Readonly<Record<string, boolean>> = {
    [`${api}.1.18`]: true,
    [`${api}.1.19`]: awslogs,
    [`${api}.1.21`]: has(({ memoryReservation }) => memoryReservation),
    "com.amazonaws.ecs.capability.logging-driver.awslogs": awslogs,
    "com.amazonaws.ecs.capability.privileged-container": has(({ privileged }) => privileged),
    "com.amazonaws.ecs.capability.task-iam-role": input.taskRoleArn !== undefined,
    "ecs.capability.container-ordering": has(({ dependsOn }) => dependsOn?.length),
    "ecs.capability.execution-role-awslogs": awslogs && input.executionRoleArn !== undefined,
    "ecs.capability.secrets.ssm.environment-variables": has(({ secrets }) => secrets?.some(isParameter)),
    "ecs.capability.secrets.asm.environment-variables": has(({ secrets }) => secrets?.some((one) => !isParameter(one))),
    "ecs.capability.task-eni": input.networkMode === "awsvpc",
  };
  return Object.keys(wanted)
    .filter((name) => wanted[name])
    .map((name) => ({ name }));
}

function isParameter({ valueFrom }: { valueFrom: string | undefined }): boolean {
  return !(valueFrom ?? "").startsWith("arn:aws:secretsmanager:");
}
