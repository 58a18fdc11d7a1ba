/**
 * What was seen and done, field by field, for people; and the spec that each resource was last seen to meet, which tells
 * drift from a change of the file. Both may be lost at any time: then a repair is called an update, nothing worse.
 */
import type { Clock, Log, Store } from "../core/ports.ts";
import type { Key } from "../core/resource.ts";
import type { Limits } from "./limits.ts";

export type HistoryEvent =
  | "created"
  | "updated"
  | "adopted"
  | "drift-detected"
  | "drift-repaired"
  | "deleted"
  | "refused";

export interface HistoryEntry {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly workflow: string;
  readonly key: string;
  /** Empty: the resource as a whole. */
  readonly path: string;
  readonly want: unknown;
  readonly have: unknown;
  readonly event: HistoryEvent;
  /** Id of the pass; the same in the log. */
  readonly pass: string;
  readonly message?: string;
}

interface Document {
  entries: HistoryEntry[];
  /** Key → hash of the spec that it was last seen to meet. */
  synced: Record<string, string>;
}

export interface History {
  /** To be awaited before a workflow's first pass. */
  load(workflow: string): Promise<void>;
  add(entry: Omit<HistoryEntry, "at">): void;
  entries(workflow: string): readonly HistoryEntry[];
  syncedSpec(workflow: string, key: Key): string | undefined;
  /** Remembers what was met. */
  synced(workflow: string, specs: ReadonlyMap<Key, string>): void;
  /** It was taken away on purpose: should it come back, that is no repair. */
  forget(workflow: string, key: Key): void;
  /** Writes what has not been written yet. */
  flush(): Promise<void>;
}

export function createHistory(deps: {
  clock: Clock;
  log: Log;
  store: Store;
  limits: Pick<Limits, "historyEntries" | "historyWriteMs">;
  /** Told of each entry as it comes. */
  told?: (entry: HistoryEntry) => void;
}): History {
  const { clock, limits, log, store } = deps;
  const documents = new Map<string, Document>();
  const dirty = new Map<string, () => void>();

  const documentOf = (workflow: string): Document => {
    const found = documents.get(workflow) ?? { entries: [], synced: {} };
    documents.set(workflow, found);
    return found;
  };

  function changed(workflow: string): void {
    if (dirty.has(workflow)) return;
    dirty.set(
      workflow,
      clock.after(limits.historyWriteMs, () => void write(workflow)),
    );
  }

  async function write(workflow: string): Promise<void> {
    dirty.get(workflow)?.();
    dirty.delete(workflow);
    try {
      await store.write(nameOfDocument(workflow), structuredClone(documentOf(workflow)));
    } catch (error) {
      log.warn({ workflow, error: String(error) }, "history could not be written");
    }
  }

  return {
    async load(workflow) {
      if (documents.has(workflow)) return;
      try {
        const read = await store.read(nameOfDocument(workflow));
        // Of names that nobody bears nothing is kept: whoever asks for histories may make up as many as they like.
        if (read !== undefined && !documents.has(workflow)) documents.set(workflow, asDocument(read));
      } catch (error) {
        log.warn({ workflow, error: String(error) }, "history could not be read; it starts anew");
      }
    },
    add(entry) {
      const whole = { at: new Date(clock.now()).toISOString(), ...entry };
      const { entries } = documentOf(entry.workflow);
      entries.push(whole);
      if (entries.length > limits.historyEntries) entries.splice(0, entries.length - limits.historyEntries);
      changed(entry.workflow);
      deps.told?.(whole);
    },
    entries: (workflow) => documents.get(workflow)?.entries ?? [],
    syncedSpec: (workflow, key) => documents.get(workflow)?.synced[key],
    synced(workflow, specs) {
      const { synced } = documentOf(workflow);
      const news = [...specs].filter(([key, hash]) => synced[key] !== hash);
      for (const [key, hash] of news) synced[key] = hash;
      if (news.length > 0) changed(workflow);
    },
    forget(workflow, key) {
      delete documentOf(workflow).synced[key];
      changed(workflow);
    },
    async flush() {
      await Promise.all([...dirty.keys()].map(write));
    },
  };
}

const nameOfDocument = (workflow: string): string => `history-${workflow}.json`;

function asDocument(read: unknown): Document {
  const { entries, synced } = (read ?? {}) as Partial<Document>;
  return {
    entries: Array.isArray(entries) ? entries : [],
    synced: typeof synced === "object" && synced !== null ? { ...synced } : {},
  };
}
