/** The engine as the rest of the program sees it. */
import { type Desired, FOUNDATION } from "../core/resource.ts";
import { createBrake } from "./brake.ts";
import { type CleanUpOptions, type CleanUpReport, cleanUp } from "./clean-up.ts";
import { createCollecting } from "./collecting.ts";
import { liveKeys } from "./collector.ts";
import { type Controller, createController, type Mode } from "./controller.ts";
import { createElsewhere } from "./elsewhere.ts";
import { createEvents, type Listener } from "./events.ts";
import { createFolderLog } from "./folder-log.ts";
import { createFolderReading, nameOfFile } from "./folder-reading.ts";
import { createHistory, type HistoryEntry } from "./history.ts";
import { LIMITS, type Limits } from "./limits.ts";
import type { PassResult } from "./outcome.ts";
import { type EngineDeps, NO_FOLDER } from "./ports.ts";
import { isGood, type Preview, previewOf, type Report } from "./reports.ts";
import { untilNothingIsOpen, untilSettled } from "./rounds.ts";
import type { DaemonStatus } from "./status.ts";
import { createStatusBoard } from "./status-board.ts";
import { PRIORITY, type Priority } from "./work-queue.ts";
import { createWorkflowFiles } from "./workflow-files.ts";

export type { CleanUpOptions, CleanUpReport } from "./clean-up.ts";
export type { EngineEvent } from "./events.ts";
export type { PlannedWorkflow, Preview, Report } from "./reports.ts";

export interface Engine {
  /** The daemon: reads the folder, converges everything, and keeps it so until `stop`. */
  start(): Promise<void>;
  /**
   * Takes in nothing more, lets running steps end, and gives the rest up after the grace.
   * @param options.graceMs milliseconds; @default 30,000
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  /** A file came, changed or went. Only its name matters; it is read again. */
  changed(file: string): void;
  /** Everything of the folder, what is gone from it too, until nothing remains to be done or nothing moves any more. */
  once(): Promise<Report>;
  /** What would be done. Writes nothing, anywhere. */
  plan(): Promise<Preview>;
  /** One convergence without the daemon; takes nothing away. */
  apply(): Promise<Report>;
  /** Converges resources that belong to no file, such as a single role. */
  applyDesired(desired: readonly Desired[]): Promise<PassResult>;
  /** Takes away what these workflows, or all, have in the account. */
  cleanUp(options: CleanUpOptions): Promise<CleanUpReport>;
  /** Workflows that were seen in this folder and have no file any more. */
  prunable(): Promise<readonly string[]>;
  /** A person says that what vanished from the folder is to go: takes it away. */
  prune(): Promise<Report>;
  /** Reads everything into the status; writes nothing, anywhere. */
  look(): Promise<void>;
  /** What each workflow in force asks for; the foundation's under its own name. */
  desired(): Promise<ReadonlyMap<string, readonly Desired[]>>;
  /** A pass soon, whatever the clock says. */
  reconcileNow(name: string): void;
  status(): DaemonStatus;
  /** Oldest first. */
  history(name: string): Promise<readonly HistoryEntry[]>;
  /** The answer takes the listener off again. */
  subscribe(listener: Listener): () => void;
  /** For metrics: names waiting to run now, and the longest run, in milliseconds. */
  readonly queue: { readonly depth: number; readonly longestRunningMs: number };
}

