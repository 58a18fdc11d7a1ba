/**
 * A lease on one object with conditional writes: of two daemons one acts, the other watches. AWS offers no fencing, so
 * an overlap is made harmless, not impossible: the holder writes nothing after a deadline on its own monotonic clock,
 * and who watches waits longer than that on its own.
 */
import type { Clock, Log } from "../core/ports.ts";
import type { Key } from "../core/resource.ts";
import type { Lock } from "./ports.ts";

/** An object whose writes can be made to depend on what it was. */
export interface ConditionalObject {
  get(): Promise<{ readonly etag: string; readonly body: string } | undefined>;
  /** Answers the new ETag, or undefined where the object exists already. */
  putIfAbsent(body: string): Promise<string | undefined>;
  /** Answers the new ETag, or undefined where the object is not what it was. */
  putIfMatch(body: string, etag: string): Promise<string | undefined>;
}

export interface LeaseDeps {
  readonly object: ConditionalObject;
  /** Goes with the object in it. */
  readonly keptIn: Key;
  readonly clock: Clock;
  readonly log: Log;
  /** Tells one daemon from another, and people which of them it is; no other process may bear it. */
  readonly holder: string;
  /** How long a lease is good, milliseconds. */
  readonly leaseMs: number;
}

/** The holder stops so much earlier than others may take over: clocks run at rates that differ a little. */
const HELD_SHARE = 0.8;
/** Renewals in one lease. */
const BEATS = 4;

export function createLease({ clock, holder, keptIn, leaseMs, log, object }: LeaseDeps): Lock {
  const listeners = new Set<(held: boolean) => void>();
  let tenure = new AbortController();
  tenure.abort();
  let etag: string | undefined;
  let deadlineMs = Number.NEGATIVE_INFINITY;
  let holding = false;
  let number = 0;
  let stopped = true;
  let renewing = true;
  /** What another holder's object looked like, and since when on our own clock. */
  let watched: { etag: string; sinceMs: number } | undefined;
  let cancelBeat: () => void = () => {};
  let cancelDeadline: () => void = () => {};

  const held = (): boolean => holding && clock.monotonic() < deadlineMs;

  /** Counted from before the request: its answer may have taken any time. */
  function won(newEtag: string, askedMs: number): void {
    const untilMs = askedMs + leaseMs * HELD_SHARE;
    if (untilMs <= clock.monotonic()) return;
    etag = newEtag;
    deadlineMs = untilMs;
    cancelDeadline();
    cancelDeadline = clock.after(deadlineMs - clock.monotonic(), lost);
    if (holding) return;
    holding = true;
    watched = undefined;
    tenure = new AbortController();
    log.info({ holder }, "lease taken");
    tell(true);
  }

  function lost(): void {
    if (!holding) return;
    log.warn({ holder }, "lease lost");
    end();
  }

  function end(): void {
    holding = false;
    etag = undefined;
    cancelDeadline();
    tenure.abort(new Error("the lease has run out"));
    tell(false);
  }

  function tell(now: boolean): void {
    for (const listener of listeners) listener(now);
  }

  async function beat(): Promise<void> {
    try {
      if (holding) await renew();
      else await tryFor();
    } catch (error) {
      // The deadline stands where it stood: without an answer the lease simply ends.
      log.debug({ error: String(error) }, "lease: no answer");
    }
    if (!stopped && renewing) cancelBeat = clock.after(leaseMs / BEATS, () => void beat());
  }

  async function renew(): Promise<void> {
    const askedMs = clock.monotonic();
    const answer = await object.putIfMatch(body(), etag!);
    if (answer === undefined && renewing) lost();
    else if (answer !== undefined && !stopped) won(answer, askedMs);
  }

  async function tryFor(): Promise<void> {
    const found = await object.get();
    const nowMs = clock.monotonic();
    if (found && found.etag !== watched?.etag) watched = { etag: found.etag, sinceMs: nowMs };
    const free = !found || isReleased(found.body) || isOf(holder, found.body) || nowMs - watched!.sinceMs >= leaseMs;
    if (!free || stopped) return;
    const answer = await (found ? object.putIfMatch(body(), found.etag) : object.putIfAbsent(body()));
    if (answer !== undefined && !stopped) won(answer, nowMs);
  }

  /** The number makes each renewal another object: an ETag is a hash of the content. */
  const body = (): string => JSON.stringify({ holder, number: ++number, since: new Date(clock.now()).toISOString() });

  return {
    keptIn,
    get held() {
      return held();
    },
    get signal() {
      return tenure.signal;
    },
    async start() {
      stopped = false;
      renewing = true;
      cancelBeat();
      await beat();
    },
    renewNoMore() {
      renewing = false;
      cancelBeat();
    },
    async stop() {
      stopped = true;
      cancelBeat();
      if (!holding) return;
      const last = etag!;
      end();
      log.info({ holder }, "lease handed back");
      // Whoever watches need not wait; if this fails, it waits.
      await object.putIfMatch(RELEASED, last).catch(() => undefined);
    },
    onChange: (listener) => void listeners.add(listener),
  };
}

const RELEASED = JSON.stringify({ released: true });

const isReleased = (text: string): boolean => text === RELEASED;

/** Ours, though the answer to our write came too late or not at all. */
const isOf = (holder: string, text: string): boolean => text.startsWith(`{"holder":${JSON.stringify(holder)},`);
