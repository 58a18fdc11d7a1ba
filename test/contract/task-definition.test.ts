import { after } from "node:test";
import {
  type ContainerDefinition,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ListTagsForResourceCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecs";
import { lowerTagList, tagsOf } from "../../src/aws/tags.ts";
import { type TaskDefinitionSpec, taskDefinition } from "../../src/kinds/task-definition.ts";
import { startBackend } from "../support/backend.ts";
import { inReverse, makeRole, roleArn } from "../support/hangers-on.ts";
import type { Stage, Tamper } from "./case.ts";
import { contract } from "./contract.ts";
import { type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const revisionsOf = async ({ sdk, name }: Stage) =>
  (await sdk.ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: name, status: "ACTIVE" }))).taskDefinitionArns ??
  [];
const revisionOf = (arn: string) => Number(arn.split(":").at(-1));
const newest = async (stage: Stage) =>
  (await revisionsOf(stage)).reduce((one, other) => (revisionOf(one) > revisionOf(other) ? one : other));

const taskRole = ({ unique }: Stage) => `pw-contract-task-${unique}`;
const executionRole = ({ unique }: Stage) => `pw-contract-execution-${unique}`;
const strangerRole = ({ unique }: Stage) => `pw-contract-stranger-${unique}`;

type Registration = Partial<RegisterTaskDefinitionCommandInput>;

/** A revision like the newest, with its tags, but for some fields. */
async function change({ sdk, name }: Stage, of: (standing: Registration) => Registration) {
  const { taskDefinition, tags } = await sdk.ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: name, include: ["TAGS"] }),
  );
  const { taskRoleArn, executionRoleArn, networkMode, containerDefinitions, volumes, runtimePlatform } =
    taskDefinition!;
  const standing = {
    family: name,
    taskRoleArn,
    executionRoleArn,
    networkMode,
    containerDefinitions,
    volumes,
    runtimePlatform,
    requiresCompatibilities: ["EC2" as const],
    ...(tags?.length ? { tags } : {}),
  };
  await sdk.ecs.send(new RegisterTaskDefinitionCommand({ ...standing, ...of(standing) }));
}

const changed = (field: string, of: (standing: Registration) => Registration, paths?: string[]): Tamper => ({
  field,
  change: (stage) => change(stage, of),
  ...(paths ? { paths } : {}),
});

/** The second of the two containers, changed. */
const container = (field: string, fields: ContainerDefinition, path = field): Tamper => ({
  field: `containers[].${field}`,
  change: (stage) =>
    change(stage, ({ containerDefinitions = [] }) => ({
      containerDefinitions: containerDefinitions.map((one) => (one.name === "algorithm" ? { ...one, ...fields } : one)),
    })),
  paths: [`containers.algorithm.${path}`],
});

const logs = (group: string, region: string, prefix: string): ContainerDefinition => ({
  logConfiguration: {
    logDriver: "awslogs",
    options: { "awslogs-group": group, "awslogs-region": region, "awslogs-stream-prefix": prefix },
  },
});

const tagCalls: TagCalls = {
  set: async (stage, tags) =>
    stage.sdk.ecs.send(new TagResourceCommand({ resourceArn: await newest(stage), tags: lowerTagList(tags) })),
  remove: async (stage, tagKeys) =>
    stage.sdk.ecs.send(new UntagResourceCommand({ resourceArn: await newest(stage), tagKeys })),
  get: async (stage) =>
    tagsOf((await stage.sdk.ecs.send(new ListTagsForResourceCommand({ resourceArn: await newest(stage) }))).tags),
};

const SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:registry-AbCdEf";
const OTHER_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:other-AbCdEf";

/** So many that old revisions must go as well. */
const someImages = ["2", "3", "4", "5", "6", "7"].map((tag) => container("image", { image: `example/grey:${tag}` }));

