/** What an operator is told: plain data, in the words that operators know. */
import type { Step } from "../core/plan.ts";
import { type Change, type Desired, kindOf } from "../core/resource.ts";
import type { DriftedField } from "./drift.ts";
import type { PassResult } from "./outcome.ts";
import type { Head, Trouble } from "./ports.ts";
import type { FileProblem } from "./workflow-files.ts";

export type ConditionType = "Ready" | "Synced" | "Reconciling" | "Stalled" | "Drifted" | "Suspended";

export interface Condition {
  readonly type: ConditionType;
  readonly status: "True" | "False" | "Unknown";
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
  /** ISO 8601: since when the status is what it is. */
  readonly since: string;
  /** Hash of the file that the condition speaks of. */
  readonly observedGeneration: string;
}

export interface KeyStatus {
  readonly key: string;
  readonly kind: string;
  readonly state: "synced" | "pending" | "drifted" | "waiting" | "refused" | "failed" | "unknown";
  readonly message?: string;
  /** Keys that must stand before this one is written; the foundation's among them. */
  readonly needs: readonly string[];
  /** Fields that differ, drifted or new in the file. */
  readonly changes: readonly Change[];
}

export interface WorkflowStatus {
  readonly name: string;
  readonly file: string;
  readonly generation: string;
  /** Where files go in and what bears their names, and where results come out. Absent for the foundation. */
  readonly buckets?: {
    readonly input: string;
    readonly prefix: string;
    readonly suffix: string;
    readonly output: string;
  };
  /** The file's line at which `suspend` stands, or below which it can be written. */
  readonly suspendLine?: number;
  readonly conditions: readonly Condition[];
  readonly keys: readonly KeyStatus[];
  readonly drift: readonly DriftedField[];
  readonly problems: readonly FileProblem[];
  /** ISO 8601 of the last finished pass. */
  readonly lastPass?: string;
  /** Milliseconds until the next one, where one is due. */
  readonly nextPassMs?: number;
}

export interface DaemonStatus {
  readonly owner: string;
  /** Absent while AWS has not answered. */
  readonly account?: string;
  readonly region: string;
  readonly folder?: string;
  readonly workflows: readonly WorkflowStatus[];
  readonly foundation?: WorkflowStatus;
  /** Files that keep no workflow in force under their own name included. */
  readonly problems: readonly FileProblem[];
  /** Why the folder could not be read whole. */
  readonly folderProblem?: string;
  /** Why nothing is known yet: AWS has not answered since the daemon started. */
  readonly awsProblem?: string;
  /** Why nothing is pruned for the time being. */
  readonly brake?: string;
  /** What a removed file leaves, and why: kept for its data, or (with an empty key) still busy. */
  readonly leftovers: readonly { readonly key: string; readonly workflow: string; readonly why: string }[];
  readonly leader: boolean;
  readonly stopping: boolean;
}

export interface Facts {
  readonly workflow: Pick<Head, "hash" | "suspend" | "drift">;
  readonly result: PassResult | undefined;
  /** The generation that the result speaks of. */
  readonly resultOf: string | undefined;
  readonly drift: readonly DriftedField[];
  /** Why the file's own newest version is not in force. */
  readonly badFile: string | undefined;
  /** The foundation's trouble, as far as it concerns every workflow. */
  readonly foundation: Trouble | undefined;
  /** What does not keep it from standing, and is worth knowing. */
  readonly notice: Trouble | undefined;
}

type Bare = Pick<Condition, "type" | "status" | "reason" | "message">;

/** Conditions as they are now; `since` stays where the status does. */
export function conditionsOf(facts: Facts, before: readonly Condition[], now: string): Condition[] {
  return bareConditions(facts).map((one) => {
    const earlier = before.find((other) => other.type === one.type);
    const since = earlier?.status === one.status ? earlier.since : now;
    return { ...one, since, observedGeneration: facts.workflow.hash };
  });
}

function bareConditions(facts: Facts): Bare[] {
  const synced = syncedOf(facts);
  const trouble = troubleOf(facts);
  return [
    ready(facts, synced),
    synced,
    reconciling(facts),
    trouble ? yes("Stalled", trouble.reason, trouble.why) : no("Stalled", "Progressing", ""),
    drifted(facts),
    facts.workflow.suspend
      ? yes("Suspended", "SuspendedByFile", '"suspend": true: observed and reported, nothing is written')
      : no("Suspended", "Active", ""),
  ];
}

