/** How a pass ended. Plain data. */
import { allowingStatement, Failure, LeftBehind, mayRetry } from "../core/failure.ts";
import type { RefuseReason, Step } from "../core/plan.ts";
import type { Key } from "../core/resource.ts";
import type { Trouble } from "./ports.ts";

export type Outcome =
  | { readonly is: "synced" }
  /** There are differences, and we were asked not to write. */
  | { readonly is: "reported"; readonly why: string }
  | { readonly is: "waiting"; readonly on: string; readonly retryMs: number }
  /** Nothing more will come of it before the file, the account or the next resync says otherwise. */
  | {
      readonly is: "refused";
      readonly reason: RefuseReason | "NotOfThisAccount" | "ClaimedElsewhere";
      readonly why: string;
    }
  /** `retry`: it may go away by itself. */
  | { readonly is: "failed"; readonly retry: boolean; readonly reason: string; readonly why: string };

export interface PassResult {
  readonly pass: string;
  readonly outcome: Outcome;
  /** What remains to be done, or what would be done if we were allowed to. */
  readonly steps: readonly Step[];
  readonly failures: ReadonlyMap<Key, Error>;
  /** What is not as it should be and lets the rest go on. */
  readonly incomplete: readonly { readonly reason: RefuseReason | "HeldBack"; readonly why: string }[];
  readonly written: number;
  /** What a pass would do beside the steps; told by previews. */
  readonly due?: string;
  /** Everything may stand, and files do not get through. */
  readonly trouble?: Trouble;
}

export function outcomeOf(steps: readonly Step[], failures: ReadonlyMap<Key, Error>): Outcome {
  const refusals = steps.filter((step) => step.do === "refuse");
  const blocking = refusals.filter((step) => step.blocks);
  if (blocking.length > 0) {
    return { is: "refused", reason: blocking[0]!.reason, why: blocking.map((step) => step.why).join("; ") };
  }
  if (failures.size > 0) return failed([...failures.values()]);
  const wait = steps.find((step) => step.do === "wait");
  if (wait?.do === "wait") return { is: "waiting", on: wait.on, retryMs: wait.retryMs };
  if (steps.length > refusals.length) return { is: "waiting", on: steps[0]!.key, retryMs: 1_000 };
  return { is: "synced" };
}

export const incompleteOf = (steps: readonly Step[]): PassResult["incomplete"] =>
  steps.flatMap((step) => (step.do === "refuse" && !step.blocks ? [{ reason: step.reason, why: step.why }] : []));

/** One of many failures that may go away makes the whole worth another try. */
export function failed(errors: readonly Error[]): Extract<Outcome, { is: "failed" }> {
  const lasting = errors.find((error) => !mayRetry(error));
  return {
    is: "failed",
    retry: errors.some(mayRetry),
    reason: reasonOf(lasting ?? errors[0]!),
    why: explainAll(errors),
  };
}

/** As people can act on it: a denial says what would allow it, a cloud that lacks something that another one is wanted. */
export function explain(error: Error): string {
  if (error instanceof Failure && error.code === "NotImplemented")
    return `${error.message} (the cloud at this endpoint lacks what is asked: use one that has it)`;
  const denied = denialOf(error);
  return denied ? `${error.message}; ${allowedBy(denied)}` : error.message;
}

/** What is denied many times over is told once, with one statement that would allow it all. */
function explainAll(errors: readonly Error[]): string {
  const groups = Map.groupBy(errors, (error) => denialOf(error)?.action ?? error);
  const told = [...groups.values()].map(([first, ...rest]) => {
    const denied = denialOf(first!);
    if (!denied || rest.length === 0) return explain(first!);
    const others = rest.map((error) => denialOf(error)!);
    return `${first!.message}; likewise ${rest.length} more; ${allowedBy(denied, ...others)}`;
  });
  return [...new Set(told)].join("; ");
}

function denialOf(error: Error): Failure | undefined {
  const failure = error instanceof LeftBehind ? error.cause : error;
  return failure instanceof Failure && failure.class === "denied" ? failure : undefined;
}

const allowedBy = (...denied: [Failure, ...Failure[]]): string =>
  `this policy statement would allow it: ${allowingStatement(...denied)}`;

/** CamelCase, as a condition's reason. */
function reasonOf(error: Error): string {
  if (!(error instanceof Failure)) return "InternalError";
  if (error.class === "denied") return "AccessDenied";
  if (error.class === "throttled") return "Throttled";
  if (error.class === "quota") return "QuotaReached";
  if (error.class === "invalid") return /^[A-Z][A-Za-z]+$/.test(error.code) ? error.code : "Invalid";
  return error.class === "conflict" ? "Conflict" : "AwsUnavailable";
}
