/**
 * The files of the folder and what of them is in force. A file that cannot be understood is not a deleted file: the
 * last good version stays in force until the file is good again or gone.
 */
import type { Clock } from "../core/ports.ts";
import { hasErrors, type Problem } from "../workflow/problem.ts";
import type { SourceFile } from "../workflow/source-file.ts";
import { asError } from "./observe.ts";
import type { Catalog, Folder, Head } from "./ports.ts";

export interface WorkflowFiles {
  /** Everything is read again. */
  scan(): Promise<void>;
  /** One file, workflow or algorithm, is read again. Returns false where it is bad: unless `final`, it may be half-written. */
  read(file: string, options?: { readonly final: boolean }): Promise<boolean>;
  /** Workflows by name. */
  readonly inForce: ReadonlyMap<string, Head>;
  /** Of all files, in the order of the files. Bad files that may still be half-written are left out. */
  readonly problems: readonly FileProblem[];
  /** The last scan saw everything, and nothing is wrong with any file: only then is absence in the folder believed. */
  readonly complete: boolean;
  /** Why the last scan did not see all files; of one that is there and cannot be read, `problems` tell. */
  readonly why: string | undefined;
}

export interface FileProblem extends Problem {
  /** The name under which an earlier version of the file is still in force. */
  readonly stillInForce?: string;
}

interface FileState {
  readonly file: string;
  /** What the file says now, if it is good. */
  parsed: Head | undefined;
  problems: readonly Problem[];
  /** What it last said when all was well with it and the folder. */
  accepted: Head | undefined;
  refusals: readonly Problem[];
  /** Undefined where it, or an algorithm that it names, cannot be read. */
  readonly source: SourceFile | undefined;
  /** Looked up while parsing, found or not. */
  readonly algorithms: ReadonlyMap<string, SourceFile | undefined>;
  /** Until then (monotonic milliseconds) a bad file may only be half-written. */
  doubtUntil: number;
}

export function createWorkflowFiles(deps: {
  folder: Folder;
  catalog: Catalog;
  clock: Clock;
  halfWrittenMs: number;
}): WorkflowFiles {
  const { catalog, clock, folder } = deps;
  const states = new Map<string, FileState>();
  let inForce: ReadonlyMap<string, Head> = new Map();
  let whole = false;
  let why: string | undefined = "not read yet";

  async function load(file: string, doubtMs: number): Promise<void> {
    try {
      await understand(file, doubtMs);
    } catch (error) {
      const message = `cannot be read: ${asError(error).message}`;
      const before = states.get(file);
      states.set(file, {
        file,
        source: undefined,
        parsed: undefined,
        problems: [{ file, line: 1, column: 1, path: "", message, severity: "error" }],
        accepted: before?.accepted,
        refusals: [],
        algorithms: before?.algorithms ?? new Map(),
        doubtUntil: clock.monotonic() + doubtMs,
      });
    }
  }

  async function understand(file: string, doubtMs: number): Promise<void> {
    const source = await folder.read(file);
    if (!source) {
      states.delete(file);
      return;
    }
    const before = states.get(file);
    const doubtUntil = clock.monotonic() + doubtMs;
    if (before && saysTheSame(before, source)) {
      states.set(file, { ...before, doubtUntil });
      return;
    }
    const algorithms = new Map<string, SourceFile | undefined>();
    const { workflow, problems } = catalog.parse(source, (name) => {
      const found = folder.algorithm(file, name);
      algorithms.set(name, found);
      return found;
    });
    states.set(file, {
      file,
      source,
      parsed: hasErrors(problems) ? undefined : workflow,
      problems,
      accepted: before?.accepted,
      refusals: [],
      algorithms,
      doubtUntil,
    });
  }

  /** What was made of it then, still holds: a folder is read again far more often than its files change. */
  function saysTheSame({ file, source, algorithms }: FileState, now: SourceFile): boolean {
    return (
      sameFile(source, now) && [...algorithms].every(([name, then]) => sameFile(then, folder.algorithm(file, name)))
    );
  }

  /** The folder as a whole: no name twice, no loops. What it refuses keeps its last accepted version. */
  function settle(): void {
    const ordered = [...states.values()].sort((one, other) => (one.file < other.file ? -1 : 1));
    const candidates = ordered.map((state) => state.parsed ?? state.accepted).filter((one) => one !== undefined);
    const { accepted, refused } = catalog.checkFolder(candidates);
    const names = new Map(accepted.map((workflow) => [workflow.name, workflow]));
    const acceptedIn = new Map(accepted.map((workflow) => [workflow.file, workflow]));
    const refusedIn = Map.groupBy(refused, (one) => one.workflow.file);
    for (const state of ordered) {
      state.refusals = (refusedIn.get(state.file) ?? []).flatMap((one) => one.problems);
      const good = acceptedIn.get(state.file);
      if (good) state.accepted = good;
      else if (state.accepted && !names.has(state.accepted.name)) names.set(state.accepted.name, state.accepted);
    }
    inForce = names;
  }

  const bad = (state: FileState): boolean => hasErrors(state.problems) || hasErrors(state.refusals);

  return {
    async scan() {
      try {
        const listed = await folder.list();
        // A folder that cannot be read whole is no empty folder.
        const gone = listed.complete ? [...states.keys()].filter((file) => !listed.files.includes(file)) : [];
        for (const file of gone) states.delete(file);
        await Promise.all(listed.files.map((file) => load(file, 0)));
        whole = listed.complete;
        why = listed.why;
        settle();
      } catch (error) {
        why = asError(error).message;
      }
    },
    async read(file, { final } = { final: false }) {
      const algorithm = algorithmName(file);
      const using = [...states.values()].filter((state) => algorithm !== undefined && state.algorithms.has(algorithm));
      const touched = algorithm === undefined ? [file] : using.map((state) => state.file);
      await Promise.all(touched.map((one) => load(one, final ? 0 : deps.halfWrittenMs)));
      settle();
      return touched.every((one) => !states.has(one) || !bad(states.get(one)!));
    },
    get inForce() {
      return inForce;
    },
    get problems() {
      return [...states.values()].flatMap((state) => {
        const doubted = bad(state) && clock.monotonic() < state.doubtUntil;
        const still = state.accepted && bad(state) ? { stillInForce: state.accepted.name } : {};
        return doubted ? [] : [...state.problems, ...state.refusals].map((problem) => ({ ...problem, ...still }));
      });
    },
    get complete() {
      return whole && why === undefined && [...states.values()].every((state) => !bad(state));
    },
    get why() {
      return why;
    },
  };
}

const sameFile = (one: SourceFile | undefined, other: SourceFile | undefined): boolean =>
  one && other ? one.path === other.path && Buffer.compare(one.bytes, other.bytes) === 0 : one === other;

/** `algorithms/NAME.json` or `algorithms/NAME_info.json`; undefined: a workflow file. */
const algorithmName = (file: string): string | undefined =>
  /(?:^|[/\\])algorithms[/\\]([^/\\]+?)(?:_info)?\.json$/.exec(file)?.[1];
