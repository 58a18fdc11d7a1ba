/** A clock that stands still until it is stepped. */
import type { Clock } from "../../src/core/ports.ts";

export interface FakeClock extends Clock {
  /** Lets time pass, firing what is due in its order; what follows upon each has run before the next fires. */
  step(ms: number): Promise<void>;
  /** Steps from timer to timer until the promise settles; fails where nothing is left that could settle it. */
  until<T>(promise: Promise<T>, mostMs?: number): Promise<T>;
  /** Timers that wait to fire. */
  readonly waiting: number;
}

export function createFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let passed = 0;
  let number = 0;
  const timers = new Map<number, { dueMs: number; call: () => void }>();

  const after = (ms: number, call: () => void): (() => void) => {
    const id = number++;
    timers.set(id, { dueMs: passed + Math.max(0, ms), call });
    return () => void timers.delete(id);
  };

  const next = (): [number, { dueMs: number; call: () => void }] | undefined =>
    [...timers].sort(([a, one], [b, other]) => one.dueMs - other.dueMs || a - b)[0];

  async function stepTo(ms: number): Promise<void> {
    await quiet();
    for (let timer = next(); timer && timer[1].dueMs <= ms; timer = next()) {
      timers.delete(timer[0]);
      passed = Math.max(passed, timer[1].dueMs);
      timer[1].call();
      await quiet();
    }
    passed = ms;
    await quiet();
  }

  return {
    now: () => startMs + passed,
    monotonic: () => passed,
    get waiting() {
      return timers.size;
    },
    after,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const cancel = after(ms, () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        });
        const stop = () => {
          cancel();
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", stop, { once: true });
      });
    },
    step: (ms) => stepTo(passed + ms),
    async until(promise, mostMs = 3_600_000) {
      let settled = false;
      const done = () => {
        settled = true;
      };
      promise.then(done, done);
      const limit = passed + mostMs;
      for (;;) {
        await quiet();
        if (settled) return promise;
        const timer = next();
        if (!timer) throw new Error("nothing is left that could settle the promise");
        if (timer[1].dueMs > limit) throw new Error(`not settled after ${mostMs} ms`);
        await stepTo(timer[1].dueMs);
      }
    },
  };
}

/** Resolves once everything that needs no timer has run: the fake world does no input or output. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