contract<TaskDefinitionSpec>(backend, {
  kind: "task-definition",
  make: taskDefinition,
  spec: (stage): TaskDefinitionSpec => ({
    taskRoleArn: roleArn(stage, taskRole(stage)),
    executionRoleArn: roleArn(stage, executionRole(stage)),
    networkMode: "bridge",
    architecture: "X86_64",
    containers: [
      {
        name: "worker",
        image: "public.ecr.aws/aws-cli/aws-cli:2.27.0",
        essential: false,
        entryPoint: ["sh", "-c"],
        command: ["true"],
        cpu: 0,
        memory: 512,
        memoryReservation: 6,
        gpus: 0,
        environment: { AWS_REGION: "us-east-1" },
        portMappings: [],
        mountPoints: [{ sourceVolume: "host", containerPath: "/host", readOnly: false }],
        dependsOn: [],
        privileged: false,
        initProcess: false,
        stopTimeout: 30,
        logs: { group: "/pw/contract", region: "us-east-1", streamPrefix: "worker" },
        repositoryCredentials: null,
      },
      {
        name: "algorithm",
        image: "example/grey:1",
        essential: true,
        entryPoint: ["/pw/node"],
        command: ["--verbose"],
        cpu: 1_024,
        memory: 2_048,
        memoryReservation: 1_024,
        gpus: 1,
        environment: { QUEUE_URL: "http://queue", OUTPUT: "out" },
        portMappings: [{ containerPort: 8_080, hostPort: 8_080, protocol: "tcp" }],
        mountPoints: [{ sourceVolume: "host", containerPath: "/pw", readOnly: true }],
        dependsOn: [{ containerName: "worker", condition: "SUCCESS" }],
        privileged: false,
        initProcess: true,
        stopTimeout: 110,
        logs: { group: "/pw/contract", region: "us-east-1", streamPrefix: "algorithm" },
        repositoryCredentials: SECRET,
      },
    ],
    volumes: { host: "/var/lib/pipewright" },
    tags: stage.tags,
  }),
  prepare: async (stage) =>
    inReverse(
      await makeRole(stage, taskRole(stage), "ecs-tasks.amazonaws.com"),
      await makeRole(stage, executionRole(stage), "ecs-tasks.amazonaws.com"),
      await makeRole(stage, strangerRole(stage), "ecs-tasks.amazonaws.com"),
    ),
  tampers: [
    {
      field: "taskRoleArn",
      change: (stage) => change(stage, () => ({ taskRoleArn: roleArn(stage, strangerRole(stage)) })),
    },
    {
      field: "executionRoleArn",
      change: (stage) => change(stage, () => ({ executionRoleArn: roleArn(stage, strangerRole(stage)) })),
    },
    {
      ...changed("networkMode", ({ containerDefinitions }) => ({ networkMode: "host", containerDefinitions })),
      alone: true,
    },
    changed("architecture", () => ({
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    })),
    {
      ...changed(
        "containers[].name",
        ({ containerDefinitions = [] }) => ({
          containerDefinitions: containerDefinitions.map((one) =>
            one.name === "algorithm" ? { ...one, name: "other" } : one,
          ),
        }),
        ["containers.algorithm", "containers.other"],
      ),
      alone: true,
    },
    container("image", { image: "example/grey:2" }),
    container("entryPoint", { entryPoint: ["/bin/sh"] }),
    container("command", { command: [] }),
    container("cpu", { cpu: 2_048 }),
    container("memory", { memory: 4_096 }),
    container("memoryReservation", { memoryReservation: 512 }),
    container("gpus", { resourceRequirements: [] }),
    container(
      "environment",
      {
        environment: [
          { name: "QUEUE_URL", value: "http://other" },
          { name: "OUTPUT", value: "out" },
        ],
      },
      "environment.QUEUE_URL",
    ),
    container("portMappings[].containerPort", { portMappings: [mapping(8_081, 8_080, "tcp")] }, "portMappings"),
    container("portMappings[].hostPort", { portMappings: [mapping(8_080, 0, "tcp")] }, "portMappings"),
    container("portMappings[].protocol", { portMappings: [mapping(8_080, 8_080, "udp")] }, "portMappings"),
    container("mountPoints[].containerPath", { mountPoints: [mount("/elsewhere", true)] }, "mountPoints"),
    container("mountPoints[].readOnly", { mountPoints: [mount("/pw", false)] }, "mountPoints"),
    container("dependsOn[].containerName", { dependsOn: [] }, "dependsOn"),
    container(
      "dependsOn[].condition",
      { dependsOn: [{ containerName: "worker", condition: "COMPLETE" }] },
      "dependsOn",
    ),
    container("privileged", { privileged: true }),
    container("initProcess", { linuxParameters: { initProcessEnabled: false } }),
    container("stopTimeout", { stopTimeout: 2 }),
    container("logs.group", logs("/theirs", "us-east-1", "algorithm")),
    container("logs.region", logs("/pw/contract", "eu-west-1", "algorithm")),
    container("logs.streamPrefix", logs("/pw/contract", "us-east-1", "other")),
    container("repositoryCredentials", { repositoryCredentials: { credentialsParameter: OTHER_SECRET } }),
    {
      field: "containers[].essential",
      change: (stage) =>
        change(stage, ({ containerDefinitions = [] }) => ({
          // What is essential never ends, so nothing can wait for its success.
          containerDefinitions: containerDefinitions.map((one) => ({
            ...one,
            essential: true,
            dependsOn: one.dependsOn?.map(({ containerName }) => ({ containerName, condition: "START" as const })),
          })),
        })),
      paths: ["containers.algorithm.dependsOn", "containers.worker.essential"],
    },
    changed("volumes", () => ({ volumes: [{ name: "host", host: { sourcePath: "/" } }] }), ["volumes.host"]),
    {
      field: "containers[].mountPoints[].sourceVolume",
      what: "another volume in place of ours",
      change: (stage) =>
        change(stage, ({ containerDefinitions = [] }) => ({
          volumes: [{ name: "theirs", host: { sourcePath: "/var/lib/pipewright" } }],
          containerDefinitions: containerDefinitions.map((one) => ({
            ...one,
            mountPoints: one.mountPoints?.map((mount) => ({ ...mount, sourceVolume: "theirs" })),
          })),
        })),
      paths: ["containers.algorithm.mountPoints", "containers.worker.mountPoints", "volumes.host", "volumes.theirs"],
    },
    { ...changed("tags", () => ({ tags: [] }), ["revision"]), alone: true },
    ...tagTampers(tagCalls),
  ],
  damage: someImages,
  async remove(stage) {
    for (const revision of await revisionsOf(stage)) {
      await stage.sdk.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: revision }));
    }
  },
  foreign: ({ sdk, name }) =>
    sdk.ecs.send(
      new RegisterTaskDefinitionCommand({
        family: name,
        containerDefinitions: [{ name: "theirs", image: "theirs", memory: 128 }],
        tags: lowerTagList({ colour: "green" }),
      }),
    ),
  dispensable: { DeleteTaskDefinitions: "what is deregistered is gone for everyone" },
  createOverwrites: "RegisterTaskDefinition adds a revision to whatever family there is",
});

function mapping(containerPort: number, hostPort: number, protocol: "tcp" | "udp") {
  return { containerPort, hostPort, protocol };
}

function mount(containerPath: string, readOnly: boolean) {
  return { sourceVolume: "host", containerPath, readOnly };
}
