import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ContainerDefinition, TaskDefinition } from "@aws-sdk/client-ecs";
import { TAG } from "../../src/core/owner.ts";
import { specHash } from "../../src/core/spec-hash.ts";
import { type TaskDefinitionActual, type TaskDefinitionSpec, taskDefinition } from "../../src/kinds/task-definition.ts";
import { contentOf, registration, standingContent } from "../../src/kinds/task-definition-content.ts";
import { eachDifferenceIsOneChange, offline, paths, tagsOf } from "./diff-table.ts";

const kind = taskDefinition(offline);
const unpack: TaskDefinitionSpec["containers"][number] = {
  name: "unpack",
  image: "public.ecr.aws/aws-cli/aws-cli:2",
  essential: false,
  entryPoint: ["sh", "-c"],
  command: ["true"],
  cpu: 0,
  memory: 128,
  memoryReservation: 64,
  gpus: 0,
  environment: {},
  portMappings: [],
  mountPoints: [{ sourceVolume: "worker", containerPath: "/pw", readOnly: false }],
  dependsOn: [],
  privileged: false,
  initProcess: true,
  stopTimeout: 110,
  logs: { group: "/pipewright/pw-plants-grey", region: "us-east-1", streamPrefix: "unpack" },
  repositoryCredentials: null,
};
const spec: TaskDefinitionSpec = {
  taskRoleArn: "arn:aws:iam::123456789012:role/pw-task",
  executionRoleArn: "arn:aws:iam::123456789012:role/pipewright-execution",
  networkMode: "bridge",
  architecture: "X86_64",
  containers: [
    unpack,
    {
      ...unpack,
      name: "algorithm",
      image: "plants:1",
      essential: true,
      cpu: 1_024,
      gpus: 1,
      environment: { QUEUE_URL: "https://q", STEP: "grey" },
      portMappings: [
        { containerPort: 80, hostPort: 8_080, protocol: "tcp" },
        { containerPort: 53, hostPort: 0, protocol: "udp" },
      ],
      mountPoints: [
        { sourceVolume: "worker", containerPath: "/pw", readOnly: true },
        { sourceVolume: "scratch", containerPath: "/tmp", readOnly: false },
      ],
      dependsOn: [{ containerName: "unpack", condition: "SUCCESS" }],
      repositoryCredentials: "arn:aws:secretsmanager:us-east-1:123456789012:secret:registry",
    },
  ],
  volumes: { worker: "/var/lib/pipewright/1", scratch: "/var/scratch" },
  tags: tagsOf("task-definition/pw-plants-grey"),
};

/** What ECS answers after registration: lists turned round, defaults added or left out. */
function answered(): TaskDefinition {
  const {
    containerDefinitions = [],
    volumes = [],
    ...rest
  } = structuredClone(registration("pw-plants-grey", contentOf(spec)));
  return {
    ...rest,
    revision: 7,
    status: "ACTIVE",
    requiresAttributes: [{ name: "com.amazonaws.ecs.capability.docker-remote-api.1.19" }],
    volumes: [...volumes].reverse(),
    containerDefinitions: containerDefinitions.reverse().map((container) => ({
      ...container,
      ...(container.essential ? { essential: undefined } : {}),
      environment: container.environment?.toReversed(),
      portMappings: container.portMappings?.toReversed().map(({ protocol, hostPort, ...port }) => ({
        ...port,
        ...(protocol === "tcp" ? {} : { protocol }),
        ...(hostPort === 0 ? {} : { hostPort }),
      })),
      mountPoints: container.mountPoints
        ?.toReversed()
        .map(({ readOnly, ...mount }) => (readOnly ? { ...mount, readOnly } : mount)),
      ...(container.cpu === 0 ? { cpu: undefined } : {}),
      volumesFrom: [],
      systemControls: [],
    })),
  };
}

