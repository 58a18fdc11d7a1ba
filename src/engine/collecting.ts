/** When the collector looks: for the daemon from time to time, for a command in rounds until nothing is left open. */
import type { Clock, Log } from "../core/ports.ts";
import { type Collected, type CollectorDeps, collect, notCollected } from "./collector.ts";
import type { Tell } from "./events.ts";
import type { Limits } from "./limits.ts";

export interface Collecting {
  /** What went, stays or waits, by the last look or all rounds since `restart`. */
  readonly collected: Collected;
  /** The daemon's look comes after so many milliseconds, and then again and again. */
  within(ms: number): void;
  /** Forgets what earlier rounds brought. */
  restart(): void;
  /** One look now. */
  round(): Promise<Collected>;
  /** No further look. The answer resolves when the last has ended. */
  stop(): Promise<void>;
}

export function createCollecting(deps: {
  clock: Clock;
  log: Log;
  bounds: Limits;
  tell: Tell;
  mayWrite(): boolean;
  stopping(): boolean;
  /** For the collector as things are now. */
  collector(): Omit<CollectorDeps, "gone">;
  /** A look of the daemon's has ended. */
  ended(collected: Collected): void;
}): Collecting {
  const { bounds, clock, log, tell } = deps;
  const gone: CollectorDeps["gone"] = new Set();
  let collected: Collected = NOTHING;
  /** Looks, one after the other: two at once would take away the same things, and each write the marker. */
  let looking: Promise<void> = Promise.resolve();
  let cancel: () => void = () => {};

  const take = (): Promise<Collected> =>
    collect({ ...deps.collector(), gone }).catch((error: unknown) => {
      log.warn({ error: String(error) }, "nothing could be taken away");
      return notCollected(error);
    });

  function within(ms: number): void {
    cancel();
    if (deps.stopping()) return;
    cancel = clock.after(ms, () => {
      looking = looking.then(look);
    });
  }

  async function look(): Promise<void> {
    if (!deps.mayWrite()) return within(bounds.collectMs);
    collected = await take();
    if (deps.stopping()) return;
    deps.ended(collected);
    tell({ type: "status-changed" });
    within(collected.open.length > 0 || collected.deleted.length > 0 ? bounds.busyMs : bounds.collectMs);
  }

  return {
    get collected() {
      return collected;
    },
    within,
    restart() {
      collected = NOTHING;
    },
    async round() {
      const round = await take();
      collected = { ...round, deleted: [...collected.deleted, ...round.deleted] };
      for (const one of round.open) tell({ type: "waiting", ...one });
      return round;
    },
    stop() {
      cancel();
      return looking;
    },
  };
}

const NOTHING: Collected = { deleted: [], kept: [], open: [] };
