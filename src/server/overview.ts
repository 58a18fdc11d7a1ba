/** Each workflow in one line: for the list of the page and of the API. */
import type { QueueCounts } from "../data/data.ts";
import type { QueueSamples } from "../data/queue-samples.ts";
import type { Condition, ConditionType, DaemonStatus, WorkflowStatus } from "../engine/status.ts";
import type { DriftTally } from "./drift-tally.ts";

/** What an operator wants to know first; of several that hold, the one that most wants a person. */
export type Headline = "ready" | "reconciling" | "incomplete" | "drifted" | "stalled" | "suspended" | "unknown";

export interface Summary {
  readonly name: string;
  readonly file: string;
  readonly state: Headline;
  /** Why it is so, for people. */
  readonly message: string;
  /** ISO 8601. */
  readonly lastPass?: string;
  readonly nextPassMs?: number;
  readonly resources: number;
  readonly drift: {
    /** Fields that differ now. */
    readonly open: number;
    /** Since the daemon started. */
    readonly detected: number;
    /** Since the daemon started. */
    readonly repaired: number;
  };
  /** Of all steps together, as last sampled. */
  readonly queues?: QueueCounts;
}

export function summaryOf(
  workflow: WorkflowStatus,
  { tally, samples }: { tally: Pick<DriftTally, "of">; samples: Pick<QueueSamples, "latest"> },
): Summary {
  const { name, file, lastPass, nextPassMs } = workflow;
  const steps = samples.latest(name);
  return {
    name,
    file,
    state: headlineOf(workflow),
    message: messageOf(workflow),
    ...(lastPass === undefined ? {} : { lastPass }),
    ...(nextPassMs === undefined ? {} : { nextPassMs }),
    resources: workflow.keys.length,
    drift: { open: workflow.drift.length, ...tally.of(name) },
    ...(steps.length === 0 ? {} : { queues: sumOf(steps) }),
  };
}

/** By its name; the foundation by its own. */
export const workflowOf = ({ foundation, workflows }: DaemonStatus, name: string): WorkflowStatus | undefined =>
  [...workflows, ...(foundation ? [foundation] : [])].find((one) => one.name === name);

export const unknownWorkflow = (name: string): string => `no workflow is named "${name}"`;

export const conditionOf = (workflow: WorkflowStatus, type: ConditionType): Condition | undefined =>
  workflow.conditions.find((one) => one.type === type);

const HEADLINES: readonly (readonly [ConditionType, Condition["status"], Headline])[] = [
  ["Stalled", "True", "stalled"],
  ["Suspended", "True", "suspended"],
  ["Drifted", "True", "drifted"],
  ["Ready", "True", "ready"],
  ["Synced", "Unknown", "unknown"],
  ["Reconciling", "True", "reconciling"],
  ["Ready", "False", "incomplete"],
];

const holding = (workflow: WorkflowStatus) =>
  HEADLINES.find(([type, status]) => conditionOf(workflow, type)?.status === status);

export const headlineOf = (workflow: WorkflowStatus): Headline => holding(workflow)?.[2] ?? "unknown";

/** The condition from which the headline comes. */
export function headlineCondition(workflow: WorkflowStatus): Condition | undefined {
  const type = holding(workflow)?.[0];
  return type && conditionOf(workflow, type === "Reconciling" ? "Ready" : type);
}

function messageOf(workflow: WorkflowStatus): string {
  const condition = headlineCondition(workflow);
  const { length } = workflow.drift;
  // Which they are is told field by field.
  if (condition?.type === "Drifted")
    return `${length} ${length === 1 ? "field differs" : "fields differ"} from what the file asks for`;
  return condition?.message || (condition?.reason ?? "");
}

/** Of several steps together. */
export function sumOf(steps: readonly QueueCounts[]): QueueCounts {
  const sum = (of: keyof QueueCounts): number => steps.reduce((total, one) => total + one[of], 0);
  return { queued: sum("queued"), inFlight: sum("inFlight"), dead: sum("dead"), undelivered: sum("undelivered") };
}
