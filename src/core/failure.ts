/** What can go wrong, classified once, so that the engine decides without knowing a service. */

/**
 * - `denied`: the credentials lack a permission; a person must act.
 * - `throttled`: asked too fast. `transient`: 5xx, network, time-out. `conflict`: another write is in progress, or an
 *   eventually consistent dependency is not visible yet. All three go away by themselves.
 * - `quota`: a limit of the account is reached. `invalid`: AWS refuses the request itself. Both want a person.
 */
export type FailureClass = "denied" | "throttled" | "transient" | "conflict" | "quota" | "invalid";

const RETRIED: ReadonlySet<FailureClass> = new Set(["throttled", "transient", "conflict"]);

export interface FailureDetails {
  readonly class: FailureClass;
  /** AWS's error name, for instance `AccessDenied`. */
  readonly code: string;
  /** IAM action, for instance `sqs:CreateQueue`. */
  readonly action: string;
  /** ARN or name that the call was about, where it is known. */
  readonly resource?: string;
  /** AWS's own wish, where it gave one. */
  readonly retryAfterMs?: number;
}

export class Failure extends Error implements FailureDetails {
  readonly class: FailureClass;
  readonly code: string;
  readonly action: string;
  readonly resource: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: FailureDetails, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "Failure";
    this.class = details.class;
    this.code = details.code;
    this.action = details.action;
    this.resource = details.resource;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** Will it go away by itself? */
  get retry(): boolean {
    return RETRIED.has(this.class);
  }
}

/** Not deleted, because that would lose data that nobody asked to lose. Not an error: it is reported, and the rest goes on. */
export class Kept extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "Kept";
  }
}

/** What was wanted stands; what that left over could not be taken away. Not an error: it is reported, and the rest goes on. */
export class LeftBehind extends Error {
  constructor(what: string, cause: Failure) {
    super(`${what}: ${cause.message}`, { cause });
    this.name = "LeftBehind";
  }
}

/** A bug or an unknown error is tried again with backoff: a daemon must outlive both. */
export const mayRetry = (error: unknown): boolean => !(error instanceof Failure) || error.retry;

/** The policy statement that would allow one action wherever it was denied. */
export function allowingStatement(...failures: readonly [FailureDetails, ...FailureDetails[]]): string {
  const resources = [...new Set(failures.map(({ resource }) => resource ?? "*"))].sort();
  const [first] = resources;
  const Resource = resources.includes("*") ? "*" : resources.length === 1 ? first : resources;
  return JSON.stringify({ Effect: "Allow", Action: failures[0].action, Resource });
}
