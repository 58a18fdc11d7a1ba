import { AwsError } from "../../service.ts";
import type { FunctionRecord } from "../../services/lambda/functions.ts";
import type { FunctionAnswer, FunctionRunner } from "../../services/lambda/invoke.ts";
import type { Lambda } from "../../services/lambda.ts";
import type { OwnedWorld } from "../../world.ts";
import { deliverRecord } from "./destinations.ts";

/** An event that a function was invoked with asynchronously, and what has become of it so far. */
export interface AsyncEvent {
  readonly functionArn: string;
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  readonly acceptedAtMs: number;
  /** Of which world it is. */
  readonly epoch: number;
  /** How often the function has run for it. */
  invocations: number;
  /** How often there was no room for it. */
  throttles: number;
}

export interface AsyncEvents {
  /** Takes an event in; it is delivered at once where there is room. */
  accept(functionArn: string, requestId: string, payload: string): void;
  /** The world is empty again: what is still under way comes to nothing. */
  forget(): void;
}

/** As published: twice again, after one minute and after two, and for six hours where there is no room. */
const RETRY_AFTER_MS = [60_000, 120_000];
const DEFAULT_RETRIES = 2;
const DEFAULT_AGE_SECONDS = 21_600;
const THROTTLED_FIRST_MS = 1000;
const THROTTLED_MOST_MS = 300_000;

/** Lambda's queue before each function. */
export function createAsyncEvents(world: OwnedWorld, host: FunctionRunner): AsyncEvents {
  /** Counts the times that the world was emptied: events of before are of no world. */
  let epoch = 0;

  async function deliver(event: AsyncEvent): Promise<void> {
    const record = world.service<Lambda>("lambda").function(event.functionArn);
    // A function that is gone takes its events with it.
    if (record === undefined) return;
    const { MaximumEventAgeInSeconds: ageSeconds = DEFAULT_AGE_SECONDS } = record.eventInvoke ?? {};
    if (world.now() - event.acceptedAtMs > ageSeconds * 1000) {
      return deliverRecord(world, record, event, { condition: "EventAgeExceeded" });
    }
    try {
      const answer = await host.invoke(record, event.payload, event.requestId);
      event.invocations += 1;
      if (event.epoch === epoch) settle(record, event, answer);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (event.epoch !== epoch) return;
      event.throttles += 1;
      const delayMs = Math.min(THROTTLED_MOST_MS, THROTTLED_FIRST_MS * 2 ** (event.throttles - 1));
      world.after(delayMs, () => void deliver(event));
    }
  }

  function settle(record: Readonly<FunctionRecord>, event: AsyncEvent, answer: FunctionAnswer): void {
    const retries = record.eventInvoke?.MaximumRetryAttempts ?? DEFAULT_RETRIES;
    if (!answer.failed) deliverRecord(world, record, event, { condition: "Success", answer });
    else if (event.invocations > retries)
      deliverRecord(world, record, event, { condition: "RetriesExhausted", answer });
    else world.after(RETRY_AFTER_MS[event.invocations - 1]!, () => void deliver(event));
  }

  return {
    accept(functionArn, requestId, payload) {
      void deliver({ functionArn, requestId, payload, epoch, acceptedAtMs: world.now(), invocations: 0, throttles: 0 });
    },
    forget() {
      epoch += 1;
    },
  };
}
