/** Does AWS answer? Told of every attempt of every request, whoever made it. */
import type { SentCall } from "../aws/clients.ts";

export interface Reach {
  heard(call: SentCall): void;
  /** False after as many attempts in a row without an answer as the SDK makes for one request. */
  readonly reachable: boolean;
}

/** The SDK's own attempts for one request. */
const ATTEMPTS = 3;

export function createReach(): Reach {
  let unanswered = 0;
  return {
    heard({ status }) {
      unanswered = status === 0 ? unanswered + 1 : 0;
    },
    get reachable() {
      return unanswered < ATTEMPTS;
    },
  };
}
