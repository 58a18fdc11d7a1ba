/** One pass over one target, a workflow or the foundation: look, then carry out. */

import type { Step } from "../core/plan.ts";
import type { Log } from "../core/ports.ts";
import type { Desired, Key, Pass } from "../core/resource.ts";
import { type ConvergeDeps, type Converged, converge, planNow, type WriteStep, type WriteWatcher } from "./converge.ts";
import { changesOf, type DriftBook } from "./drift.ts";
import type { Tell } from "./events.ts";
import { fingerprint } from "./fingerprint.ts";
import type { History } from "./history.ts";
import { keysToRead, type Observation, observe } from "./observe.ts";
import { explain, failed, incompleteOf, outcomeOf, type PassResult } from "./outcome.ts";

export interface PassDeps extends ConvergeDeps {
  readonly history: History;
  readonly drift: DriftBook;
  readonly log: Log;
  readonly tell: Tell;
}

export interface Target {
  readonly name: string;
  readonly desired: readonly Desired[];
  readonly ignore: readonly string[];
}

/** What was read, and what follows from it; nothing has been written. */
export interface Look {
  readonly seen: Observation;
  readonly steps: readonly Step[];
}

/**
 * Reads every resource of the target once. Whatever would have to be written because of that, or is gone though it was
 * there, is read a second time, past every batch and cache, before it is believed.
 */
export async function look(deps: PassDeps, target: Target, pass: Pass): Promise<Look> {
  const readDeps = { registry: deps.registry, readsPerPass: deps.limits.readsPerPass };
  const seen = await observe(readDeps, keysToRead(target.desired), pass);
  const confirmed = new Set<Key>();
  for (;;) {
    if (seen.failures.size > 0) return { seen, steps: [] };
    const steps = planNow(deps, target, seen);
    const doubted = steps.filter((step) => !confirmed.has(step.key) && isDoubted(step, deps.history, target.name));
    if (doubted.length === 0) return { seen, steps };
    for (const { key } of doubted) confirmed.add(key);
    await observe(
      readDeps,
      doubted.map((step) => step.key),
      { ...pass, fresh: true },
      seen,
    );
  }
}

function isDoubted(step: Step, history: History, workflow: string): boolean {
  if (step.do === "create") return history.syncedSpec(workflow, step.key) !== undefined;
  return step.do === "update" || step.do === "refuse";
}

/** The result of a pass that ends after its look. */
export function resultOf(look: Look, pass: Pass): PassResult {
  const { failures } = look.seen;
  return {
    pass: pass.id,
    outcome: failures.size > 0 ? failed([...failures.values()]) : outcomeOf(look.steps, failures),
    steps: look.steps,
    failures,
    incomplete: incompleteOf(look.steps),
    written: 0,
  };
}

/** Writes what the look showed to be needed, and what that brings to light. */
export async function carryOut(deps: PassDeps, target: Target, { seen, steps }: Look, pass: Pass): Promise<PassResult> {
  const eventOf = deps.drift.judge({ ...about(target, pass), steps, observed: seen.observed });
  const watcher = watcherOf(deps, target, pass, eventOf);
  const done: Converged = await converge(deps, target, seen, pass, watcher);
  rememberSynced(deps, target, done.steps, seen);
  return {
    pass: pass.id,
    outcome: outcomeOf(done.steps, done.failures),
    steps: done.steps,
    failures: done.failures,
    incomplete: incompleteOf(done.steps),
    written: done.written,
  };
}

/** Notes differences without writing anything. */
export function report(deps: PassDeps, target: Target, { seen, steps }: Look, pass: Pass): void {
  deps.drift.judge({ ...about(target, pass), steps, observed: seen.observed });
  rememberSynced(deps, target, steps, seen);
}

const about = (target: Target, pass: Pass) => ({ workflow: target.name, desired: target.desired, pass: pass.id });

function watcherOf(
  deps: PassDeps,
  target: Target,
  pass: Pass,
  eventOf: (step: WriteStep) => ReturnType<ReturnType<DriftBook["judge"]>>,
): WriteWatcher {
  const { history, tell } = deps;
  const log = deps.log.child({ workflow: target.name, pass: pass.id });
  const workflow = target.name;
  const created = new Set<Key>();
  return {
    started: (step) => tell({ type: "step-started", workflow, key: step.key, do: step.do }),
    done(step) {
      tell({ type: "step-done", workflow, key: step.key, do: step.do });
      log.info({ key: step.key, do: step.do, paths: changesOf(step).map((change) => change.path) }, "written");
      // What follows upon a creation in the same pass completes it and is no news of its own.
      if (created.has(step.key)) return;
      const event = eventOf(step);
      if (step.do === "create") created.add(step.key);
      for (const { path, want, have } of changesOf(step)) {
        history.add({ workflow, key: step.key, path, want, have, event, pass: pass.id });
      }
      deps.drift.repaired(workflow, step);
    },
    failed(step, error) {
      tell({ type: "step-failed", workflow, key: step.key, do: step.do, why: error.message });
      log.warn({ key: step.key, do: step.do, error: error.message }, "write failed");
    },
    leftBehind(step, error) {
      const why = explain(error);
      tell({ type: "left-behind", workflow, key: step.key, why });
      log.warn({ key: step.key, error: why }, "something is left behind");
    },
  };
}

/** What needs no step now is as its spec says: from here on, a difference is drift. */
function rememberSynced(deps: PassDeps, target: Target, steps: readonly Step[], seen: Observation): void {
  const open = new Set(steps.map((step) => step.key));
  const specs = new Map<Key, string>();
  for (const one of target.desired) if (!open.has(one.key)) specs.set(one.key, fingerprint(one, seen.observed));
  deps.history.synced(target.name, specs);
}
