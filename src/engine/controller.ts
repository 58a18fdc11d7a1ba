/**
 * The loop: names of files come in, workflows go through the queue, results decide when they come back. What a pass does
 * is the reconciler's business, what a file says the catalog's.
 */
import { backoffMs } from "../core/backoff.ts";
import { Failure } from "../core/failure.ts";
import { FOUNDATION, type Pass } from "../core/resource.ts";
import { concurrently } from "./concurrently.ts";
import { createDriftBook, type DriftBook } from "./drift.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { Tell } from "./events.ts";
import { createFoundation, type Foundation } from "./foundation.ts";
import type { History } from "./history.ts";
import type { Limits } from "./limits.ts";
import type { PassResult } from "./outcome.ts";
import { createOwnWrites } from "./own-writes.ts";
import { carryOut, look, type PassDeps, resultOf, type Target } from "./pass.ts";
import type { EngineDeps } from "./ports.ts";
import { createReconciler, type Reconciler } from "./reconciler.ts";
import { nextResyncMs, resyncMs } from "./resync.ts";
import { createWorkQueue, PRIORITY, type Priority, type QueueWatcher, type WorkQueue } from "./work-queue.ts";
import type { WorkflowFiles } from "./workflow-files.ts";

export interface ControllerDeps extends EngineDeps {
  readonly bounds: Limits;
  readonly files: WorkflowFiles;
  readonly elsewhere: Elsewhere;
  readonly history: History;
  readonly tell: Tell;
  /** Aborted when running steps are to be given up. */
  signal(): AbortSignal;
  /** Every workflow that this folder ever held is known to be in it still. */
  folderComplete(): boolean;
  /** The id of the folder; empty: it has none. Absent: whose a workflow is, is not asked. */
  folderId(mode: Mode): string | undefined;
  /** False once the engine stops, or while another daemon acts. */
  mayWrite(): boolean;
}

/** What is known of one item of the queue. */
export interface ItemRecord {
  result: PassResult | undefined;
  /** The version of the file that the result speaks of. */
  resultOf: string | undefined;
  /** Failures in a row. */
  attempts: number;
  /** Milliseconds since the epoch of the end of the last pass. */
  endedAt: number | undefined;
}

export interface Mode {
  /** Come back for each resync, as a daemon does; otherwise only until all is settled. */
  readonly forever: boolean;
}

export interface Controller {
  readonly queue: WorkQueue;
  readonly foundation: Foundation;
  readonly reconciler: Reconciler;
  readonly drift: DriftBook;
  record(name: string): ItemRecord;
  /** The folder was read: what is new or changed is queued, what is gone is forgotten. */
  filesRead(priority: Priority): void;
  reconcileNow(name: string): void;
  /** Looks at all that is asked for and at the foundation; writes nothing, and leaves what it saw as the last result. */
  look(): Promise<void>;
  /** Something of the account changed that refused workflows may have waited for. */
  retryRefused(): void;
  /** All workflows and the foundation have come to an end, good or bad. */
  readonly settled: boolean;
  /** Converges resources of no file, now and outside the queue. */
  converge(target: Target): Promise<PassResult>;
  newPass(): Pass;
  drain(): Promise<void>;
  /** Starts nothing more. */
  pause(): void;
}

/** Failed passes after which the foundation waits no longer for a workflow's verdict. */
const LOOKS = 3;

