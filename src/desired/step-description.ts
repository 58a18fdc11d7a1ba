/**
 * What the scaler, and tools at run time, must know of a step: an object in the control bucket, so that neither needs the
 * workflow's file nor the daemon.
 */
import { z } from "zod";
import { keyOf } from "../core/resource.ts";
import { instanceType, registeredMemoryMiB } from "../workflow/instance-types.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { queueUrl } from "./arns.ts";
import type { Link } from "./chain.ts";
import type { Declare } from "./declare.ts";
import type { Facts } from "./facts.ts";
import { taskSize } from "./task-definition.ts";

const queueSchema = z.strictObject({ name: z.string(), url: z.string() });

export const stepDescriptionSchema = z.strictObject({
  version: z.literal(1),
  owner: z.string(),
  workflow: z.string(),
  step: z.string(),
  /** Counted from 0. */
  index: z.int(),
  algorithm: z.string(),
  image: z.string(),
  cluster: z.string(),
  input: z.strictObject({ bucket: z.string(), prefix: z.string(), suffix: z.string() }),
  /** `key`: template, for `resultKey`. */
  output: z.strictObject({ bucket: z.string(), key: z.string() }),
  queue: queueSchema,
  deadLetters: queueSchema,
  undelivered: queueSchema,
  task: z.strictObject({
    family: z.string(),
    /** What ECS takes into account when it places the task: the sum of the containers' reservations. */
    memoryMiB: z.int(),
    /** 1,024 a vCPU. */
    cpuUnits: z.int(),
    /** Published ones: where there are any, an instance takes one task of the step. */
    ports: z.array(z.strictObject({ port: z.int(), protocol: z.enum(["tcp", "udp"]) })),
    logGroup: z.string(),
    /** How many waiting files call for one more task. */
    filesPerTask: z.int(),
    max: z.int(),
    /** For the tasks themselves. */
    tags: z.record(z.string(), z.string()),
  }),
  instances: z.strictObject({
    launchTemplate: z.string(),
    type: z.string(),
    /** What the type registers for tasks; null where it is not known. */
    memoryMiB: z.int().nullable(),
    cpuUnits: z.int().nullable(),
    max: z.int(),
    idleMinutes: z.int(),
    spot: z.boolean(),
    /** Empty: those of the default VPC. */
    subnets: z.array(z.string()),
  }),
});
export type StepDescription = z.infer<typeof stepDescriptionSchema>;

/** One task serves many files, and starting one takes as long as several small ones: measured in files, not in time, because how long one takes is not known beforehand. */
const FILES_PER_TASK = 4;

export function stepDescription(workflow: Workflow, link: Link, declare: Declare, facts: Facts): StepDescription {
  const { step, names } = link;
  const { compute } = workflow;
  const queue = (name: string) => ({ name, url: queueUrl(name, facts) });
  const type = instanceType(step.instanceType);
  return {
    version: 1,
    owner: facts.owner,
    workflow: workflow.name,
    step: step.name,
    index: step.index,
    algorithm: step.algorithm.name,
    image: step.algorithm.image,
    cluster: compute.cluster,
    input: { bucket: link.inputBucket, ...link.filter },
    output: { bucket: link.outputBucket, key: workflow.output.key },
    queue: queue(names.queue),
    deadLetters: queue(names.deadLetters),
    undelivered: queue(names.undelivered),
    task: {
      family: names.family,
      ...taskSize(link),
      ports: step.ports.map(({ port, protocol }) => ({ port, protocol })),
      logGroup: names.taskLogs,
      filesPerTask: FILES_PER_TASK,
      max: compute.maxTasks,
      tags: declare.tagsFor(keyOf("task-definition", names.family)),
    },
    instances: {
      launchTemplate: names.launchTemplate,
      type: step.instanceType,
      memoryMiB: type ? registeredMemoryMiB(type.memoryMiB) : null,
      cpuUnits: type ? type.vcpu * 1024 : null,
      max: compute.maxInstances,
      idleMinutes: compute.idleMinutes,
      spot: compute.spot,
      subnets: [...compute.subnets],
    },
  };
}

/** As the object's body. */
export const writeStepDescription = (description: StepDescription): string =>
  `${JSON.stringify(description, null, 2)}\n`;

/** Throws where the text is no step description of a version that this code knows. */
export const readStepDescription = (text: string): StepDescription => stepDescriptionSchema.parse(JSON.parse(text));
