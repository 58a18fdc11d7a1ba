/** Drift: a field that we own and that no longer says what we last saw it say. Detected and repaired are told apart. */

import type { Step } from "../core/plan.ts";
import type { Clock } from "../core/ports.ts";
import type { Change, Desired, Key, Observed } from "../core/resource.ts";
import type { WriteStep } from "./converge.ts";
import { fingerprint } from "./fingerprint.ts";
import type { History, HistoryEvent } from "./history.ts";

export interface DriftedField extends Change {
  readonly key: Key;
  /** ISO 8601: when it was first seen. */
  readonly since: string;
}

/** A whole resource that is gone is drift of the empty path. */
const GONE: Change = { path: "", want: "present", have: "absent" };

export interface DriftBook {
  /** What a plan shows; returns what each of its writes is to be called once it is done. */
  judge(of: Judgement): (step: WriteStep) => HistoryEvent;
  repaired(workflow: string, step: WriteStep): void;
  open(workflow: string): readonly DriftedField[];
  forget(workflow: string): void;
}

export interface Judgement {
  readonly workflow: string;
  readonly pass: string;
  readonly steps: readonly Step[];
  readonly desired: readonly Desired[];
  readonly observed: ReadonlyMap<Key, Observed>;
  /** Only looked at: nothing is remembered. */
  readonly quiet?: boolean;
}

export const changesOf = (step: WriteStep): readonly Change[] => (step.do === "create" ? [GONE] : step.changes);

export function createDriftBook({ clock, history }: { clock: Clock; history: History }): DriftBook {
  const books = new Map<string, Map<string, DriftedField>>();
  const idOf = (key: Key, path: string): string => `${key} ${path}`;

  return {
    judge({ workflow, pass, steps, desired, observed, quiet }) {
      const byKey = new Map(desired.map((one) => [one.key, one]));
      const before = books.get(workflow) ?? new Map<string, DriftedField>();
      const now = new Map<string, DriftedField>();
      const events = new Map<Key, HistoryEvent>();
      for (const step of steps) {
        if (step.do !== "create" && step.do !== "update") continue;
        const known = history.syncedSpec(workflow, step.key);
        const drifted = known !== undefined && known === fingerprint(byKey.get(step.key)!, observed);
        events.set(step.key, drifted ? "drift-repaired" : eventOf(step, observed));
        if (!drifted) continue;
        for (const change of changesOf(step)) {
          const id = idOf(step.key, change.path);
          const seen = before.get(id);
          now.set(id, seen ?? { ...change, key: step.key, since: new Date(clock.now()).toISOString() });
          if (!seen && !quiet) history.add({ ...bare(change), workflow, key: step.key, event: "drift-detected", pass });
        }
      }
      books.set(workflow, now);
      // What a pass only comes upon after its own first write is part of that write.
      return (step) => events.get(step.key) ?? eventOf(step, observed);
    },
    repaired(workflow, step) {
      const book = books.get(workflow);
      for (const change of changesOf(step)) book?.delete(idOf(step.key, change.path));
    },
    open: (workflow) => [...(books.get(workflow)?.values() ?? [])],
    forget: (workflow) => void books.delete(workflow),
  };
}

const bare = ({ path, want, have }: Change): Pick<Change, "path" | "want" | "have"> => ({ path, want, have });

function eventOf(step: WriteStep, observed: ReadonlyMap<Key, Observed>): HistoryEvent {
  if (step.do === "create") return "created";
  return observed.get(step.key)?.is === "foreign" ? "adopted" : "updated";
}
