/**
 * From observed to desired. The planner says what remains; whatever of it has all its needs met runs at once; what was
 * written is read again, and the planner is asked anew, until nothing remains that can be done now.
 */

import { same } from "../core/compare.ts";
import { Failure, LeftBehind } from "../core/failure.ts";
import { brief, plan, type Step } from "../core/plan.ts";
import type { Clock } from "../core/ports.ts";
import { type Change, type Desired, type Key, kindFor, nameOf, type Pass, type Registry } from "../core/resource.ts";
import type { Limits } from "./limits.ts";
import { asError, type Observation, observe } from "./observe.ts";
import type { OwnWrites } from "./own-writes.ts";

export interface ConvergeDeps {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly ownWrites: OwnWrites;
  readonly limits: Limits;
  /** Asked before each write: false once the daemon stops or its lock has run out. */
  mayWrite(): boolean;
}

export interface Goal {
  readonly desired: readonly Desired[];
  readonly ignore: readonly string[];
}

export type WriteStep = Extract<Step, { do: "create" | "update" }>;

/** Told of each write, for history, progress and metrics. */
export interface WriteWatcher {
  started?(step: WriteStep): void;
  done?(step: WriteStep): void;
  failed?(step: WriteStep, error: Error): void;
  /** It is done, and has not tidied up after itself. */
  leftBehind?(step: WriteStep, error: LeftBehind): void;
}

export interface Converged {
  /** What remains: nothing, when in sync. */
  readonly steps: readonly Step[];
  readonly failures: ReadonlyMap<Key, Error>;
  readonly written: number;
}

export const planNow = (deps: Pick<ConvergeDeps, "registry" | "ownWrites">, goal: Goal, seen: Observation): Step[] =>
  plan({
    ...goal,
    observed: seen.observed,
    registry: deps.registry,
    settling: deps.ownWrites.settling(goal.desired.map((one) => one.key)),
  });

