/**
 * Tells people what they should know without looking: a workflow that stalls and goes on, drift seen and repaired, files
 * among the dead letters, events that never arrived, the brake. Each thing once; a restart repeats none of it.
 */
import { brief } from "../core/plan.ts";
import type { Clock, Log, Store } from "../core/ports.ts";
import type { QueueSamples } from "../data/queue-samples.ts";
import type { Engine } from "../engine/engine.ts";
import type { HistoryEntry } from "../engine/history.ts";
import {
  goneIn,
  knownIn,
  knownInQueues,
  newsOf,
  type Told,
  type Trouble,
  troublesIn,
  troublesInQueues,
} from "./troubles.ts";
import type { Webhook } from "./webhook.ts";

export interface NoticesDeps {
  readonly engine: Pick<Engine, "status" | "subscribe">;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly samples: Pick<QueueSamples, "latest" | "isSetUp" | "subscribe" | "start">;
  readonly webhook: Webhook;
}

export interface Notices {
  /** Sends what waits to be sent. */
  stop(): Promise<void>;
}

/** The status is put together for the sake of notices at most so often, milliseconds. */
const LOOK_MS = 3_000;
/** The same field that drifts again and again is told once in this time, milliseconds. */
const DRIFT_AGAIN_MS = 3_600_000;
const DOCUMENT = "notices.json";

export async function startNotices({ engine, samples, clock, log, store, webhook }: NoticesDeps): Promise<Notices> {
  let told: Told = asTold(await store.read(DOCUMENT).catch(() => undefined));
  const drifted = new Map<string, number>();
  let cancel: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();

  function hear(troubles: readonly Trouble[], known: (id: string) => boolean, gone: (id: string) => boolean): void {
    const news = newsOf(troubles, told, { known, gone });
    told = news.told;
    // What never arrived is told again by whoever starts next.
    if (news.lines.length > 0) webhook.add(news.lines, () => remember(news.told));
  }

  function remember(delivered: Told): void {
    writing = writing
      .then(() => store.write(DOCUMENT, delivered))
      .catch((error: unknown) => log.warn({ error: String(error) }, "what was told could not be remembered"));
  }

  function look(): void {
    cancel = undefined;
    const status = engine.status();
    // Who only watches leaves it to the one that acts.
    if (status.leader) hear(troublesIn(status), knownIn(status), () => false);
  }

  function drift(entry: HistoryEntry): void {
    const id = `${entry.event} ${entry.key} ${entry.path}`;
    const now = clock.monotonic();
    for (const [old, at] of drifted) if (now - at >= DRIFT_AGAIN_MS) drifted.delete(old);
    if (drifted.has(id)) return;
    drifted.set(id, now);
    webhook.add([driftLine(entry)]);
  }

  const unsubscribes = [
    engine.subscribe((event) => {
      if (event.type === "history" && /^drift-/.test(event.entry.event)) drift(event.entry);
      if (event.type === "pass-done" || event.type === "status-changed") cancel ??= clock.after(LOOK_MS, look);
    }),
    samples.subscribe(() => {
      if (!engine.status().leader) return;
      const counts = samples.latest();
      hear(troublesInQueues(counts), knownInQueues(counts), goneIn(samples.isSetUp));
    }),
  ];
  samples.start();

  return {
    async stop() {
      for (const unsubscribe of unsubscribes) unsubscribe();
      cancel?.();
      await webhook.stop();
      await writing;
    },
  };
}

function driftLine({ workflow, key, path, want, have, event }: HistoryEntry): string {
  if (event === "drift-repaired") return `${workflow}: repaired: ${key}${path === "" ? "" : `, ${path}`}`;
  if (path === "") return `${workflow}: drift: ${key} is gone`;
  return `${workflow}: drift: ${key}: ${path} is ${brief(have)}, wanted ${brief(want)}`;
}

const asTold = (read: unknown): Told => (typeof read === "object" && read !== null ? (read as Told) : {});
