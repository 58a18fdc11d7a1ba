/** What the engine tells while it works, so that a command can draw progress and metrics can count. */
import type { HistoryEntry } from "./history.ts";
import type { Outcome } from "./outcome.ts";

export type EngineEvent =
  | { readonly type: "pass-started"; readonly workflow: string }
  | { readonly type: "pass-done"; readonly workflow: string; readonly outcome: Outcome; readonly workedMs: number }
  | {
      readonly type: "step-started" | "step-done";
      readonly workflow: string;
      readonly key: string;
      readonly do: "create" | "update" | "delete";
    }
  | {
      readonly type: "step-failed";
      readonly workflow: string;
      readonly key: string;
      readonly do: "create" | "update" | "delete";
      readonly why: string;
    }
  /** A step is done; what it should have tidied up stays. */
  | { readonly type: "left-behind"; readonly workflow: string; readonly key: string; readonly why: string }
  /** Nothing goes on before something else has happened ("12 messages wait"). */
  | { readonly type: "waiting"; readonly workflow: string; readonly why: string }
  /** What takes many passes has come a little further. */
  | { readonly type: "progress"; readonly workflow: string; readonly what: string }
  | { readonly type: "queue-added" | "queue-retried"; readonly item: string }
  | { readonly type: "queue-started"; readonly item: string; readonly queuedMs: number }
  | { readonly type: "queue-finished"; readonly item: string; readonly workedMs: number }
  | { readonly type: "history"; readonly entry: HistoryEntry }
  /** The status of a workflow, of the folder or of the daemon may read differently now. */
  | { readonly type: "status-changed" };

export type Tell = (event: EngineEvent) => void;
export type Listener = Tell;

export interface Events {
  readonly tell: Tell;
  /** The answer takes the listener off again. */
  subscribe(listener: Listener): () => void;
}

/** A listener that throws is its own trouble: the others and the engine go on. */
export function createEvents(onError: (error: unknown) => void): Events {
  const listeners = new Set<Listener>();
  return {
    tell(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          onError(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
