/** A task definition's content, from the words of the spec into those of ECS and back. */
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, TaskDefinition } from "@aws-sdk/client-ecs";
import { canonical, field } from "../core/compare.ts";
import type { Change } from "../core/resource.ts";
import type { TaskDefinitionSpec } from "./task-definition.ts";

/** All that a revision holds for ever; tags can change. */
export type TaskDefinitionContent = Omit<TaskDefinitionSpec, "tags">;
type Container = TaskDefinitionSpec["containers"][number];

/** As ECS holds it, in the words of the spec: what is unordered is sorted, containers go by their names. */
export type StandingContent = { readonly [K in keyof TaskDefinitionContent]: unknown };
type StandingContainer = { readonly [K in keyof Omit<Container, "name">]: unknown };

export const contentOf = ({ tags: _, ...content }: TaskDefinitionSpec): TaskDefinitionContent => content;

export function registration(family: string, content: TaskDefinitionContent): RegisterTaskDefinitionCommandInput {
  return {
    family,
    taskRoleArn: content.taskRoleArn,
    executionRoleArn: content.executionRoleArn,
    networkMode: content.networkMode,
    requiresCompatibilities: ["EC2"],
    runtimePlatform: { cpuArchitecture: content.architecture, operatingSystemFamily: "LINUX" },
    containerDefinitions: content.containers.map(registeredContainer),
    volumes: Object.entries(content.volumes).map(([name, sourcePath]) => ({ name, host: { sourcePath } })),
  };
}

/** What a revision says. Empty lists, protocol, host port and `essential` may be left out by ECS: then they have its defaults. */
export function standingContent(definition: TaskDefinition): StandingContent {
  return {
    taskRoleArn: definition.taskRoleArn,
    executionRoleArn: definition.executionRoleArn,
    networkMode: definition.networkMode,
    architecture: definition.runtimePlatform?.cpuArchitecture ?? "X86_64",
    containers: byName(definition.containerDefinitions ?? [], standingContainer),
    volumes: Object.fromEntries((definition.volumes ?? []).map(({ name, host }) => [name ?? "", host?.sourcePath])),
  };
}

/** The fields that differ, each by its innermost path (`containers.worker.memory`). */
export function contentChanges(want: TaskDefinitionContent, have: StandingContent): Change[] {
  const wanted = wantedContent(want);
  return (Object.keys(wanted) as (keyof StandingContent)[]).flatMap((name) =>
    field(name, wanted[name], have[name]).flatMap(innermost),
  );
}

/** What stands, with the changed fields as wanted. */
export function changedContent(standing: StandingContent, changes: readonly Change[]): TaskDefinitionContent {
  const content = structuredClone(standing) as Entries;
  for (const { path, want } of changes) {
    const names = path.split(".");
    if (!Object.hasOwn(content, names[0] ?? "")) continue;
    const last = names.pop() ?? "";
    const inside = names.reduce<Entries>((entries, name) => entries[name] as Entries, content);
    // Only of what may be left out nothing is wanted.
    if (want === null) delete inside[last];
    else inside[last] = want;
  }
  const { containers, ...others } = content as Entries & { containers: Record<string, Omit<Container, "name">> };
  const named = Object.entries(containers).map(([name, container]) => ({ ...container, name }));
  return { ...(others as unknown as Omit<TaskDefinitionContent, "containers">), containers: named };
}

type Entries = Record<string, unknown>;

const wantedContent = (content: TaskDefinitionContent): StandingContent => ({
  ...content,
  containers: byName(content.containers, ({ name: _, ...container }) => ({
    ...container,
    portMappings: sorted(container.portMappings),
    mountPoints: sorted(container.mountPoints),
    dependsOn: sorted(container.dependsOn),
  })),
});

function registeredContainer(container: Container): ContainerDefinition {
  const { environment, gpus, initProcess, logs, repositoryCredentials, ...same } = container;
  return {
    ...same,
    environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    ...(gpus > 0 ? { resourceRequirements: [{ type: "GPU", value: String(gpus) }] } : {}),
    linuxParameters: { initProcessEnabled: initProcess },
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": logs.group,
        "awslogs-region": logs.region,
        "awslogs-stream-prefix": logs.streamPrefix,
      },
    },
    ...(repositoryCredentials ? { repositoryCredentials: { credentialsParameter: repositoryCredentials } } : {}),
  };
}

const standingContainer = (container: ContainerDefinition): StandingContainer => ({
  image: container.image,
  essential: container.essential ?? true,
  entryPoint: container.entryPoint ?? [],
  command: container.command ?? [],
  cpu: container.cpu ?? 0,
  memory: container.memory,
  memoryReservation: container.memoryReservation,
  gpus: Number(container.resourceRequirements?.find(({ type }) => type === "GPU")?.value ?? 0),
  environment: Object.fromEntries((container.environment ?? []).map(({ name, value }) => [name ?? "", value])),
  portMappings: sorted(
    (container.portMappings ?? []).map(({ containerPort, hostPort, protocol }) => ({
      containerPort,
      hostPort: hostPort ?? 0,
      protocol: protocol ?? "tcp",
    })),
  ),
  mountPoints: sorted(
    (container.mountPoints ?? []).map(({ sourceVolume, containerPath, readOnly }) => ({
      sourceVolume,
      containerPath,
      readOnly: readOnly ?? false,
    })),
  ),
  dependsOn: sorted((container.dependsOn ?? []).map(({ containerName, condition }) => ({ containerName, condition }))),
  privileged: container.privileged ?? false,
  initProcess: container.linuxParameters?.initProcessEnabled ?? false,
  stopTimeout: container.stopTimeout,
  logs: {
    group: container.logConfiguration?.options?.["awslogs-group"],
    region: container.logConfiguration?.options?.["awslogs-region"],
    streamPrefix: container.logConfiguration?.options?.["awslogs-stream-prefix"],
  },
  repositoryCredentials: container.repositoryCredentials?.credentialsParameter ?? null,
});

const byName = <T extends { name?: string }, R>(list: readonly T[], read: (one: T) => R): Record<string, R> =>
  Object.fromEntries(list.map((one) => [one.name ?? "", read(one)]));

const sorted = <T>(list: readonly T[]): T[] =>
  [...list].sort((one, other) => (canonical(one) < canonical(other) ? -1 : 1));

/** Goes down as long as both sides have entries. */
function innermost(change: Change): Change[] {
  const { path, want, have } = change;
  if (!isRecord(want) || !isRecord(have)) return [change];
  const names = [...new Set([...Object.keys(want), ...Object.keys(have)])];
  return names
    .flatMap((name) => field(`${path}.${name}`, want[name] ?? null, have[name] ?? null))
    .flatMap((inner) => innermost(inner));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