/** Speaks of what stands: a file that went bad changes nothing of it, nor do tasks that do not start. */
function ready(facts: Facts, synced: Bare): Bare {
  const hopeless = hopelessOf(facts);
  if (hopeless) return no("Ready", hopeless.reason, hopeless.why);
  const incomplete = facts.result?.incomplete[0] ?? facts.foundation;
  if (incomplete) return no("Ready", incomplete.reason, incomplete.why);
  if (synced.status !== "True") return { ...synced, type: "Ready" };
  if (facts.notice) return yes("Ready", facts.notice.reason, facts.notice.why);
  return yes("Ready", "Reconciled", "everything stands as declared");
}

function syncedOf(facts: Facts): Bare {
  const outcome = facts.result?.outcome;
  if (!outcome)
    return { type: "Synced", status: "Unknown", reason: "NotLookedAtYet", message: "the first pass is to come" };
  if (facts.resultOf !== facts.workflow.hash)
    return no("Synced", "FileChanged", "the new version is still to be applied");
  switch (outcome.is) {
    case "synced":
      return yes("Synced", "InSync", "the last pass found or made everything as declared");
    case "reported":
      return no("Synced", asksForNoWrites(facts) ? "ReportOnly" : "OutOfSync", outcome.why);
    case "waiting":
      return no("Synced", "Waiting", `waiting for ${outcome.on}`);
    case "refused":
    case "failed":
      return no("Synced", outcome.reason, outcome.why);
  }
}

const asksForNoWrites = ({ workflow }: Facts): boolean => workflow.suspend || workflow.drift === "report";

function reconciling(facts: Facts): Bare {
  const outcome = facts.result?.outcome;
  const open = !outcome || outcome.is === "waiting" || (outcome.is === "failed" && outcome.retry);
  if (facts.resultOf !== facts.workflow.hash) return yes("Reconciling", "FileChanged", "");
  if (open) return yes("Reconciling", "Progressing", outcome?.is === "waiting" ? `waiting for ${outcome.on}` : "");
  return no("Reconciling", "Done", "");
}

/** What does not go away by itself. */
function troubleOf(facts: Facts): Trouble | undefined {
  const badFile = facts.badFile === undefined ? undefined : { reason: "BadFile", why: facts.badFile };
  return hopelessOf(facts) ?? badFile ?? facts.result?.trouble;
}

function hopelessOf({ result }: Facts): Trouble | undefined {
  const outcome = result?.outcome;
  const isHopeless = outcome?.is === "refused" || (outcome?.is === "failed" && !outcome.retry);
  return isHopeless ? outcome : undefined;
}

function drifted({ drift }: Facts): Bare {
  if (drift.length === 0) return no("Drifted", "AsDeclared", "");
  const named = drift.slice(0, 5).map((one) => (one.path === "" ? `${one.key} is gone` : `${one.key}: ${one.path}`));
  const more = drift.length > named.length ? `; ${drift.length - named.length} more` : "";
  return yes("Drifted", "Differs", named.join("; ") + more);
}

const yes = (type: ConditionType, reason: string, message: string): Bare => ({ type, status: "True", reason, message });
const no = (type: ConditionType, reason: string, message: string): Bare => ({ type, status: "False", reason, message });

/** The state of each resource after the last pass. */
export function keyStatuses(
  desired: readonly Pick<Desired, "key" | "needs">[],
  result: PassResult | undefined,
  drift: readonly DriftedField[],
): KeyStatus[] {
  const steps = new Map<string, Step>(result?.steps.map((step) => [step.key, step]));
  return desired.map(({ key, needs }) => {
    const step = steps.get(key);
    const changes = step?.do === "update" ? step.changes : [];
    return { key, kind: kindOf(key), ...stateOf(key, step, result, drift), needs, changes };
  });
}

function stateOf(
  key: Step["key"],
  step: Step | undefined,
  result: PassResult | undefined,
  drift: readonly DriftedField[],
): Pick<KeyStatus, "state" | "message"> {
  if (!result) return { state: "unknown" };
  const failure = result.failures.get(key);
  if (failure) return { state: "failed", message: failure.message };
  if (step?.do === "refuse") return { state: "refused", message: step.why };
  if (step?.do === "wait") return { state: "waiting", message: `waiting for ${step.on}` };
  if (step) return { state: drift.some((one) => one.key === key) ? "drifted" : "pending" };
  // A pass that could not look says nothing of what it did not come to.
  return { state: result.failures.size > 0 && result.steps.length === 0 ? "unknown" : "synced" };
}
