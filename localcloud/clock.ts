/**
 * The world's time: it flows with the machine's and can be stepped forward. What waits (`after`) runs when due, be it by
 * the flow or by a step; a step runs it in order, with the clock standing at each one's time.
 */
export interface WorldClock {
  now(): number;
  after(delayMs: number, action: () => void): () => void;
  /** @throws RangeError for a step backwards. */
  step(ms: number): void;
  /** When the next of what waits is due; undefined where nothing waits. */
  nextDueMs(): number | undefined;
  /** How much it was stepped in all. */
  readonly aheadMs: number;
  /** Takes back everything that waits, and all steps but so many milliseconds. @default 0 */
  reset(aheadMs?: number): void;
}

interface Waiting {
  readonly dueMs: number;
  readonly action: () => void;
  timer: NodeJS.Timeout | undefined;
}

export function createClock(): WorldClock {
  const waiting = new Set<Waiting>();
  let offsetMs = 0;
  /** While a step runs, the clock stands still at this instant. */
  let standing: number | undefined;
  const now = () => standing ?? Date.now() + offsetMs;

  const run = (entry: Waiting) => {
    waiting.delete(entry);
    clearTimeout(entry.timer);
    entry.action();
  };

  const arm = (entry: Waiting) => {
    clearTimeout(entry.timer);
    const remainingMs = Math.min(Math.max(0, entry.dueMs - now()), LONGEST_TIMER_MS);
    entry.timer = setTimeout(() => (now() >= entry.dueMs ? run(entry) : arm(entry)), remainingMs);
    // What waits in the cloud must not keep the process that holds it alive.
    entry.timer.unref();
  };

  return {
    now,
    after(delayMs, action) {
      const entry: Waiting = { dueMs: now() + delayMs, action, timer: undefined };
      waiting.add(entry);
      arm(entry);
      return () => {
        waiting.delete(entry);
        clearTimeout(entry.timer);
      };
    },
    step(ms) {
      if (!(ms >= 0)) throw new RangeError("the clock can only be stepped forward");
      const end = now() + ms;
      try {
        for (;;) {
          const next = earliest(waiting, end);
          if (!next) break;
          standing = Math.max(standing ?? 0, next.dueMs);
          run(next);
        }
      } finally {
        standing = undefined;
        offsetMs += ms;
      }
      for (const entry of waiting) arm(entry);
    },
    nextDueMs: () => earliest(waiting, Number.POSITIVE_INFINITY)?.dueMs,
    get aheadMs() {
      return offsetMs;
    },
    reset(aheadMs = 0) {
      for (const entry of waiting) clearTimeout(entry.timer);
      waiting.clear();
      offsetMs = aheadMs;
    },
  };
}

/** Node's timers hold 31 bits; what waits longer is armed again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function earliest(waiting: Iterable<Waiting>, end: number): Waiting | undefined {
  let first: Waiting | undefined;
  for (const entry of waiting) {
    if (entry.dueMs <= end && (!first || entry.dueMs < first.dueMs)) first = entry;
  }
  return first;
}