export function createEngine(deps: EngineDeps): Engine {
  const bounds: Limits = { ...LIMITS, ...deps.limits };
  const { clock, lock, log } = deps;
  const folder = deps.folder ?? NO_FOLDER;
  const events = createEvents((error) => log.error({ error: String(error) }, "a listener failed"));
  const { tell } = events;
  const history = createHistory({ ...deps, limits: bounds, told: (entry) => tell({ type: "history", entry }) });
  const files = createWorkflowFiles({ ...deps, folder, halfWrittenMs: bounds.halfWrittenMs });
  const told = createFolderLog(log);
  const brake = createBrake({ ...deps, folder, told });
  const abort = new AbortController();
  /** Aborts as soon as the engine is to stop; `abort` when its grace is over. */
  const asked = new AbortController();
  /** Tenures of the lease, one after the other. */
  let takingOver: Promise<void> = Promise.resolve();
  /** Ends the wait for the lease. */
  let giveUpWaiting: () => void = () => {};

  const mayWrite = (): boolean => !asked.signal.aborted && (lock?.held ?? true);
  const common = {
    ...deps,
    bounds,
    files,
    brake,
    told,
    history,
    events,
    tell,
    mayWrite,
    stopping: () => asked.signal.aborted,
    asked: asked.signal,
  };

  const reading = createFolderReading({
    ...common,
    wasRead(priority) {
      current.filesRead(priority);
      if (priority === PRIORITY.change) collecting.within(bounds.quietMs);
    },
  });
  const elsewhere = createElsewhere({
    ...common,
    seenHere: async () => (await reading.seenHere()).difference(current.foundation.elsewhere),
  });
  const collecting = createCollecting({
    ...common,
    collector: () => ({ ...common, elsewhere, controller: current, rescan, went: reading.went }),
    ended({ deleted }) {
      const before = reading.whole;
      reading.judged();
      if (reading.whole && !before) current.reconcileNow(FOUNDATION);
      if (deleted.length > 0) current.retryRefused();
    },
  });
  let current = controllerFor({ forever: true });

  function controllerFor(mode: Mode): Controller {
    const signal = () => (lock ? AbortSignal.any([abort.signal, lock.signal]) : abort.signal);
    const folderComplete = () => files.complete && reading.whole;
    return createController({ ...common, elsewhere, signal, folderComplete, folderId }, mode);
  }

  /** Of daemons with a lease only one acts, whichever folder it watches. A command may act for a folder that nobody watches. */
  function folderId({ forever }: Mode): string | undefined {
    const getsId = forever && !brake.readOnly;
    return lock ? undefined : (brake.id ?? (getsId ? "" : undefined));
  }

  async function rescan(): Promise<void> {
    await reading.all();
    current.filesRead(PRIORITY.resync);
  }

  function begin(mode: Mode, priority: Priority): Controller {
    current = controllerFor(mode);
    current.filesRead(priority);
    return current;
  }

  async function converged(prunes: boolean): Promise<Report> {
    await locked();
    await reading.look(prunes);
    const controller = begin({ forever: false }, PRIORITY.change);
    const gaveUp = !(await untilSettled({ ...common, controller, collecting, reading, prunes }));
    await controller.drain();
    await finish();
    const status = board.status();
    const { collected } = collecting;
    const ok = !gaveUp && collected.open.length === 0 && isGood(status) && files.why === undefined;
    return { ok, gaveUp, status, collected };
  }

  async function look(): Promise<void> {
    await reading.look(false);
    current = controllerFor({ forever: false });
    await current.look();
  }

  async function act(): Promise<void> {
    if (asked.signal.aborted) return;
    if (!lock) brake.watched();
    await reading.look(true);
    if (!mayWrite()) return;
    begin({ forever: true }, PRIORITY.resync);
    collecting.within(bounds.quietMs);
    reading.repeat();
  }

  /** Passes of before would write beside the new ones, by what they read before: they end first. */
  function actAgain(): void {
    takingOver = takingOver
      .then(() => current.drain())
      .then(act)
      .catch((error: unknown) => log.error({ error: String(error) }, "the take-over failed"));
  }

  async function finish(): Promise<void> {
    await history.flush();
    await lock?.stop();
  }

  /** Commands that write wait until they are the one that acts. */
  async function locked(): Promise<void> {
    if (!lock) return;
    await lock.start();
    if (lock.held) return;
    const why = "another daemon holds the lease";
    tell({ type: "waiting", workflow: FOUNDATION, why });
    await new Promise<void>((resolve) => {
      giveUpWaiting = resolve;
      lock.onChange((held) => held && resolve());
      if (asked.signal.aborted) resolve();
    });
    if (asked.signal.aborted) throw new Error(`stopped before anything was written: ${why}`);
  }

  const board = createStatusBoard({
    ...common,
    controller: () => current,
    folderPath: deps.folder?.path,
    collected: () => collecting.collected,
  });

  return {
    async start() {
      if (!lock) return act();
      current.pause();
      lock.onChange((held) => {
        log.info({ held }, "lease");
        // Who takes over knows nothing; who lost it must not go on.
        if (held) actAgain();
        else current.pause();
        tell({ type: "status-changed" });
      });
      await lock.start();
      // Who watches tells at least which workflows there are.
      if (!lock.held && !asked.signal.aborted) await reading.look(false);
    },
    async stop({ graceMs = 30_000 } = {}) {
      asked.abort(new Error("stopped"));
      giveUpWaiting();
      const idle = [reading.stop(), collecting.stop()];
      let cancelGrace: () => void = () => {};
      const graceOver = new Promise<void>((resolve) => {
        cancelGrace = clock.after(graceMs, () => {
          abort.abort(new Error("stopped"));
          resolve();
        });
      });
      // What does not even end when it is told to is left behind: it is the same as being killed, and as harmless.
      await Promise.race([Promise.all([current.drain(), ...idle]), graceOver]);
      cancelGrace();
      await finish();
    },
    changed: reading.changed,
    once: () => converged(true),
    apply: () => converged(false),
    async plan() {
      await look();
      return previewOf(current, files);
    },
    look,
    async desired() {
      await reading.all();
      current.foundation.keepOnly(files.inForce);
      const workflows = [...files.inForce.values()].map(
        (head) => [head.name, current.reconciler.desiredOf(head)] as const,
      );
      return new Map([...workflows, [FOUNDATION, current.foundation.desired()]]);
    },
    async applyDesired(desired) {
      await locked();
      const result = await current.converge({ name: FOUNDATION, desired, ignore: deps.ignore });
      await finish();
      return result;
    },
    async cleanUp(options) {
      await locked();
      await reading.all();
      current.foundation.keepOnly(files.inForce);
      const standing = new Map(files.problems.map(({ file }) => [nameOfFile(file), file]));
      for (const [name, head] of files.inForce) standing.set(name, head.file);
      const live = liveKeys(current, files);
      const usedElsewhere = (going: ReadonlySet<string>) => elsewhere.uses(files.inForce, going);
      const report = await cleanUp({ ...common, newPass: current.newPass, standing, live, usedElsewhere }, options);
      const open = new Set([...standing.keys(), ...report.failed.map(({ workflow }) => workflow)]);
      const names = options.names === "all" ? [...(await brake.seen())] : options.names;
      await brake.forget(names.filter((name) => !open.has(name)));
      await finish();
      return report;
    },
    async prunable() {
      await reading.all();
      return files.complete ? (await brake.peek([...files.inForce.keys()])).vanished : [];
    },
    async prune() {
      await locked();
      await reading.all();
      current.foundation.keepOnly(files.inForce);
      const names = files.complete ? await brake.confirm([...files.inForce.keys()]) : [];
      if (names.length > 0) await untilNothingIsOpen({ ...common, collecting });
      await finish();
      const { collected } = collecting;
      return { ok: files.complete && collected.open.length === 0, gaveUp: false, status: board.status(), collected };
    },
    reconcileNow: (name) => current.reconcileNow(name),
    status: () => board.status(),
    async history(name) {
      await history.load(name);
      return history.entries(name);
    },
    subscribe: events.subscribe,
    get queue() {
      const { depth, longestRunningMs } = current.queue;
      return { depth, longestRunningMs };
    },
  };
}