export async function converge(
  deps: ConvergeDeps,
  goal: Goal,
  seen: Observation,
  pass: Pass,
  watcher: WriteWatcher = {},
): Promise<Converged> {
  const { limits, clock } = deps;
  const fresh: Pass = { ...pass, fresh: true };
  const readDeps = { registry: deps.registry, readsPerPass: limits.readsPerPass };
  const needsOf = new Map(goal.desired.map((one) => [one.key, one.needs]));
  const until = clock.monotonic() + limits.patienceMs;
  const running = new Map<Key, Promise<void>>();
  const failures = new Map<Key, Error>();
  const writes = new Map<Key, number>();
  /** Its update has returned: what needs it may go on while it is read once more. */
  const updated = new Set<Key>();
  let written = 0;
  let writing = 0;

  const readAgain = async (key: Key): Promise<void> => {
    const reading: Observation = { observed: seen.observed, failures: new Map() };
    await observe(readDeps, [key], fresh, reading);
    for (const [failed, error] of reading.failures) failures.set(failed, error);
    updated.delete(key);
  };

  async function write(step: WriteStep): Promise<void> {
    const { key } = step;
    const kind = kindFor(deps.registry, key);
    writes.set(key, (writes.get(key) ?? 0) + 1);
    watcher.started?.(step);
    writing++;
    try {
      if (step.do === "create") await kind.create?.(nameOf(key), step.spec, pass);
      else {
        const update = kind.update;
        if (!update) throw cannotUpdate(step);
        await update.call(kind, nameOf(key), step.spec, step.actual, step.changes, pass).catch((error: unknown) => {
          if (!(error instanceof LeftBehind)) throw error;
          watcher.leftBehind?.(step, error);
        });
        deps.ownWrites.note(
          key,
          step.changes.map((change) => change.path),
        );
        updated.add(key);
      }
    } catch (error) {
      failures.set(key, asError(error));
      watcher.failed?.(step, asError(error));
      return;
    } finally {
      writing--;
    }
    written++;
    watcher.done?.(step);
    if (updated.has(key)) wake();
    await readAgain(key);
    await untilVisible(step);
  }

  /** AWS may answer for a moment what was before; writing it a second time would change nothing. */
  async function untilVisible(step: WriteStep): Promise<void> {
    for (let reads = 1; !failures.has(step.key); reads++) {
      const next = planNow(deps, goal, seen).find((one) => one.key === step.key);
      const stuck = unmoved(step, next);
      if (stuck === undefined) return;
      if (reads >= limits.readsOfOldValue) failures.set(step.key, stuck);
      else await pause(limits.oldValueMs);
      if (pass.signal.aborted) return;
      if (!failures.has(step.key)) await readAgain(step.key);
    }
  }

  const pause = (ms: number): Promise<void> => clock.sleep(ms, pass.signal).catch(() => {});

  async function waitFor(step: Extract<Step, { do: "wait" }>): Promise<void> {
    await pause(Math.min(step.retryMs, Math.max(1, until - clock.monotonic())));
    if (!pass.signal.aborted) await readAgain(step.key);
  }

  let wake: () => void = () => {};

  for (;;) {
    const steps = planNow(deps, goal, seen);
    const remaining = new Map(steps.map((step) => [step.key, step]));
    /** No event before everything stands: an event source takes nobody's word, only what was read. */
    const met = (need: Key, by: Key): boolean => {
      if (failures.has(need)) return false;
      const step = remaining.get(need);
      if (step === undefined || (step.do === "refuse" && !step.blocks)) return true;
      return updated.has(need) && !kindFor(deps.registry, by).eventSource;
    };
    const blocked = steps.some((step) => step.do === "refuse" && step.blocks);
    const startable = blocked || pass.signal.aborted ? [] : steps.filter((step) => mayStart(step));

    function mayStart(step: Step): boolean {
      const { key } = step;
      if (running.has(key) || failures.has(key)) return false;
      if (step.do === "wait") return step.on === key && clock.monotonic() < until;
      if (step.do !== "create" && step.do !== "update") return false;
      return (needsOf.get(key) ?? []).every((need) => met(need, key)) && deps.mayWrite();
    }

    for (const step of startable) {
      if (step.do === "wait") start(step.key, waitFor(step));
      if (step.do !== "create" && step.do !== "update") continue;
      if (writing >= limits.writesPerPass) continue;
      if ((writes.get(step.key) ?? 0) >= limits.writesPerKey) failures.set(step.key, neverDone(step));
      else start(step.key, write(step));
    }
    if (running.size === 0) return { steps: planNow(deps, goal, seen), failures, written };
    // Woken as well by an update that has returned and is only being read again.
    await new Promise<void>((resolve) => {
      wake = resolve;
      void Promise.race(running.values()).then(resolve);
    });
  }

  /** What a kind throws where only data was expected of it fails its key: nobody would catch it, and the daemon would end. */
  function start(key: Key, work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => void failures.set(key, asError(error)))
      .finally(() => running.delete(key));
    running.set(key, done);
  }
}

/** What to say where the planner asks for the very thing that was just written; undefined: it asks for no such thing. */
function unmoved(step: WriteStep, next: Step | undefined): Failure | undefined {
  if (step.do === "create") return next?.do === "create" ? notVisible(step.key) : undefined;
  const asked = next?.do === "update" ? next.changes : [];
  const stuck = asked.filter((change) => step.changes.some((one) => same(one, change)));
  return stuck.length > 0 ? doesNotStick(step.key, stuck) : undefined;
}

const describe = (changes: readonly Change[]): string =>
  changes.map((one) => `${one.path} is ${brief(one.have)}, wanted ${brief(one.want)}`).join("; ");

const notVisible = (key: Key): Failure =>
  new Failure(`${key} was created and is not visible yet`, {
    class: "conflict",
    code: "NotVisible",
    action: "create",
    resource: key,
  });

/** A person must look: it goes on being wrong, and writing it again and again would not help. */
const permanent = (key: Key, code: string, message: string): Failure =>
  new Failure(message, { class: "invalid", code, action: "update", resource: key });

const doesNotStick = (key: Key, changes: readonly Change[]): Failure =>
  permanent(
    key,
    "DoesNotStick",
    `${key}: ${describe(changes)}, though AWS accepted the write; if this endpoint cannot keep the field, name it in "ignore" or PIPEWRIGHT_IGNORE`,
  );

const neverDone = (step: WriteStep): Failure =>
  permanent(
    step.key,
    "NeverDone",
    step.do === "create"
      ? `${step.key} was created again and again and is still absent`
      : `${step.key}: ${describe(step.changes)} after several writes; something else seems to write it too`,
  );

const cannotUpdate = (step: Extract<Step, { do: "update" }>): Failure =>
  permanent(step.key, "CannotUpdate", `${step.key}: ${describe(step.changes)}; this kind cannot be changed`);