const tags = { ...spec.tags, [TAG.spec]: specHash(contentOf(spec)) };
const standing: TaskDefinitionActual = {
  arn: "arn:aws:ecs:us-east-1:123456789012:task-definition/pw-plants-grey:7",
  content: standingContent(answered()),
  tags,
};
const definition = (change: (found: TaskDefinition) => TaskDefinition) => (actual: TaskDefinitionActual) => ({
  ...actual,
  content: standingContent(change(answered())),
});
const algorithm = (changed: ContainerDefinition) =>
  definition((found) => ({
    ...found,
    containerDefinitions: found.containerDefinitions?.map((one) =>
      one.name === "algorithm" ? { ...one, ...changed } : one,
    ),
  }));

describe("task definitions, compared", () => {
  eachDifferenceIsOneChange(kind, spec, standing, {
    taskRoleArn: definition((found) => ({ ...found, taskRoleArn: "other" })),
    executionRoleArn: definition((found) => ({ ...found, executionRoleArn: "other" })),
    networkMode: definition((found) => ({ ...found, networkMode: "host" })),
    architecture: definition((found) => ({ ...found, runtimePlatform: { cpuArchitecture: "ARM64" } })),
    "volumes.worker": definition((found) => ({
      ...found,
      volumes: [
        { name: "worker", host: { sourcePath: "/etc" } },
        { name: "scratch", host: { sourcePath: "/var/scratch" } },
      ],
    })),
    "containers.unpack": definition((found) => ({
      ...found,
      containerDefinitions: found.containerDefinitions?.filter((one) => one.name === "algorithm"),
    })),
    "containers.algorithm.image": algorithm({ image: "plants:2" }),
    "containers.algorithm.essential": algorithm({ essential: false }),
    "containers.algorithm.entryPoint": algorithm({ entryPoint: ["-c", "sh"] }),
    "containers.algorithm.command": algorithm({ command: undefined }),
    "containers.algorithm.cpu": algorithm({ cpu: 1 }),
    "containers.algorithm.memory": algorithm({ memory: 129 }),
    "containers.algorithm.memoryReservation": algorithm({ memoryReservation: undefined }),
    "containers.algorithm.gpus": algorithm({ resourceRequirements: undefined }),
    "containers.algorithm.environment.STEP": algorithm({
      environment: [
        { name: "QUEUE_URL", value: "https://q" },
        { name: "STEP", value: "other" },
      ],
    }),
    "containers.algorithm.portMappings": algorithm({ portMappings: [] }),
    "containers.algorithm.mountPoints": algorithm({ mountPoints: [] }),
    "containers.algorithm.dependsOn": algorithm({ dependsOn: [{ containerName: "unpack", condition: "START" }] }),
    "containers.algorithm.privileged": algorithm({ privileged: true }),
    "containers.algorithm.initProcess": algorithm({ linuxParameters: undefined }),
    "containers.algorithm.stopTimeout": algorithm({ stopTimeout: 30 }),
    "containers.algorithm.repositoryCredentials": algorithm({ repositoryCredentials: undefined }),
    "revision (registered by someone else)": (actual) => ({ ...actual, tags: {} }),
    "tags.team": (actual) => ({ ...actual, tags: { ...actual.tags, team: "red" } }),
    "tags.pipewright:spec": (actual) => ({ ...actual, tags: { ...actual.tags, [TAG.spec]: "0000" } }),
  });

  it("names each field that differs by its innermost path, so that one of them can be ignored", () => {
    const found = algorithm({ cpu: 1, memory: 129, logConfiguration: undefined })(standing);
    assert.deepEqual(paths(kind, spec, found), [
      "containers.algorithm.cpu",
      "containers.algorithm.memory",
      "containers.algorithm.logs.group",
      "containers.algorithm.logs.region",
      "containers.algorithm.logs.streamPrefix",
    ]);
  });

  it("names what a changed spec changes, not the hash beside it", () => {
    assert.deepEqual(paths(kind, { ...spec, architecture: "ARM64" }, standing), ["architecture"]);
  });
});
