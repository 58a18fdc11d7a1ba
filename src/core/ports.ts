/** What the engine needs of the world, handed in so that tests can step it. */

export interface Clock {
  /** Milliseconds since the epoch. For people and for records. */
  now(): number;
  /** Milliseconds that never jump. For deadlines and intervals. */
  monotonic(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms`; the answer cancels it. */
  after(ms: number, call: () => void): () => void;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

/** 0 ≤ x < 1. */
export type Random = () => number;

/** History only: what it holds may be lost at any time. Names are plain file names. */
export interface Store {
  read(name: string): Promise<unknown | undefined>;
  /** Atomic: a reader sees the old or the new document. */
  write(name: string, document: unknown): Promise<void>;
}
