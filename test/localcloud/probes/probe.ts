/** Questions to a cloud whose answer AWS documents. Ours is held to all of them by a test; others are asked by `peers.ts`. */
import type { Sdk } from "../../support/sdk.ts";

export interface Probe {
  /** The operation that it is about, as the product calls it: `sqs:CreateQueue`. */
  readonly operation: string;
  /** What is done and looked at. */
  readonly question: string;
  /** What AWS answers, in the words of `ask`. */
  readonly aws: string;
  /** Where AWS says so. */
  readonly source: string;
  /** The same question in code; what it throws counts as an answer by the error's name. */
  ask(sdk: Sdk): Promise<string>;
}

/** What a cloud answers: the words of the probe, or the name of the error. */
export async function answerOf(probe: Probe, sdk: Sdk): Promise<string> {
  try {
    return await probe.ask(sdk);
  } catch (error) {
    const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    // A page for people where the SDK looks for JSON.
    if (error instanceof SyntaxError) return "an unreadable answer";
    return $metadata?.httpStatusCode && $metadata.httpStatusCode >= 500 ? `fails (${$metadata.httpStatusCode})` : name;
  }
}

/** How a cloud takes a call: `accepted`, or its refusal by status and name, `404 NoSuchBucket`. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "accepted";
  } catch (error) {
    const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    if (status === undefined || status >= 500) throw error;
    return `${status} ${name}`;
  }
}
