/** Drift seen and put right, by workflow, since the daemon started. */
import type { EngineEvent } from "../engine/events.ts";

export interface Tally {
  readonly detected: number;
  readonly repaired: number;
}

export interface DriftTally {
  of(workflow: string): Tally;
  heard(event: EngineEvent): void;
}

const NONE: Tally = { detected: 0, repaired: 0 };

export function createDriftTally(): DriftTally {
  const tallies = new Map<string, Tally>();
  const of = (workflow: string): Tally => tallies.get(workflow) ?? NONE;
  return {
    of,
    heard(event) {
      if (event.type !== "history") return;
      const { workflow, event: what } = event.entry;
      const { detected, repaired } = of(workflow);
      if (what === "drift-detected") tallies.set(workflow, { detected: detected + 1, repaired });
      if (what === "drift-repaired") tallies.set(workflow, { detected, repaired: repaired + 1 });
    },
  };
}
