/**
 * What the scaler, and tools at run time, must know of a step: an object in the control bucket, so that neither needs the
 * workflow's file nor the daemon. Needs nothing but zod, since functions carry it along.
 */
import { z } from "zod";
import { shareSchema } from "./share.ts";

const queueSchema = z.strictObject({ name: z.string(), url: z.string() });

export const stepDescriptionSchema = z.strictObject({
  version: z.literal(1),
  /** Of all this, and of what tasks and instances are made from. With another one, old failures say nothing any more. */
  generation: z.string(),
  owner: z.string(),
  workflow: z.string(),
  step: z.string(),
  /** Counted from 0. */
  index: z.int(),
  algorithm: z.string(),
  image: z.string(),
  cluster: z.string(),
  /** What the workflow as a whole asks of the foundation. */
  share: shareSchema,
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
    /** A description is written anew with its workflow alone: one of before may stand for long, and its files go on. */
    gpus: z.int().default(0),
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
    gpus: z.int().nullable().default(null),
    max: z.int(),
    idleMinutes: z.int(),
    spot: z.boolean(),
    /** Empty: those of the default VPC. */
    subnets: z.array(z.string()),
  }),
});
export type StepDescription = z.infer<typeof stepDescriptionSchema>;

/** As the object's body. */
export const writeStepDescription = (description: StepDescription): string =>
  `${JSON.stringify(description, null, 2)}\n`;

/** Throws where the text is no step description of a version that this code knows. */
export const readStepDescription = (text: string): StepDescription => stepDescriptionSchema.parse(JSON.parse(text));
