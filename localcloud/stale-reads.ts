import { summarize } from "./call-log.ts";
import type { Outcome } from "./pipeline.ts";
import type { Call } from "./service.ts";

/** The last outcome of every read, for the fault that repeats it after a write. */
export interface StaleReads {
  keyOf(service: string, operation: string, input: Record<string, unknown>, call: Call): string;
  remember(key: string, outcome: Outcome): void;
  recall(key: string): Outcome | undefined;
  clear(): void;
}

/** Outcomes kept; the oldest go first. 1,000 workflows of 18 reads fit. */
const KEPT_OUTCOMES = 25_000;

export function createStaleReads(): StaleReads {
  const outcomes = new Map<string, Outcome>();
  return {
    keyOf: (service, operation, input, call) =>
      `${call.account}/${call.region}/${service}/${operation}/${summarize(input)}`,
    remember(key, outcome) {
      const { body } = outcome.response;
      // Objects' bytes are not kept: they may be large, and S3 reads its own writes.
      if (typeof body !== "string" && !(body instanceof Uint8Array)) return;
      outcomes.delete(key);
      outcomes.set(key, outcome);
      if (outcomes.size > KEPT_OUTCOMES) outcomes.delete(outcomes.keys().next().value!);
    },
    recall: (key) => outcomes.get(key),
    clear: () => outcomes.clear(),
  };
}
