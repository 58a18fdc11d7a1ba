/** What `main.ts` gives the commands: everything that touches the process, the network or the disk. */
import type { Environment } from "../config.ts";
import type { Policy } from "../core/policy.ts";
import type { Clock, Log } from "../core/ports.ts";
import type { AccountFacts, Desired } from "../core/resource.ts";
import type { Data } from "../data/data.ts";
import type { Engine } from "../engine/engine.ts";
import type { HistoryEntry } from "../engine/history.ts";
import type { WatchedFolder } from "../io/workflow-folder.ts";
import type { SourceFile } from "../workflow/source-file.ts";
import type { Wrapper } from "../wrap/wrap.ts";
import type { Terminal } from "./terminal.ts";

export interface Context {
  readonly terminal: Terminal;
  readonly environment: Environment;
  readonly log: Log;
  /** Connects to AWS with the SDK's ordinary credentials and region. */
  open(options: OpenOptions): Promise<Session>;
  /** An embedded cloud for other programs. @throws where the port is taken */
  startLocal(options: LocalCloudOptions): Promise<RunningLocal>;
  /** Reads a named file; undefined where there is none. */
  readFile(path: string): Promise<SourceFile | undefined>;
  /** The algorithm that a workflow file names, looked up as the engine does. */
  algorithm(workflowFile: string, pipelines: string, name: string): SourceFile | undefined;
  /** What the data folder remembers of a workflow, oldest first; needs no AWS. */
  history(name: string, data: string): Promise<readonly HistoryEntry[]>;
  /** The shipped examples, copied to a folder of their own, so that a demo leaves no trace in the originals. */
  copyExamples(): Promise<{ readonly pipelines: string; readonly data: string; remove(): Promise<void> }>;
  /** The next line that a person types, or a pipe holds; undefined when no more will come. */
  ask(question: string): Promise<string | undefined>;
  /** In the folder that the command is called in; answers its path. @throws where the file is there already */
  writeNewFile(name: string, text: string): Promise<string>;
  /** What the daemon's identity has to be allowed, in two documents. @param buckets patterns of the names of users' buckets */
  policies(buckets: readonly string[]): Readonly<Record<"files" | "machines", Policy>>;
  /** Makes images with the worker inside; needs no AWS. */
  readonly wrapper: Wrapper;
  /** Resolves with the signal's name once the process is asked to stop. */
  stopAsked(): Promise<string>;
  /** What the command ends with. */
  exit(code: number): void;
}

export interface OpenOptions extends FolderOptions {
  /** Files named one by one instead of the folder. */
  readonly files?: readonly string[];
  /** Runs for long, and logs what it does. */
  readonly daemon?: boolean;
  /** Aborts when nobody waits for the session any more; then `open` rejects. */
  readonly stop?: AbortSignal;
  /** Writes nothing, not even history. */
  readonly readOnly?: boolean;
  /** Against an embedded cloud that lives as long as the session. */
  readonly local?: boolean;
  /** Page, API, health and metrics over HTTP, from before AWS has answered until the session is closed. */
  readonly serve?: ServeOptions | undefined;
}

export interface ServeOptions {
  /** 0 takes a free one; where it is taken, `open` rejects. */
  readonly port: number;
  /** @default the setting `PIPEWRIGHT_HOST` */
  readonly host?: string | undefined;
}

export interface LocalCloudOptions {
  readonly port: number;
  readonly pipelines: string;
  /** Where the cloud keeps what it holds. */
  readonly data?: string;
}

export interface RunningLocal extends Required<Pick<Session, "makeKeyPairs" | "folder">> {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  stop(): Promise<void>;
}

export interface FolderOptions {
  readonly pipelines: string;
  readonly data: string;
}

export interface Session {
  readonly engine: Engine;
  /** What goes through the workflows that are set up. */
  readonly data: Data;
  readonly account: AccountFacts;
  readonly clock: Clock;
  /** Undefined: real AWS. */
  readonly endpoint: string | undefined;
  /** Of the embedded cloud: makes key pairs that files name. */
  readonly makeKeyPairs: ((names: Iterable<string>) => Promise<void>) | undefined;
  /** Where the whole folder is watched. */
  readonly folder: WatchedFolder | undefined;
  /** The one role that `create-lambda-exec-role` makes. */
  lambdaExecRole(): Promise<Desired>;
  /** Of page, API, health and metrics, where they are served. */
  readonly url: string | undefined;
  close(): Promise<void>;
}

/** Exit codes of all commands. */
export const EXIT = {
  ok: 0,
  /** Something went wrong, or did not converge; the reasons were printed. */
  error: 1,
  /** `plan`: there are changes. */
  changes: 2,
  /** The command was called wrongly (EX_USAGE). */
  usage: 64,
} as const;
