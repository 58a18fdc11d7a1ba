/**
 * A queue of names. At most one run of a name at a time; a name added while it waits is folded into what waits, one
 * added while it runs is run again after. p-queue keeps order and concurrency; it neither knows keys nor delays single ones.
 */
import PQueue from "p-queue";
import type { Clock } from "../core/ports.ts";

/** What goes first. */
export const PRIORITY = { resync: 0, retry: 1, change: 2 } as const;
export type Priority = (typeof PRIORITY)[keyof typeof PRIORITY];

export interface Wish {
  /** @default 0 */
  readonly delayMs?: number;
  /** @default PRIORITY.change */
  readonly priority?: Priority;
}

/** For metrics, in the words that dashboards know. Times in milliseconds. */
export interface QueueWatcher {
  added?(key: string): void;
  retried?(key: string): void;
  started?(key: string, queuedMs: number): void;
  finished?(key: string, workedMs: number): void;
}

export interface WorkQueue {
  /** The shorter delay and the higher priority win over what waits already. */
  add(key: string, wish?: Wish): void;
  /** Takes it out, unless it runs: then it is not run again. */
  forget(key: string): void;
  readonly depth: number;
  /** How long the longest run has been going, milliseconds. */
  readonly longestRunningMs: number;
  readonly running: readonly string[];
  /** When a waiting name is due, in monotonic milliseconds. */
  due(key: string): number | undefined;
  /** Starts nothing more. */
  pause(): void;
  /** Takes in nothing more, starts nothing more, and resolves once nothing runs. */
  drain(): Promise<void>;
}

interface Entry {
  dueMs: number;
  priority: Priority;
  /** Cancels the timer while the entry is delayed; undefined once it stands in p-queue. */
  cancel?: (() => void) | undefined;
}

export function createWorkQueue(deps: {
  clock: Clock;
  concurrency: number;
  /** Never rejects: what goes wrong is the runner's to record. */
  run: (key: string) => Promise<void>;
  watcher?: QueueWatcher;
}): WorkQueue {
  const { clock, watcher } = deps;
  const queue = new PQueue({ concurrency: deps.concurrency });
  const waiting = new Map<string, Entry>();
  const running = new Map<string, number>();
  /** Wishes that came while their name was running. */
  const again = new Map<string, Entry>();
  let closed = false;

  const merged = (one: Entry | undefined, dueMs: number, priority: Priority): Entry => ({
    dueMs: Math.min(one?.dueMs ?? dueMs, dueMs),
    priority: Math.max(one?.priority ?? priority, priority) as Priority,
  });

  function schedule(key: string, entry: Entry): void {
    const delayMs = entry.dueMs - clock.monotonic();
    waiting.set(key, entry);
    if (delayMs <= 0) enqueue(key, entry);
    else entry.cancel = clock.after(delayMs, () => enqueue(key, entry));
  }

  function enqueue(key: string, entry: Entry): void {
    entry.cancel = undefined;
    void queue.add(
      async () => {
        // A newer entry, or none, means that this one was folded into another or forgotten.
        if (waiting.get(key) !== entry) return;
        waiting.delete(key);
        await run(key, entry);
      },
      { priority: entry.priority },
    );
  }

  async function run(key: string, entry: Entry): Promise<void> {
    const started = clock.monotonic();
    running.set(key, started);
    watcher?.started?.(key, Math.max(0, started - entry.dueMs));
    try {
      await deps.run(key);
    } finally {
      running.delete(key);
      watcher?.finished?.(key, clock.monotonic() - started);
      const next = again.get(key);
      again.delete(key);
      if (next && !closed) schedule(key, next);
    }
  }

  return {
    add(key, { delayMs = 0, priority = PRIORITY.change } = {}) {
      if (closed) return;
      watcher?.added?.(key);
      if (priority === PRIORITY.retry) watcher?.retried?.(key);
      const dueMs = clock.monotonic() + delayMs;
      if (running.has(key)) {
        again.set(key, merged(again.get(key), dueMs, priority));
        return;
      }
      const earlier = waiting.get(key);
      const entry = merged(earlier, dueMs, priority);
      if (earlier && earlier.dueMs === entry.dueMs && earlier.priority === entry.priority) return;
      earlier?.cancel?.();
      schedule(key, entry);
    },
    forget(key) {
      waiting.get(key)?.cancel?.();
      waiting.delete(key);
      again.delete(key);
    },
    get depth() {
      const now = clock.monotonic();
      return [...waiting.values()].filter((entry) => entry.dueMs <= now).length;
    },
    get longestRunningMs() {
      return Math.max(0, ...[...running.values()].map((started) => clock.monotonic() - started));
    },
    get running() {
      return [...running.keys()];
    },
    due: (key) => (again.get(key) ?? waiting.get(key))?.dueMs,
    pause: () => void queue.pause(),
    async drain() {
      closed = true;
      for (const entry of waiting.values()) entry.cancel?.();
      waiting.clear();
      again.clear();
      queue.pause();
      await queue.onPendingZero();
    },
  };
}
