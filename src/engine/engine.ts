/** The engine as the rest of the program sees it. */
import type { Step } from "../core/plan.ts";
import { type Desired, FOUNDATION } from "../core/resource.ts";
import type { Problem } from "../workflow/problem.ts";
import { type Controller, createController, type Mode } from "./controller.ts";
import { createEvents, type EngineEvent } from "./events.ts";
import { createHistory, type History, type HistoryEntry } from "./history.ts";
import { LIMITS, type Limits } from "./limits.ts";
import type { Outcome, PassResult } from "./outcome.ts";
import type { EngineDeps, Folder, Head } from "./ports.ts";
import type { DaemonStatus } from "./status.ts";
import { createStatusBoard, type StatusBoard } from "./status-board.ts";
import { PRIORITY } from "./work-queue.ts";
import { createWorkflowFiles, type FileProblem, type WorkflowFiles } from "./workflow-files.ts";

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
  /** Everything of the folder, until nothing remains to be done or nothing moves any more. */
  once(): Promise<Report>;
  /** What would be done. Writes nothing, anywhere. */
  plan(names?: readonly string[]): Promise<Preview>;
  /** One convergence without the daemon; prunes nothing. */
  apply(names?: readonly string[]): Promise<Report>;
  /** Converges resources that belong to no file, such as a single role. */
  applyDesired(desired: readonly Desired[]): Promise<PassResult>;
  /** A pass soon, whatever the clock says. */
  reconcileNow(name: string): void;
  status(): DaemonStatus;
  /** Oldest first. */
  history(name: string): Promise<readonly HistoryEntry[]>;
  /** The answer takes the listener off again. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
  /** For metrics: names waiting to run now, and the longest run, in milliseconds. */
  readonly queue: { readonly depth: number; readonly longestRunningMs: number };
}

export interface Report {
  /** Everything stands as declared; nothing is refused, incomplete or bad. */
  readonly ok: boolean;
  /** Gave up because nothing moved any more. */
  readonly gaveUp: boolean;
  readonly status: DaemonStatus;
}

export interface PlannedWorkflow {
  /** `@foundation` for the shared part. */
  readonly name: string;
  readonly file?: string;
  readonly outcome: Outcome;
  readonly steps: readonly Step[];
}

export interface Preview {
  readonly workflows: readonly PlannedWorkflow[];
  readonly problems: readonly FileProblem[];
  /** Names that were asked for and that no good file has. */
  readonly unknown: readonly string[];
  readonly folderProblem?: string;
}

const NO_FOLDER: Folder = {
  path: "",
  list: async () => ({ files: [], complete: false, why: "no folder" }),
  read: async () => undefined,
  algorithm: () => undefined,
  readMarker: async () => undefined,
  writeMarker: async () => {},
};

