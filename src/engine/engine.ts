/** The engine as the rest of the program sees it. */
import { type Desired, FOUNDATION, type Key } from "../core/resource.ts";
import { createBrake } from "./brake.ts";
import { type CleanUpOptions, type CleanUpReport, cleanUp } from "./clean-up.ts";
import { type Collected, collect, liveKeys, notCollected } from "./collector.ts";
import { type Controller, createController, type Mode } from "./controller.ts";
import { createElsewhere } from "./elsewhere.ts";
import { createEvents, type Listener } from "./events.ts";
import { createHistory, type HistoryEntry } from "./history.ts";
import { LIMITS, type Limits } from "./limits.ts";
import type { PassResult } from "./outcome.ts";
import { type EngineDeps, NO_FOLDER } from "./ports.ts";
import { isGood, type Preview, previewOf, type Report } from "./reports.ts";
import { resyncMs } from "./resync.ts";
import { settled } from "./settled.ts";
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
  plan(names?: readonly string[]): Promise<Preview>;
  /** One convergence without the daemon; takes nothing away. */
  apply(names?: readonly string[]): Promise<Report>;
  /** Converges resources that belong to no file, such as a single role. */
  applyDesired(desired: readonly Desired[]): Promise<PassResult>;
  /** Takes away what these workflows, or all, have in the account. */
  cleanUp(options: CleanUpOptions): Promise<CleanUpReport>;
  /** Workflows that were seen in this folder and have no file any more. */
  prunable(): Promise<readonly string[]>;
  /** A person says that what vanished from the folder is to go: takes it away. */
  prune(): Promise<Report>;
  /** Reads everything into the status; writes nothing, anywhere. */
  look(names?: readonly string[]): Promise<void>;
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

const NOTHING: Collected = { deleted: [], kept: [], open: [] };

