import type { FunctionRunner } from "./services/lambda/invoke.ts";
import type { Payload } from "./wire/payload.ts";
import type { Mishaps } from "./world/mishaps.ts";

/**
 * What a service of the local cloud is: typed operations over state that it keeps in the world. The wire (codec, server)
 * knows every operation's shape from the SDK's own schemas, so a service never sees bytes: `CreateQueue` is a function
 * from `CreateQueueCommandInput` to `CreateQueueCommandOutput` (without `$metadata`).
 */
export interface Call {
  /** Account and region that the request was signed for. */
  readonly account: string;
  readonly region: string;
  /** Access key id of the request's signature, or undefined where it was not signed. */
  readonly accessKeyId: string | undefined;
  readonly requestId: string;
  /** Whose temporary keys signed the request; undefined for a person, who may do everything. */
  readonly role?: RoleSession;
  /** Aborted when the caller has gone and nobody waits for the answer; undefined where a service of this world calls. */
  readonly gone?: AbortSignal;
}

/** A role that somebody acts with, under a name of the session: a function's, a task's, an instance's. */
export interface RoleSession {
  readonly roleArn: string;
  readonly name: string;
}

// biome-ignore lint/suspicious/noExplicitAny: inputs and outputs are typed by each service's own handler map
export type Operation = (input: any, call: Call) => unknown;

/** Where a snapshot puts the bytes of objects, and takes them from. */
export interface Shelf {
  put(payload: Payload): Shelved;
  take(shelved: Shelved): Payload;
}

/** Bytes in a snapshot: among its state, in a file of their own, or in parts. */
export type Shelved = { readonly size: number; readonly md5: string } & (
  | { readonly bytes: Uint8Array }
  | { readonly file: string }
  | { readonly parts: readonly Shelved[] }
);

/** Something that a snapshot keeps. */
export interface Kept {
  /** Data, and nothing that computes: maps, sets, dates and bytes are allowed. */
  save(shelf: Shelf): unknown;
  /** Takes what `save` gave, in place of whatever is there; what waited for its time waits again. */
  restore(saved: unknown, shelf: Shelf): void;
}

export interface Service {
  /** As in the SDK client's package name: "sqs", "s3", "cloudwatch-logs". */
  readonly id: string;
  /** By operation name: `CreateQueue`. What is not here is answered with a clean "not implemented". */
  readonly operations: Readonly<Record<string, Operation>>;
  /** Everything of this service that carries tags and that the tagging API lists. */
  taggables?(): Iterable<Taggable>;
  /** Undefined where the service holds nothing. */
  readonly state?: Kept;
}

export interface Taggable {
  readonly arn: string;
  readonly tags: ReadonlyMap<string, string>;
  set(tags: Readonly<Record<string, string>>): void;
  unset(keys: readonly string[]): void;
}

/** An error as AWS answers it. `code` is the name that the SDK puts in `err.name` (aws-semantics, section 2). */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Members of a modelled error's body beside the message (for instance `retryAfterSeconds`). */
  readonly members: Readonly<Record<string, unknown>>;
  /** SQS answers the legacy code in a header beside the modelled one. */
  readonly legacyCode: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { status?: number; members?: Record<string, unknown>; legacyCode?: string } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.members = options.members ?? {};
    this.legacyCode = options.legacyCode;
  }
}

/** What the services share. Time is always the world's: tests step it. */
export interface World {
  readonly account: string;
  readonly defaultRegion: string;
  /** Milliseconds since the epoch, by the world's steppable clock. */
  now(): number;
  /** Where this world answers, without a slash at its end (`http://127.0.0.1:4566`): queue URLs begin with it. */
  endpoint(): string;
  /**
   * Runs `action` once, when the world's clock has moved on by `delayMs` (it flows with real time, and a step of the clock
   * runs at once what became due). Answers a function that takes the wish back; closing the world takes all of them back.
   */
  after(delayMs: number, action: () => void): () => void;
  /** A new identifier: `id("i-", 17)` is `i-0a1b2c…`; seeded, so that a run can be repeated. */
  id(prefix: string, hexDigits: number): string;
  /** Published lags (a new role not assumable, SQS attributes late, QueueDeletedRecently) are on. Default: off. */
  readonly lags: boolean;
  /** Another service of this world, for instance `service<Lambda>("lambda")`. */
  service<S extends Service>(id: string): S;
  services(): Iterable<Service>;
  /** Runs functions; undefined in a world in which nothing runs. */
  readonly functions: FunctionRunner | undefined;
  /** What has been told to go wrong. */
  readonly mishaps: Pick<Mishaps, "strikes">;
  /** Tells whoever listens that something happened: an object put, a task stopped. */
  emit(event: WorldEvent): void;
  /** Answers a function that ends the listening. */
  onEvent(listener: (event: WorldEvent) => void): () => void;
}

/** Something that happened in a service and that others react to, by their own reading of the world. */
export interface WorldEvent {
  /** The service's id. */
  readonly source: string;
  /** As the service names it: `ObjectCreated:Put`. */
  readonly type: string;
  readonly account: string;
  readonly region: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A service module exports `create<Name>(world): Service`; `services/index.ts` is the registry. */
export type ServiceFactory = (world: World) => Service;
