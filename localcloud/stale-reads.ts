import { summarize } from "./call-log.ts";
import type { Call } from "./service.ts";
import type { WireResponse } from "./wire/message.ts";

/** The last answer of every read, for the fault that repeats it after a write. */
export interface StaleReads {
  keyOf(service: string, operation: string, input: Record<string, unknown>, call: Call): string;
  remember(key: string, response: WireResponse | undefined): void;
  recall(key: string): WireResponse | undefined;
  clear(): void;
}

/** Answers kept; the oldest go first. 1,000 workflows of 18 reads fit. */
const KEPT_ANSWERS = 25_000;

export function createStaleReads(): StaleReads {
  const answers = new Map<string, WireResponse>();
  return {
    keyOf: (service, operation, input, call) =>
      `${call.account}/${call.region}/${service}/${operation}/${summarize(input)}`,
    remember(key, response) {
      // Objects' bytes are not kept: they may be large, and S3 reads its own writes.
      if (!response || (typeof response.body !== "string" && !(response.body instanceof Uint8Array))) return;
      answers.delete(key);
      answers.set(key, response);
      if (answers.size > KEPT_ANSWERS) answers.delete(answers.keys().next().value!);
    },
    recall: (key) => {
      const answer = answers.get(key);
      return answer && { ...answer, headers: { ...answer.headers } };
    },
    clear: () => answers.clear(),
  };
}