export function createEngine(deps: EngineDeps): Engine {
  const bounds: Limits = { ...LIMITS, ...deps.limits };
  const { clock, log } = deps;
  const folder = deps.folder ?? NO_FOLDER;
  const events = createEvents((error) => log.error({ error: String(error) }, "a listener failed"));
  const { tell } = events;
  const history: History = createHistory({
    ...deps,
    limits: bounds,
    told: (entry) => tell({ type: "history", entry }),
  });
  const files: WorkflowFiles = createWorkflowFiles({ ...deps, folder, halfWrittenMs: bounds.halfWrittenMs });
  const abort = new AbortController();
  let stopping = false;
  let current: Controller = controllerFor({ forever: true });
  let board: StatusBoard = boardFor(current);
  /** Reads of the folder, one after the other: a later one must not be overtaken by an earlier one. */
  let reading: Promise<void> = Promise.resolve();
  const doubts = new Map<string, () => void>();

  function controllerFor(mode: Mode): Controller {
    const mayWrite = () => !stopping && (deps.lock?.held ?? true);
    return createController({ ...deps, bounds, files, history, tell, signal: abort.signal, mayWrite }, mode);
  }

  function boardFor(controller: Controller): StatusBoard {
    return createStatusBoard({ ...deps, files, controller, folderPath: deps.folder?.path, stopping: () => stopping });
  }

  function use(mode: Mode): Controller {
    current = controllerFor(mode);
    board = boardFor(current);
    return current;
  }

  const readFolder = (read: () => Promise<unknown>): Promise<void> => {
    reading = reading.then(read).then(
      () => {},
      (error: unknown) => log.error({ error: String(error) }, "the folder could not be read"),
    );
    return reading;
  };

  function changed(file: string): void {
    if (stopping) return;
    void readFolder(async () => {
      const good = await files.read(file);
      current.filesRead(PRIORITY.change);
      doubts.get(file)?.();
      doubts.delete(file);
      // What may only be half-written is looked at once more before anybody is told.
      if (!good)
        doubts.set(
          file,
          clock.after(bounds.halfWrittenMs, () => changedFinally(file)),
        );
    });
  }

  function changedFinally(file: string): void {
    doubts.delete(file);
    void readFolder(async () => {
      if (!(await files.read(file, { final: true }))) log.warn({ file }, "file is bad");
      current.filesRead(PRIORITY.change);
    });
  }

  /** Runs until all is settled, or nothing has moved for a long time. */
  async function untilSettled(mode: Mode): Promise<Report> {
    await readFolder(() => files.scan());
    const controller = use(mode);
    let lastProgress = clock.monotonic();
    let gaveUp = false;
    const settled = new Promise<void>((resolve) => {
      const check = (): void => {
        gaveUp = clock.monotonic() - lastProgress >= bounds.onceIdleMs;
        if (!controller.settled && !gaveUp && !stopping) return;
        unsubscribe();
        cancel();
        resolve();
      };
      const watch = (): void => {
        cancel = clock.after(bounds.onceIdleMs / 100, () => {
          watch();
          check();
        });
      };
      let cancel: () => void = () => {};
      const unsubscribe = events.subscribe((event) => {
        if (event.type === "step-done") lastProgress = clock.monotonic();
        if (event.type === "queue-finished") check();
      });
      watch();
      controller.filesRead(PRIORITY.change);
      check();
    });
    await settled;
    await controller.drain();
    await history.flush();
    const status = board.status();
    return { ok: !gaveUp && isGood(status, mode), gaveUp, status };
  }

  return {
    async start() {
      use({ forever: true });
      await readFolder(() => files.scan());
      current.filesRead(PRIORITY.resync);
    },
    async stop({ graceMs = 30_000 } = {}) {
      stopping = true;
      for (const cancel of doubts.values()) cancel();
      const cancel = clock.after(graceMs, () => abort.abort(new Error("stopped")));
      await Promise.all([current.drain(), reading]);
      cancel();
      await history.flush();
    },
    changed,
    once: () => untilSettled({ forever: false }),
    apply: (names) => untilSettled({ forever: false, ...(names ? { only: new Set(names) } : {}) }),
    async plan(names) {
      await readFolder(() => files.scan());
      const controller = use({ forever: false, ...(names ? { only: new Set(names) } : {}) });
      return preview(controller, files, names);
    },
    async applyDesired(desired) {
      const controller = use({ forever: false });
      const result = await controller.converge({ name: FOUNDATION, desired, ignore: deps.ignore });
      await history.flush();
      return result;
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

async function preview(
  controller: Controller,
  files: WorkflowFiles,
  names: readonly string[] | undefined,
): Promise<Preview> {
  const { reconciler, foundation } = controller;
  foundation.keepOnly(files.inForce);
  const heads = [...files.inForce.values()].filter((head) => names?.includes(head.name) ?? true);
  const planned = async (head: Head): Promise<PlannedWorkflow> => {
    const { outcome, steps } = await reconciler.preview(head);
    return { name: head.name, file: head.file, outcome, steps };
  };
  const shared = async (): Promise<PlannedWorkflow[]> => {
    if (foundation.desired().length === 0) return [];
    const { outcome, steps } = await reconciler.previewFoundation();
    return [{ name: FOUNDATION, outcome, steps }];
  };
  const [base, ...rest] = await Promise.all([shared(), ...heads.map(planned)]);
  return {
    workflows: [...base, ...rest],
    problems: files.problems,
    unknown: (names ?? []).filter((name) => !files.inForce.has(name)),
    ...(files.why === undefined ? {} : { folderProblem: files.why }),
  };
}

function isGood(status: DaemonStatus, mode: Mode): boolean {
  const asked = status.workflows.filter((one) => mode.only?.has(one.name) ?? true);
  const missing = [...(mode.only ?? [])].some((name) => !asked.some((one) => one.name === name));
  const concerned = (problem: Problem): boolean =>
    problem.severity === "error" && (!mode.only || asked.some((one) => one.file === problem.file));
  if (missing || status.problems.some(concerned)) return false;
  if (!mode.only && status.folderProblem !== undefined) return false;
  return asked.every((one) =>
    one.conditions.some((condition) => condition.type === "Ready" && isFine(condition.status, condition.reason)),
  );
}

/** Differences that we were asked only to report are no failure. */
const isFine = (status: string, reason: string): boolean => status === "True" || reason === "ReportOnly";
