import type { ContainerDefinition, RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import { clientException } from "./errors.ts";

/** Refuses what ECS refuses to register. */
export function checkTaskDefinition(input: RegisterTaskDefinitionRequest): void {
  const containers = input.containerDefinitions ?? [];
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(input.family ?? "")) {
    throw clientException(
      "Family contains invalid characters. Up to 255 letters (uppercase and lowercase), numbers, hyphens, and underscores are allowed.",
    );
  }
  if (containers.length === 0) throw clientException("Container list cannot be empty.");
  if (containers.length > 10) throw clientException("Too many containers; at most 10 are allowed.");
  for (const container of containers) checkContainer(container, input);
  const names = containers.map(({ name }) => name);
  if (new Set(names).size < names.length) throw clientException("Container names must be unique.");
  if (containers.every(({ essential }) => essential === false)) {
    throw clientException("Invalid 'containerDefinitions' setting: at least one container must be essential.");
  }
  if (hasCycle(containers)) throw clientException("Cyclic dependency found in the container dependencies.");
}

function checkContainer(container: ContainerDefinition, input: RegisterTaskDefinitionRequest): void {
  const { name, memory, memoryReservation } = container;
  if (name === undefined || !/^[A-Za-z0-9_-]{1,255}$/.test(name)) {
    throw clientException(
      "Container.name should not be null or empty, and has letters, numbers, hyphens and underscores.",
    );
  }
  if (container.image === undefined || container.image === "") {
    throw clientException("Container.image should not be null or empty.");
  }
  if (memory === undefined && memoryReservation === undefined && input.memory === undefined) {
    throw clientException(
      `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
  }
  if (memory !== undefined && memory < 6) {
    throw clientException(`Invalid 'memory' setting for container '${name}': the minimum is 6 MiB.`);
  }
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory) {
    throw clientException(
      `Invalid setting for container '${name}'. The memory reservation must be less than or equal to the memory limit.`,
    );
  }
  for (const { sourceVolume } of container.mountPoints ?? []) {
    if (!(input.volumes ?? []).some((volume) => volume.name === sourceVolume)) {
      throw clientException(`Unknown volume '${sourceVolume}'.`);
    }
  }
  if ((container.secrets ?? []).length > 0 && input.executionRoleArn === undefined) {
    throw clientException(
      "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    );
  }
  checkDependencies(container, input.containerDefinitions ?? []);
  checkPorts(container, input.networkMode);
  checkLogs(container);
}

function checkDependencies(container: ContainerDefinition, containers: readonly ContainerDefinition[]): void {
  for (const { containerName, condition } of container.dependsOn ?? []) {
    const other = containers.find(({ name }) => name === containerName);
    if (other === undefined || other === container) {
      throw clientException(`Invalid dependency of container '${container.name}' on container '${containerName}'.`);
    }
    // What has to end before others begin would end the task if it were essential.
    if ((condition === "SUCCESS" || condition === "COMPLETE") && other.essential !== false) {
      throw clientException(
        `Container '${containerName}' is essential and cannot have the dependency condition ${condition}.`,
      );
    }
  }
}

function checkPorts(container: ContainerDefinition, networkMode: string | undefined): void {
  if (networkMode === "none" && (container.portMappings ?? []).length > 0) {
    throw clientException("Links and port mappings are not supported when networkMode=none.");
  }
  if (networkMode !== "awsvpc" && networkMode !== "host") return;
  for (const { containerPort, hostPort } of container.portMappings ?? []) {
    if (hostPort !== undefined && hostPort !== 0 && hostPort !== containerPort) {
      throw clientException(
        `When networkMode=${networkMode}, the host ports and container ports in port mappings must match.`,
      );
    }
  }
}

function checkLogs({ logConfiguration }: ContainerDefinition): void {
  if (logConfiguration?.logDriver !== "awslogs") return;
  const absent = ["awslogs-group", "awslogs-region"].filter((option) => !logConfiguration.options?.[option]);
  if (absent.length > 0) throw clientException(`Log driver awslogs requires options: ${absent.join(", ")}`);
}

function hasCycle(containers: readonly ContainerDefinition[]): boolean {
  const needs = new Map(containers.map(({ name, dependsOn }) => [name, (dependsOn ?? []).map((d) => d.containerName)]));
  // Takes away whatever waits for nothing any more; a cycle is what remains.
  for (let removed = true; removed; ) {
    removed = false;
    for (const [name, others] of needs) {
      if (others.some((other) => needs.has(other))) continue;
      needs.delete(name);
      removed = true;
    }
  }
  return needs.size > 0;
}
