/**
 * What the scaler of a cluster remembers from run to run, and what it tells of the steps that it could not serve: one object
 * in the control bucket. Nothing in it is needed to be right: lost, it is found again from what AWS answers.
 */
import { z } from "zod";
import { scalerPrefix } from "./names.ts";

/**
 * What can be in trouble: `start` tasks that would not start, `boot` instances that came and never served, `launch` instances
 * that EC2 refused, `upkeep` of instances that are there (draining, ending, alarms).
 */
export const TRACKS = ["start", "boot", "launch", "upkeep"] as const;
export type Track = (typeof TRACKS)[number];

/** Times are milliseconds since the epoch. */
const milliseconds = z.number();

const troubleSchema = z.strictObject({
  /** Failures in a row. */
  count: z.int(),
  /** What AWS said, of the latest. */
  reason: z.string(),
  sinceMs: milliseconds,
  /** Nothing of the kind is tried before. */
  retryAtMs: milliseconds,
  /** Of tasks that did start, and failed later. */
  ran: z
    .strictObject({
      /** How long the one that lasted longest did. */
      longestMs: milliseconds,
      /** Messages that there were at the latest failure. */
      backlog: z.int(),
    })
    .optional(),
});
export type Trouble = z.infer<typeof troubleSchema>;

const stepReportSchema = z.strictObject({
  /** By `fingerprintOf`: another one ends all troubles. */
  fingerprint: z.string(),
  /** A task of this fingerprint has run well before: until then, instances are launched one at a time. */
  proven: z.boolean(),
  troubles: z.partialRecord(z.enum(TRACKS), troubleSchema),
  /** Subnets in which an instance never joined the cluster, and when that was seen last: others come first. */
  shunned: z.record(z.string(), milliseconds).default({}),
  /** What began earlier than this has been judged already. */
  heedFromMs: z.strictObject({ start: milliseconds, boot: milliseconds }),
});
export type StepReport = z.infer<typeof stepReportSchema>;

const machineReportSchema = z.strictObject({
  /** Key of the step that it was launched for. */
  step: z.string(),
  launchedMs: milliseconds,
  /** Has been seen in the cluster. */
  joined: z.boolean(),
  /** Null while it has tasks. */
  idleSinceMs: milliseconds.nullable(),
  /** Absent while its agent answers. */
  silentSinceMs: milliseconds.optional(),
});
export type MachineReport = z.infer<typeof machineReportSchema>;

export const scalerReportSchema = z.strictObject({
  version: z.literal(1),
  /** By `<workflow>/<step>`. */
  steps: z.record(z.string(), stepReportSchema),
  /** By EC2 instance id. */
  machines: z.record(z.string(), machineReportSchema),
});
export type ScalerReport = z.infer<typeof scalerReportSchema>;

export const EMPTY_REPORT: ScalerReport = { version: 1, steps: {}, machines: {} };

/** Its key in the control bucket. */
export const scalerReportKey = (cluster: string): string => `${scalerPrefix(cluster)}report.json`;

export const stepKey = ({ workflow, step }: { readonly workflow: string; readonly step: string }): string =>
  `${workflow}/${step}`;

/** Changes with all that a person may have mended. */
export const fingerprintOf = (generation: string, templateVersion: number | null): string =>
  `${generation}:${templateVersion}`;

/** Does a fingerprint speak of the step as it is described now? */
export const isOfGeneration = (fingerprint: string, generation: string): boolean =>
  fingerprint.startsWith(`${generation}:`);

/** As the object's body. */
export const writeScalerReport = (report: ScalerReport): string => `${JSON.stringify(report, null, 2)}\n`;

/** Throws where the text is no report of a version that this code knows. */
export const readScalerReport = (text: string): ScalerReport => scalerReportSchema.parse(JSON.parse(text));