export function createController(deps: ControllerDeps, mode: Mode): Controller {
  const { bounds, clock, files, history, random, registry, tell } = deps;
  const ownWrites = createOwnWrites({ clock, registry });
  const drift = createDriftBook({ clock, history });
  const foundation = createFoundation(deps);
  const records = new Map<string, ItemRecord>();
  /** Versions that were queued, so that an unchanged file is not queued again. */
  const queued = new Map<string, string>();
  /** Workflows that wait for the end of the foundation's next run. */
  let awaiting: (() => void)[] = [];
  let closed = false;
  let passes = 0;

  function newPass(): Pass {
    const folder = deps.folderId(mode);
    return {
      id: `${Math.floor(random() * 36 ** 4).toString(36)}-${++passes}`,
      owner: deps.owner,
      account: deps.account,
      signal: deps.signal(),
      fresh: false,
      mayLoseData: false,
      ...(folder === undefined ? {} : { folder }),
    };
  }

  const passDeps: PassDeps = { ...deps, limits: bounds, ownWrites, drift };
  const reconciler = createReconciler({
    ...deps,
    ...passDeps,
    foundation,
    newPass,
    foundationStands,
  });

  const watcher: QueueWatcher = {
    added: (item) => tell({ type: "queue-added", item }),
    retried: (item) => tell({ type: "queue-retried", item }),
    started: (item, queuedMs) => tell({ type: "queue-started", item, queuedMs }),
    finished: (item, workedMs) => tell({ type: "queue-finished", item, workedMs }),
  };
  const queue = createWorkQueue({ clock, concurrency: bounds.passes, run: runWorkflow, watcher });
  /** A lane of its own: workflows wait for the foundation, so it must never wait for them. */
  const lane = createWorkQueue({ clock, concurrency: 1, run: runFoundation, watcher });

  const record = (name: string): ItemRecord => {
    const known = records.get(name) ?? { result: undefined, resultOf: undefined, attempts: 0, endedAt: undefined };
    records.set(name, known);
    return known;
  };

  async function runWorkflow(name: string): Promise<void> {
    const head = files.inForce.get(name);
    if (!head) return;
    const result = await timed(name, () => reconciler.workflow(head));
    if (files.inForce.get(name) === undefined) return;
    note(name, head.hash, result);
    comeBack(name, result);
    if (!foundation.standing && foundation.writable && !foundation.failing) lane.add(FOUNDATION);
  }

  async function runFoundation(): Promise<void> {
    if (foundation.desired().length === 0) return;
    const stood = foundation.standing;
    const result = await timed(FOUNDATION, () => reconciler.foundation());
    note(FOUNDATION, "", result);
    const waiting = result.outcome.is === "waiting" && !foundation.writable;
    if (!waiting) comeBack(FOUNDATION, result);
    release();
    if (!stood && foundation.standing) wakeWaiting();
  }

  async function timed(name: string, work: () => Promise<PassResult>): Promise<PassResult> {
    const started = clock.monotonic();
    tell({ type: "pass-started", workflow: name });
    const result = await work();
    const workedMs = clock.monotonic() - started;
    tell({ type: "pass-done", workflow: name, outcome: result.outcome, workedMs });
    deps.log.debug({ workflow: name, pass: result.pass, outcome: result.outcome.is, workedMs }, "pass done");
    return result;
  }

  function note(name: string, hash: string, result: PassResult): void {
    const one = record(name);
    one.result = result;
    one.resultOf = hash;
    one.attempts = result.outcome.is === "failed" ? one.attempts + 1 : 0;
    one.endedAt = clock.now();
    if (result.outcome.is === "failed") {
      const { reason, retry, why } = result.outcome;
      // What cannot be looked at must not hold up the others for good.
      if ((!retry || one.attempts >= LOOKS) && !foundation.isJudged(name)) foundation.judge(name, "silent");
      // What a stop cut short is no trouble: the next start reads everything again.
      if (!closed)
        deps.log.warn({ workflow: name, pass: result.pass, reason, why, attempts: one.attempts }, "pass failed");
    }
    tell({ type: "status-changed" });
  }

  /** When the item's turn comes again, with nothing else asking for it. */
  function comeBack(name: string, result: PassResult): void {
    const target = name === FOUNDATION ? lane : queue;
    const { outcome } = result;
    if (outcome.is === "waiting" && outcome.on !== FOUNDATION) {
      target.add(name, { delayMs: outcome.retryMs, priority: PRIORITY.retry });
    } else if (outcome.is === "failed" && outcome.retry) {
      const asked = [...result.failures.values()].map((one) => (one instanceof Failure ? (one.retryAfterMs ?? 0) : 0));
      const delayMs = Math.max(backoffMs(record(name).attempts, random()), ...asked);
      target.add(name, { delayMs, priority: PRIORITY.retry });
    } else if (mode.forever) {
      target.add(name, { delayMs: untilResync(name), priority: PRIORITY.resync });
    }
  }

  function untilResync(name: string): number {
    const names = [...files.inForce.keys()];
    const intervalMs = resyncMs(names.length, bounds);
    const index = Math.max(0, names.indexOf(name));
    return nextResyncMs({ index, count: names.length, nowMs: clock.monotonic(), random: random(), intervalMs });
  }

  function wakeWaiting(): void {
    for (const [name, { result }] of records) {
      const waits = result?.outcome.is === "waiting" && result.outcome.on === FOUNDATION;
      if (waits) queue.add(name, { priority: PRIORITY.retry });
    }
  }

  async function foundationStands(): Promise<boolean> {
    // A run that is under way may have begun before this workflow was admitted; then the next one answers.
    for (let runs = 0; runs < 2 && !foundation.standing; runs++) {
      if (closed || !foundation.writable || foundation.failing) return false;
      const finished = new Promise<void>((resolve) => awaiting.push(resolve));
      lane.add(FOUNDATION);
      await finished;
    }
    return foundation.standing;
  }

  function release(): void {
    const released = awaiting;
    awaiting = [];
    for (const resolve of released) resolve();
  }

  return {
    queue,
    foundation,
    reconciler,
    drift,
    record,
    newPass,
    filesRead(priority) {
      const { inForce } = files;
      foundation.keepOnly(inForce);
      for (const name of queued.keys()) {
        if (inForce.has(name)) continue;
        queue.forget(name);
        queued.delete(name);
        records.delete(name);
        drift.forget(name);
      }
      for (const [name, head] of inForce) {
        if (queued.get(name) === head.hash + head.file) continue;
        queued.set(name, head.hash + head.file);
        record(name).attempts = 0;
        queue.add(name, { priority });
      }
      if (!foundation.standing) lane.add(FOUNDATION, { priority });
      tell({ type: "status-changed" });
    },
    reconcileNow(name) {
      (name === FOUNDATION ? lane : queue).add(name);
    },
    async look() {
      foundation.keepOnly(files.inForce);
      const keep = (name: string, resultOf: string, result: PassResult): void => {
        Object.assign(record(name), { result, resultOf, endedAt: clock.now() });
      };
      const heads = [...files.inForce.values()];
      let looked = 0;
      await Promise.all([
        foundation.desired().length > 0
          ? reconciler.previewFoundation().then((result) => {
              keep(FOUNDATION, "", result);
              foundation.looked(result);
            })
          : undefined,
        concurrently(heads, bounds.passes, async (head) => {
          keep(head.name, head.hash, await reconciler.preview(head));
          looked += 1;
          tell({ type: "progress", workflow: head.name, what: `${looked} of ${heads.length} workflows read` });
        }),
      ]);
    },
    retryRefused() {
      for (const [name, { result }] of records) {
        if (result?.outcome.is === "refused" && name !== FOUNDATION) queue.add(name, { priority: PRIORITY.retry });
      }
    },
    get settled() {
      if (queue.running.length + lane.running.length + queue.depth + lane.depth > 0) return false;
      const base = record(FOUNDATION).result?.outcome;
      const hopeless = base?.is === "refused" || (base?.is === "failed" && !base.retry);
      const all = [...files.inForce.values()].every((head) => {
        const { result, resultOf } = record(head.name);
        if (!result || resultOf !== head.hash) return false;
        const { outcome } = result;
        if (outcome.is === "waiting") return outcome.on === FOUNDATION && hopeless;
        return !(outcome.is === "failed" && outcome.retry);
      });
      if (!all) return false;
      return foundation.desired().length === 0 || foundation.standing || hopeless || !foundation.writable;
    },
    async converge(target) {
      const pass = newPass();
      await history.load(target.name);
      const first = await look(passDeps, target, pass);
      const result = resultOf(first, pass);
      return first.steps.some((step) => step.do !== "refuse") && result.outcome.is !== "refused"
        ? carryOut(passDeps, target, first, pass)
        : result;
    },
    async drain() {
      closed = true;
      release();
      await Promise.all([queue.drain(), lane.drain()]);
    },
    pause() {
      queue.pause();
      lane.pause();
    },
  };
}
