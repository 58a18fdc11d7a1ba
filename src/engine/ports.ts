/** What the engine is handed: the folder, what a person's files mean, and the lock between two daemons. */
import type { Clock, Log, Random, Store } from "../core/ports.ts";
import type { AccountFacts, Desired, Key, Registry } from "../core/resource.ts";
import type { Problem } from "../workflow/problem.ts";
import type { SourceFile } from "../workflow/source-file.ts";
import type { Workflow } from "../workflow/workflow.ts";
import type { Limits } from "./limits.ts";

/** What the engine needs to know of a workflow; the rest is the catalog's business. */
export type Head = Pick<Workflow, "name" | "file" | "hash" | "suspend" | "drift" | "ignore" | "onDelete"> &
  // Told on in the status; nothing is decided by them.
  Partial<Pick<Workflow, "inputBucket" | "outputBucket" | "input" | "places">>;

/** What files mean: pure functions, with the account's facts already in their hands. */
export interface Catalog {
  parse(
    file: SourceFile,
    algorithms: (name: string) => SourceFile | undefined,
  ): { readonly workflow?: Head; readonly problems: readonly Problem[] };
  checkFolder(workflows: readonly Head[]): {
    readonly accepted: readonly Head[];
    readonly refused: readonly { readonly workflow: Head; readonly problems: readonly Problem[] }[];
  };
  compile(workflow: Head): readonly Desired[];
  /** For these, and for what `lookElsewhere` found. */
  compileFoundation(workflows: readonly Head[]): readonly Desired[];
  /** Reads what workflows have whose files are somewhere else. Answers another text when what they ask of the foundation has changed. */
  lookElsewhere(inForce: ReadonlySet<string>): Promise<string>;
  /** What of this workflow belongs to one that the last look found; those of these names are not counted. */
  checkElsewhere(workflow: Head, beside: readonly Head[], except: ReadonlySet<string>): readonly Problem[];
  /** What those use that the last look found, each with the name of one of them; those of these names are not counted. */
  usedElsewhere(except: ReadonlySet<string>): ReadonlyMap<Key, string>;
  /** The id of the folder for which the descriptions of this workflow's steps, as the last look listed them, were written. */
  folderOf(workflow: string): Promise<string | undefined>;
  /** What of the file does not go with this account and region. */
  checkAgainst(workflow: Head): readonly Problem[];
}

/** What does not go, in the words of a condition. */
export interface Trouble {
  /** CamelCase. */
  readonly reason: string;
  readonly why: string;
}

/** What goes through workflows that stand. */
export interface Flow {
  /** Why files do not get through; undefined: nothing is known of that. */
  trouble(workflow: Head): Promise<Trouble | undefined>;
  /**
   * Sends some of the files that were there before the workflow was, where its file asks for that. Answers what there is to
   * be waited for, and wants to be asked again then; undefined: no more is to be sent.
   */
  backfill(workflow: Head): Promise<string | undefined>;
  /** What is left of that, for people; undefined: nothing. Sends and writes nothing. */
  backfillDue(workflow: Head): Promise<string | undefined>;
}

/** The watched folder. Events bring names only; everything else is read again. */
export interface Folder {
  /** Where it is, as people know it; also what tells the memory of one folder from that of another. */
  readonly path: string;
  /** The workflow files. `complete`: this is all of them; where it should be and is not, `why` says what was unreadable. */
  list(): Promise<{ readonly files: readonly string[]; readonly complete: boolean; readonly why?: string }>;
  /** undefined: not there. */
  read(file: string): Promise<SourceFile | undefined>;
  /** The description of an algorithm that the workflow file names. Synchronous: parsing is, and these files are small. */
  algorithm(workflowFile: string, name: string): SourceFile | undefined;
  /** The content of `pipewright-folder.json`, or undefined where there is none or it cannot be understood. */
  readMarker(): Promise<unknown | undefined>;
  /** @throws where the folder is mounted read-only */
  writeMarker(content: unknown): Promise<void>;
}

/** For commands that act on the account alone. */
export const NO_FOLDER: Folder = {
  path: "",
  list: async () => ({ files: [], complete: false, why: "there is no folder" }),
  read: async () => undefined,
  algorithm: () => undefined,
  readMarker: async () => undefined,
  writeMarker: async () => {},
};

/** Which of two daemons acts. */
export interface Lock {
  readonly held: boolean;
  /** Aborts when the lock can no longer be relied on; a new one after each time it was won. */
  readonly signal: AbortSignal;
  /** What the lock is kept in: to be taken away last. */
  readonly keptIn: Key;
  /** Tries for it from here on, or keeps it. Never throws: an answer that does not come is no lock. */
  start(): Promise<void>;
  /** What it is kept in is about to go: from here on it is held for as long as it was won for, and no longer. */
  renewNoMore(): void;
  stop(): Promise<void>;
  onChange(listener: (held: boolean) => void): void;
}

export interface EngineDeps {
  readonly registry: Registry;
  readonly account: AccountFacts;
  /** The setting `owner`. */
  readonly owner: string;
  /** Fields never compared in any workflow: the setting `PIPEWRIGHT_IGNORE`. */
  readonly ignore: readonly string[];
  readonly catalog: Catalog;
  /** Absent: nobody asks for what goes through the workflows. */
  readonly flow?: Flow;
  /** Absent for commands that need no folder. */
  readonly folder?: Folder;
  /** What this installation lacks, told of everything that is otherwise ready. */
  readonly notice?: Trouble;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  /** Absent: this daemon is alone. */
  readonly lock?: Lock;
  readonly limits?: Partial<Limits>;
}