export function createEngine(deps: EngineDeps): Engine {
  const bounds: Limits = { ...LIMITS, ...deps.limits };
  const { clock, lock, log } = deps;
  const folder = deps.folder ?? NO_FOLDER;
  const events = createEvents((error) => log.error({ error: String(error) }, "a listener failed"));
  const { tell } = events;
  const history = createHistory({ ...deps, limits: bounds, told: (entry) => tell({ type: "history", entry }) });
  const files = createWorkflowFiles({ ...deps, folder, halfWrittenMs: bounds.halfWrittenMs });
  const brake = createBrake({ ...deps, folder });
  /** In force at some time: the folder's marker is written a while after a file has come. */
  const inForceOnce = new Set<string>();
  /** What a file that is only bad now has set up stands as before. */
  const seenHere = async () =>
    new Set([...(await brake.seen()), ...inForceOnce]).difference(new Set(files.problems.map(nameOfFile)));
  const elsewhere = createElsewhere({ ...deps, seenHere });
  const abort = new AbortController();
  let stopping = false;
  /** Every workflow that was ever seen in the folder is there still. */
  let folderWhole = false;
  let collected = NOTHING;
  const gone = new Set<Key>();
  let collecting: Promise<void> = Promise.resolve();
  let cancelCollect: () => void = () => {};
  let cancelRescan: () => void = () => {};
  /** Reads of the folder, one after the other: a later one must not be overtaken by an earlier one. */
  let reading: Promise<void> = Promise.resolve();
  /** Tenures of the lease, one after the other. */
  let takingOver: Promise<void> = Promise.resolve();
  const doubts = new Map<string, () => void>();
  let current = controllerFor({ forever: true });

  const mayWrite = (): boolean => !stopping && (lock?.held ?? true);

  function controllerFor(mode: Mode): Controller {
    const signal = () => (lock ? AbortSignal.any([abort.signal, lock.signal]) : abort.signal);
    const folderComplete = () => files.complete && folderWhole;
    return createController(
      { ...deps, bounds, files, elsewhere, history, tell, signal, folderComplete, mayWrite: () => mayWrite() },
      mode,
    );
  }

  /** Ends the wait for the lease. */
  let giveUpWaiting: () => void = () => {};

  const dismantling = () => ({ ...deps, bounds, history, tell, mayWrite });

  function takeAway(controller: Controller): Promise<Collected> {
    const rescan = async (): Promise<void> => {
      await readFolder(() => files.scan());
      controller.filesRead(PRIORITY.resync);
    };
    return collect({ ...dismantling(), elsewhere, files, controller, brake, gone, rescan }).catch((error: unknown) => {
      log.warn({ error: String(error) }, "nothing could be taken away");
      return notCollected(error);
    });
  }

  function readFolder(read: () => Promise<unknown>): Promise<void> {
    reading = reading.then(read).then(
      () => {
        for (const name of files.inForce.keys()) inForceOnce.add(name);
      },
      (error: unknown) => log.error({ error: String(error) }, "the folder could not be read"),
    );
    return reading;
  }

  /** One look at the whole folder. `keepMarker`: as the daemon does, which may take things away. */
  async function scan(keepMarker: boolean): Promise<void> {
    await readFolder(() => files.scan());
    const present = [...files.inForce.keys()];
    if (!files.complete) folderWhole = false;
    else folderWhole = (await (keepMarker ? brake.look(present) : brake.peek(present))).vanished.length === 0;
  }

  function readOne(file: string, final: boolean): void {
    void readFolder(async () => {
      if (stopping) return;
      const good = await files.read(file, { final });
      // It may have been asked to stop meanwhile: nothing must be left that waits for its time.
      if (stopping) return;
      folderWhole = false;
      current.filesRead(PRIORITY.change);
      collectIn(bounds.quietMs);
      doubts.get(file)?.();
      doubts.delete(file);
      if (good) return;
      // What may only be half-written is looked at once more before anybody is told.
      if (final) log.warn({ file, problems: files.problems.filter((one) => one.file === file) }, "file is bad");
      else
        doubts.set(
          file,
          clock.after(bounds.halfWrittenMs, () => readOne(file, true)),
        );
    });
  }

  /** An event of the folder may be lost (a network mount, a folder put in the place of another): in time it is read anyway. */
  function rescanLater(): void {
    cancelRescan = clock.after(resyncMs(files.inForce.size, bounds), async () => {
      await readFolder(async () => {
        await files.scan();
        if (!stopping) current.filesRead(PRIORITY.resync);
      });
      if (!stopping) rescanLater();
    });
  }

  function collectIn(ms: number): void {
    cancelCollect();
    if (stopping) return;
    cancelCollect = clock.after(ms, () => {
      // One after the other: two at once would take away the same things, and each write the marker.
      collecting = collecting.then(collectNow);
    });
  }

  async function collectNow(): Promise<void> {
    if (!mayWrite()) return collectIn(bounds.collectMs);
    const before = folderWhole;
    collected = await takeAway(current);
    if (stopping) return;
    folderWhole = files.complete && brake.verdict?.vanished.length === 0;
    if (folderWhole && !before) current.reconcileNow(FOUNDATION);
    if (collected.deleted.length > 0) current.retryRefused();
    tell({ type: "status-changed" });
    collectIn(collected.open.length > 0 || collected.deleted.length > 0 ? bounds.busyMs : bounds.collectMs);
  }

  function begin(mode: Mode, priority: Priority): Controller {
    current = controllerFor(mode);
    current.filesRead(priority);
    return current;
  }

  const end = (controller: Controller): Promise<boolean> =>
    settled({ clock, controller, events, bounds, stopping: () => stopping });

  async function converged(mode: Mode, prunes: boolean): Promise<Report> {
    await locked();
    await scan(prunes);
    const controller = begin(mode, PRIORITY.change);
    let gaveUp = !(await end(controller));
    collected = NOTHING;
    let lastProgress = clock.monotonic();
    while (prunes && !gaveUp && !stopping) {
      const round = await takeAway(controller);
      collected = { ...round, deleted: [...collected.deleted, ...round.deleted] };
      if (round.deleted.length > 0) {
        lastProgress = clock.monotonic();
        folderWhole = files.complete && brake.verdict?.vanished.length === 0;
        controller.retryRefused();
        if (files.inForce.size > 0) controller.reconcileNow(FOUNDATION);
        gaveUp = !(await end(controller));
      } else if (round.open.length === 0) break;
      else {
        gaveUp = clock.monotonic() - lastProgress >= bounds.onceIdleMs;
        for (const one of round.open) tell({ type: "waiting", ...one });
        await clock.sleep(bounds.busyMs, abort.signal).catch(() => {});
      }
    }
    await controller.drain();
    await finish();
    const status = board.status();
    const ok =
      !gaveUp && collected.open.length === 0 && isGood(status, mode.only) && !(prunes && files.why !== undefined);
    return { ok, gaveUp, status, collected };
  }

  async function look(names?: readonly string[]): Promise<void> {
    await scan(false);
    current = controllerFor({ forever: false, ...(names ? { only: new Set(names) } : {}) });
    await current.look();
  }

  async function act(): Promise<void> {
    if (stopping) return;
    await scan(true);
    if (!mayWrite()) return;
    begin({ forever: true }, PRIORITY.resync);
    collectIn(bounds.quietMs);
    cancelRescan();
    rescanLater();
  }

  /** Passes of before would write beside the new ones, by what they read before: they end first. */
  function actAgain(): void {
    takingOver = takingOver.then(() => current.drain()).then(act);
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
      if (stopping) resolve();
    });
    if (stopping) throw new Error(`stopped before anything was written: ${why}`);
  }

  const board = createStatusBoard({
    ...deps,
    files,
    brake,
    controller: () => current,
    folderPath: deps.folder?.path,
    collected: () => collected,
    stopping: () => stopping,
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
      if (!lock.held && !stopping) await scan(false);
    },
    async stop({ graceMs = 30_000 } = {}) {
      stopping = true;
      giveUpWaiting();
      cancelCollect();
      cancelRescan();
      for (const cancel of doubts.values()) cancel();
      let cancelGrace: () => void = () => {};
      const graceOver = new Promise<void>((resolve) => {
        cancelGrace = clock.after(graceMs, () => {
          abort.abort(new Error("stopped"));
          resolve();
        });
      });
      // What does not even end when it is told to is left behind: it is the same as being killed, and as harmless.
      await Promise.race([Promise.all([current.drain(), reading, collecting]), graceOver]);
      cancelGrace();
      await finish();
    },
    changed: (file) => readOne(file, false),
    once: () => converged({ forever: false }, true),
    apply: (names) => converged({ forever: false, ...(names ? { only: new Set(names) } : {}) }, false),
    async plan(names) {
      await look(names);
      return previewOf(current, files, names);
    },
    look,
    async desired() {
      await readFolder(() => files.scan());
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
      await readFolder(() => files.scan());
      current.foundation.keepOnly(files.inForce);
      const standing = new Map(files.problems.map((problem) => [nameOfFile(problem), problem.file]));
      for (const [name, head] of files.inForce) standing.set(name, head.file);
      const live = liveKeys(current, files);
      const usedElsewhere = (going: ReadonlySet<string>) => elsewhere.uses(files.inForce, going);
      const report = await cleanUp(
        { ...dismantling(), newPass: current.newPass, standing, live, usedElsewhere },
        options,
      );
      await finish();
      return report;
    },
    async prunable() {
      await readFolder(() => files.scan());
      return files.complete ? (await brake.peek([...files.inForce.keys()])).vanished : [];
    },
    async prune() {
      await locked();
      await readFolder(() => files.scan());
      current.foundation.keepOnly(files.inForce);
      const names = files.complete ? await brake.confirm([...files.inForce.keys()]) : [];
      collected = NOTHING;
      const until = clock.monotonic() + bounds.cleanUpPatienceMs;
      while (names.length > 0) {
        const round = await takeAway(current);
        collected = { ...round, deleted: [...collected.deleted, ...round.deleted] };
        for (const one of round.open) tell({ type: "waiting", ...one });
        if (round.open.length === 0 || clock.monotonic() >= until) break;
        await clock.sleep(bounds.busyMs);
      }
      await finish();
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

/** The name of its workflow, unless it says another. */
const nameOfFile = ({ file }: { readonly file: string }): string =>
  file.slice(file.lastIndexOf("/") + 1).replace(/\.json$/, "");
