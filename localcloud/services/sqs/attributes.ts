import type { World } from "../../service.ts";
import { invalidAttributeName } from "./errors.ts";
import type { Queue } from "./queue.ts";

/** Lower and upper bound of every numeric attribute. */
export const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  DelaySeconds: [0, 900],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
};

/** What holds for a queue now, whatever reads may still answer. */
export function effective(queue: Queue, name: string): string | undefined {
  const written = queue.attributes.get(name);
  return written === undefined ? DEFAULTS[name] : written.value;
}

export function effectiveNumber(queue: Queue, name: keyof typeof RANGES): number {
  return Number(effective(queue, name));
}

/** Writes checked values; an empty text takes an optional attribute away. Without `late`, reads see the values at once. */
export function writeAttributes(
  world: World,
  queue: Queue,
  values: Readonly<Record<string, string>>,
  options: { readonly late: boolean },
): void {
  const now = world.now();
  const write = (name: string, value: string | undefined) => {
    const before = options.late ? shown(world, queue, name) : value;
    queue.attributes.set(name, { value, before, writtenAtMs: now });
  };
  for (const [name, value] of Object.entries(values)) write(name, value === "" ? undefined : value);
  if (values.KmsMasterKeyId) write("SqsManagedSseEnabled", "false");
  queue.modifiedAtMs = now;
}

/** The answer of GetQueueAttributes, for the names asked. */
export function readAttributes(world: World, queue: Queue, names: readonly string[]): Record<string, string> {
  const counts = queue.messages.counts(world.now(), effectiveNumber(queue, "MessageRetentionPeriod") * 1000);
  const computed: Record<string, string> = {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: seconds(queue.createdAtMs),
    LastModifiedTimestamp: seconds(queue.modifiedAtMs),
  };
  const all = names.includes("All");
  const answer: Record<string, string> = {};
  for (const name of all ? [...Object.keys(computed), ...SETTABLE] : names) {
    if (computed[name] === undefined && !SETTABLE.has(name) && !FIFO.has(name)) throw invalidAttributeName(name);
    const value = computed[name] ?? shown(world, queue, name);
    if (value !== undefined) answer[name] = value;
  }
  return answer;
}

const DEFAULTS: Readonly<Record<string, string>> = {
  DelaySeconds: "0",
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  SqsManagedSseEnabled: "true",
  VisibilityTimeout: "30",
};

/** Absent until set, and taken away by an empty text. */
export const REMOVABLE = new Set(["KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy"]);
const SETTABLE = new Set([...Object.keys(RANGES), ...REMOVABLE, "SqsManagedSseEnabled"]);
/** Known names that only FIFO queues have: asking for them is no error, and answers nothing. */
const FIFO = new Set(["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"]);

/** AWS publishes "up to 60 seconds", and 15 minutes for the retention period. */
const LAG_MS = 60_000;
const RETENTION_LAG_MS = 900_000;

function shown(world: World, queue: Queue, name: string): string | undefined {
  const written = queue.attributes.get(name);
  if (written === undefined) return DEFAULTS[name];
  const lagMs = name === "MessageRetentionPeriod" ? RETENTION_LAG_MS : LAG_MS;
  return world.now() < written.writtenAtMs + lagMs ? written.before : written.value;
}

function seconds(timeMs: number): string {
  return String(Math.floor(timeMs / 1000));
}
