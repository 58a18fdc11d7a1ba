/**
 * Coalesced reads. A call that goes out anyway has seats for many keys (100 alarms, 100 ARNs): the free ones are filled
 * with those whose turn comes next, since passes come round in the same order, so that a thousand workflows share a few
 * dozen calls.
 */
import type { Clock } from "../core/ports.ts";

export interface SeatsOptions<V> {
  readonly clock: Clock;
  /** Keys a call. */
  readonly seats: number;
  /** An answer older than this is asked again, in milliseconds. */
  readonly maxAgeMs: number;
  /** Answers for all keys; a key that is missing in the answer is known to be absent. */
  load(keys: readonly string[]): Promise<ReadonlyMap<string, V>>;
}

export interface Seats<V> {
  /** `fresh`: read now, never from what was answered before. */
  get(key: string, fresh: boolean): Promise<V | undefined>;
  /** Is there an answer, however old? */
  knows(key: string): boolean;
  /** After a write of ours: the next answer is asked anew. */
  forget(key: string): void;
}

interface Entry<V> {
  value: V | undefined;
  at: number;
  lastAskedAt: number;
}

/**
 * A key that nobody asks for gives up its seat after this time, milliseconds: far longer than workflows wait for their
 * next pass.
 */
const KEPT_MS = 3_600_000;

export function createSeats<V>(options: SeatsOptions<V>): Seats<V> {
  type Answer = ReadonlyMap<string, V>;
  /** What was asked for longest ago stands first. */
  const known = new Map<string, Entry<V>>();
  const loading = new Map<string, Promise<Answer>>();
  let waiting: { readonly keys: Set<string>; readonly answer: Promise<Answer> } | undefined;

  /** Keys asked within the same instant share a call. */
  const join = async (key: string): Promise<V | undefined> => {
    if (!waiting || waiting.keys.size >= options.seats) {
      const keys = new Set<string>();
      waiting = { keys, answer: options.clock.sleep(0).then(() => send(keys)) };
    }
    waiting.keys.add(key);
    return (await waiting.answer).get(key);
  };

  const send = async (asked: Set<string>): Promise<Answer> => {
    if (waiting?.keys === asked) waiting = undefined;
    const keys = [...asked, ...agedKeys(options.seats - asked.size, asked)];
    const answer = options.load(keys);
    for (const key of keys) loading.set(key, answer);
    try {
      const values = await answer;
      const at = options.clock.monotonic();
      for (const key of keys) {
        // Forgotten meanwhile: the answer may be older than the write that made it so.
        if (loading.get(key) !== answer) continue;
        const before = asked.has(key) ? undefined : known.get(key);
        if (!before) known.delete(key);
        known.set(key, { value: values.get(key), at, lastAskedAt: before?.lastAskedAt ?? at });
      }
      return values;
    } finally {
      for (const key of keys) if (loading.get(key) === answer) loading.delete(key);
    }
  };

  /** What was asked for longest ago comes next; its answer must be half as old as it may get. */
  const agedKeys = (count: number, taken: ReadonlySet<string>): string[] => {
    const now = options.clock.monotonic();
    const aged: string[] = [];
    for (const [key, entry] of known) {
      if (aged.length >= count) break;
      if (now - entry.lastAskedAt > KEPT_MS) known.delete(key);
      else if (now - entry.at > options.maxAgeMs / 2 && !taken.has(key) && !loading.has(key)) aged.push(key);
    }
    return aged;
  };

  return {
    async get(key, fresh) {
      if (fresh) return join(key);
      const entry = known.get(key);
      const now = options.clock.monotonic();
      if (entry && now - entry.at <= options.maxAgeMs) {
        known.delete(key);
        known.set(key, { ...entry, lastAskedAt: now });
        return entry.value;
      }
      const answer = loading.get(key);
      return answer ? (await answer).get(key) : join(key);
    },
    knows: (key) => known.has(key),
    forget(key) {
      known.delete(key);
      loading.delete(key);
    },
  };
}

/**
 * One answer for all who ask: a whole listing, asked again when older than `maxAgeMs` or when someone wants it fresh. Those
 * who want it fresh in the same instant, as the kinds do for an inventory, share it.
 */
export function createListing<T>(options: { clock: Clock; maxAgeMs: number; load(): Promise<T> }): {
  get(fresh: boolean): Promise<T>;
  forget(): void;
} {
  const { clock } = options;
  let held: { readonly value: Promise<T>; readonly at: number; sent: boolean } | undefined;
  const load = (): Promise<T> => {
    const value = clock.sleep(0).then(() => {
      mine.sent = true;
      return options.load();
    });
    const mine = { value, at: clock.monotonic(), sent: false };
    held = mine;
    value.catch(() => {
      if (held === mine) held = undefined;
    });
    return value;
  };
  return {
    get(fresh) {
      const serves = held && (fresh ? !held.sent : clock.monotonic() - held.at <= options.maxAgeMs);
      return held && serves ? held.value : load();
    },
    forget() {
      held = undefined;
    },
  };
}
