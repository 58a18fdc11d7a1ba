/**
 * A world's clock that moves only when it is stepped, so that a run depends on nothing but its seed. What waits lies in a
 * heap: a simulation has thousands of things waiting and millions that become due.
 */
import type { WorldClock } from "../../../localcloud/clock.ts";

interface Waiting {
  readonly dueMs: number;
  /** Of two that are due at the same time, the first to wait is the first to run. */
  readonly order: number;
  action: (() => void) | undefined;
}

export function createStandingClock(startMs: number): WorldClock {
  let nowMs = startMs;
  let orders = 0;
  const heap: Waiting[] = [];

  /** The first that nobody has taken back. */
  const first = (): Waiting | undefined => {
    while (heap[0] && !heap[0].action) pop(heap);
    return heap[0];
  };
  return {
    now: () => nowMs,
    after(delayMs, action) {
      const entry: Waiting = { dueMs: nowMs + Math.max(0, delayMs), order: orders++, action };
      push(heap, entry);
      return () => {
        entry.action = undefined;
      };
    },
    step(ms) {
      if (!(ms >= 0)) throw new RangeError("the clock can only be stepped forward");
      const endMs = nowMs + ms;
      for (let next = first(); next && next.dueMs <= endMs; next = first()) {
        pop(heap);
        nowMs = Math.max(nowMs, next.dueMs);
        next.action!();
      }
      nowMs = endMs;
    },
    nextDueMs: () => first()?.dueMs,
    get aheadMs() {
      return nowMs - startMs;
    },
    reset(aheadMs = 0) {
      heap.length = 0;
      nowMs = startMs + aheadMs;
    },
  };
}

const isBefore = (one: Waiting, other: Waiting): boolean =>
  one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);

function push(heap: Waiting[], entry: Waiting): void {
  let at = heap.length;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(entry, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Waiting[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
}
