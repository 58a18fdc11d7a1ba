import { AwsError } from "../../service.ts";
import type { FunctionRecord } from "../../services/lambda/functions.ts";
import type { FunctionAnswer, FunctionRunner } from "../../services/lambda/invoke.ts";
import type { Lambda } from "../../services/lambda.ts";
import type { OwnedWorld } from "../../world.ts";
import { deliverRecord, type End } from "./destinations.ts";

/** An event that a function was invoked with asynchronously, and what has become of it so far. */
export interface AsyncEvent {
  readonly functionArn: string;
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  readonly acceptedAtMs: number;
  /** Of which world it is. */
  readonly epoch: number;
  /** When it is delivered next. */
  dueMs: number;
  /** How often the function has run for it. */
  invocations: number;
  /** How often there was no room for it. */
  throttles: number;
}

export interface AsyncEvents {
  /** Takes an event in; it is delivered at once where there is room. */
  accept(functionArn: string, requestId: string, payload: string): void;
  /** Those that have not come to their end, for a snapshot. */
  save(): readonly AsyncEvent[];
  /** Goes on with them: what was being worked on when they were saved is delivered again. */
  resume(events: readonly AsyncEvent[]): void;
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
  const pending = new Set<AsyncEvent>();

  function wait(event: AsyncEvent, delayMs: number): void {
    event.dueMs = world.now() + delayMs;
    world.after(delayMs, () => void deliver(event));
  }

  function end(event: AsyncEvent, record: Readonly<FunctionRecord>, how: End): void {
    pending.delete(event);
    deliverRecord(world, record, event, how);
  }

  async function deliver(event: AsyncEvent): Promise<void> {
    const record = world.service<Lambda>("lambda").function(event.functionArn);
    // A function that is gone takes its events with it.
    if (record === undefined) return void pending.delete(event);
    const { MaximumEventAgeInSeconds: ageSeconds = DEFAULT_AGE_SECONDS } = record.eventInvoke ?? {};
    if (world.now() - event.acceptedAtMs > ageSeconds * 1000) {
      return end(event, record, { condition: "EventAgeExceeded" });
    }
    try {
      const answer = await host.invoke(record, event.payload, event.requestId);
      event.invocations += 1;
      if (event.epoch === epoch) settle(record, event, answer);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (event.epoch !== epoch) return;
      event.throttles += 1;
      wait(event, Math.min(THROTTLED_MOST_MS, THROTTLED_FIRST_MS * 2 ** (event.throttles - 1)));
    }
  }

  function settle(record: Readonly<FunctionRecord>, event: AsyncEvent, answer: FunctionAnswer): void {
    const retries = record.eventInvoke?.MaximumRetryAttempts ?? DEFAULT_RETRIES;
    if (!answer.failed) end(event, record, { condition: "Success", answer });
    else if (event.invocations > retries) end(event, record, { condition: "RetriesExhausted", answer });
    else wait(event, RETRY_AFTER_MS[event.invocations - 1]!);
  }

  return {
    accept(functionArn, requestId, payload) {
      const now = world.now();
      const none = { invocations: 0, throttles: 0 };
      const event = { functionArn, requestId, payload, epoch, acceptedAtMs: now, dueMs: now, ...none };
      pending.add(event);
      void deliver(event);
    },
    save: () => [...pending],
    resume(events) {
      for (const saved of events) {
        const event = { ...saved, epoch };
        pending.add(event);
        wait(event, Math.max(0, event.dueMs - world.now()));
      }
    },
    forget() {
      epoch += 1;
      pending.clear();
    },
  };
}
