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

/** @throws in one line, naming variables that are missing or unreadable, and what to do */
export function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): WorkerSettings {
  const fields = Object.entries(workerSettingsSchema.shape).flatMap(([field, schema]) => {
    const text = environment[variableName(field)];
    if (text === undefined) return [];
    return [[field, schema.safeParse(text).success ? text : fromJson(text)]];
  });
  const { data, error } = workerSettingsSchema.safeParse(Object.fromEntries(fields));
  if (data) return data;
  const names = [...new Set(error.issues.map(({ path }) => variableName(String(path[0]))))];
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  throw new Error(
    `${names.slice(0, NAMED).join(", ")}${more} of the worker's settings are missing or unreadable: a task gets them from its ` +
      "task definition. Run this image as a step of a workflow, which `pipewright apply` sets up, and not by itself",
  );
}

/** With nothing set at all, the first of them say enough. */
const NAMED = 3;

const variableName = (field: string): string =>
  `PIPEWRIGHT_${field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
