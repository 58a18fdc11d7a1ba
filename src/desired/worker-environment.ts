/** What a worker must know travels in the environment of its container, one variable for each field. */
import { z } from "zod";
import { canonical } from "../core/compare.ts";

export const workerSettingsSchema = z.strictObject({
  workflow: z.string(),
  step: z.string(),
  algorithm: z.string(),
  image: z.string(),
  inputBucket: z.string(),
  outputBucket: z.string(),
  /** Template of the result's key, for `resultKey`. */
  outputKey: z.string(),
  queueUrl: z.string(),
  deadLettersUrl: z.string(),
  /** Arguments; `$input` and `$output` still stand in them. */
  command: z.array(z.string()),
  /** Folders that the algorithm expects, absolute. */
  inputPath: z.string(),
  outputPath: z.string(),
  /** The algorithm's own environment. Packed, so that none of it (`NODE_OPTIONS`, `LD_PRELOAD`) reaches the worker itself. */
  variables: z.record(z.string(), z.string()),
  /** Lease of a message, renewed while the algorithm runs. */
  visibilitySeconds: z.int(),
  /** Tries before a file's message goes to the dead letters. */
  maxReceives: z.int(),
  /** One file's time. */
  timeoutMinutes: z.int(),
  successExitCodes: z.array(z.int()),
  /** `rest`: every code that stands in neither of the other lists. */
  retryExitCodes: z.union([z.literal("rest"), z.array(z.int())]),
  failExitCodes: z.array(z.int()),
});
export type WorkerSettings = z.infer<typeof workerSettingsSchema>;

/** `inputBucket` travels as `PIPEWRIGHT_INPUT_BUCKET`. Texts as they are, all else as JSON, whose order says nothing. */
export function toEnvironment(settings: WorkerSettings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([field, value]) => [
      variableName(field),
      typeof value === "string" ? value : canonical(value),
    ]),
  );
}

/** Throws, naming the field, where a variable is missing or unreadable. */
export function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): WorkerSettings {
  const fields = Object.entries(workerSettingsSchema.shape).flatMap(([field, schema]) => {
    const text = environment[variableName(field)];
    if (text === undefined) return [];
    return [[field, schema.safeParse(text).success ? text : fromJson(text)]];
  });
  return workerSettingsSchema.parse(Object.fromEntries(fields));
}

const variableName = (field: string): string =>
  `PIPEWRIGHT_${field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
