/** What tasks and functions of a workflow have written, in the order of time. */
import { type FilteredLogEvent, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import type { Clients } from "../aws/clients.ts";
import { orUndefined } from "../aws/errors.ts";
import { functionLogs, scaler } from "../desired/names.ts";
import type { StepDescription } from "../desired/step-description.ts";
import { resultKeys } from "./bucket-files.ts";
import type { DataDeps } from "./data.ts";

export interface LogRequest {
  /** Key of an uploaded file: only what is about it, in every step. */
  readonly file?: string;
  /** Nothing older than so many milliseconds; undefined: everything that is kept. */
  readonly lastMs?: number;
  /** Goes on until the signal: what is written from now on, too. */
  readonly follow?: AbortSignal;
}

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** The step's name; `<step> enqueuer` and `scaler` are the functions. */
  readonly source: string;
  /** Key in that step's input bucket, where the line is about a file. */
  readonly file?: string;
  readonly level?: string;
  /** Of the algorithm's own words. */
  readonly stream?: string;
  readonly message: string;
  /** What else the line says. */
  readonly fields: Readonly<Record<string, unknown>>;
}

interface Source {
  readonly name: string;
  readonly group: string;
  /** Keys that lines are to be about; undefined: all lines. */
  readonly files: readonly string[] | undefined;
}

/** How often a log that is followed is read, milliseconds. */
const READ_EVERY_MS = 2_000;
/** CloudWatch shows a line some time after its own time: that far back is read again. */
const LATE_MS = 30_000;

export async function* readLogs(
  steps: readonly StepDescription[],
  { file, lastMs, follow }: LogRequest,
  { clients, clock }: Pick<DataDeps, "clients" | "clock">,
): AsyncGenerator<LogLine> {
  const sources = file === undefined ? everySource(steps) : sourcesOf(steps, file);
  const seen = new Map<string, number>();
  for (let fromMs = lastMs === undefined ? 0 : Math.max(0, clock.now() - lastMs); ; ) {
    const askedMs = clock.now();
    const found = await Promise.all(sources.map((source) => eventsOf(clients.logs, source, fromMs)));
    const lines = found.flat().filter(({ id }) => !seen.has(id));
    for (const { id, line } of lines) seen.set(id, line.atMs);
    yield* lines.map(({ line }) => line).sort((one, other) => one.atMs - other.atMs);
    if (!follow || follow.aborted) return;
    fromMs = Math.max(fromMs, askedMs - LATE_MS);
    for (const [id, atMs] of seen) if (atMs < fromMs) seen.delete(id);
    await clock.sleep(READ_EVERY_MS, follow).catch(() => undefined);
    if (follow.aborted) return;
  }
}

function everySource(steps: readonly StepDescription[]): Source[] {
  const clusters = [...new Set(steps.map((step) => step.cluster))];
  return [
    ...steps.map(({ step, task }) => ({ name: step, group: task.logGroup, files: undefined })),
    // The function bears the queue's name.
    ...steps.map(({ step, queue }) => ({
      name: `${step} enqueuer`,
      group: functionLogs(queue.name),
      files: undefined,
    })),
    ...clusters.map((cluster) => ({ name: "scaler", group: functionLogs(scaler(cluster)), files: undefined })),
  ];
}

/** In every step the file has the name of the result of the step before. Functions write of no single file. */
function sourcesOf(steps: readonly StepDescription[], file: string): Source[] {
  let files = [file];
  return steps.map((step) => {
    const source = { name: step.step, group: step.task.logGroup, files };
    files = files.flatMap((key) => resultKeys(step, key));
    return source;
  });
}

async function eventsOf(
  logs: Clients["logs"],
  { name, group, files }: Source,
  startTime: number,
): Promise<{ id: string; line: LogLine }[]> {
  const filterPattern = files && patternFor(files);
  const events: FilteredLogEvent[] = [];
  const reading = async () => {
    const request = { logGroupName: group, startTime, ...(filterPattern === undefined ? {} : { filterPattern }) };
    for await (const page of paginateFilterLogEvents({ client: logs }, request)) events.push(...(page.events ?? []));
  };
  // A function's log group is made by its first line.
  await orUndefined(reading(), "ResourceNotFoundException");
  return events
    .map((event) => ({ id: event.eventId ?? "", line: lineOf(name, event) }))
    .filter(({ line }) => files === undefined || (line.file !== undefined && files.includes(line.file)));
}

/** So that CloudWatch leaves out most; what comes is looked at again. Undefined where the pattern language has no words for a key. */
function patternFor(files: readonly string[]): string | undefined {
  const pattern = `{ ${files.map((file) => `$.file = "${file}"`).join(" || ")} }`;
  // Filter patterns have at most 1,024 characters (FilterLogEvents), and quotes, stars and backslashes mean something.
  return files.some((file) => /["\\*]/.test(file)) || pattern.length > 1024 ? undefined : pattern;
}

function lineOf(source: string, { timestamp = 0, message = "" }: FilteredLogEvent): LogLine {
  const written = writtenIn(message);
  if (!written) return { atMs: timestamp, source, message: message.trimEnd(), fields: {} };
  const { time: _, timestamp: __, level, file, stream, message: text, ...fields } = written;
  return {
    atMs: timestamp,
    source,
    ...(typeof file === "string" ? { file } : {}),
    ...(typeof level === "string" ? { level: level.toLowerCase() } : {}),
    ...(typeof stream === "string" ? { stream } : {}),
    message: typeof text === "string" ? text : message.trimEnd(),
    fields: typeof text === "string" ? fields : {},
  };
}

/** Around what a function writes, Lambda puts an object of its own. */
function writtenIn(message: string): Record<string, unknown> | undefined {
  const outer = objectIn(message);
  if (typeof outer?.requestId !== "string") return outer;
  const inner = typeof outer.message === "string" ? outer.message : JSON.stringify(outer.message ?? "");
  return { ...outer, ...objectIn(inner) };
}

/** A line of ours is a JSON object; of an image that writes by itself it can be anything. */
function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
