/** The types on which all hangs: what is desired, what was observed, and what each kind of AWS resource answers for itself. */
import type { ZodType } from "zod";

/** `kind/AWS name`, for instance `queue/pw-plants-grey`. A name may itself hold slashes. */
export type Key = `${string}/${string}`;

export const keyOf = (kind: string, name: string): Key => `${kind}/${name}`;
export const kindOf = (key: Key): string => key.slice(0, key.indexOf("/"));
export const nameOf = (key: Key): string => key.slice(key.indexOf("/") + 1);

/** Another resource's generated value (`id`, `arn`), read from its observed state. Absent there means wait. */
export interface Ref {
  readonly ref: Key;
  readonly field: string;
}

/** A spec as the desired side writes it: any value may stand as a reference until the pass has read it. */
export type WithRefs<S> = S extends string
  ? S | Ref
  : S extends readonly (infer E)[]
    ? readonly WithRefs<E>[]
    : S extends object
      ? { [K in keyof S]: WithRefs<S[K]> }
      : S;

/**
 * How we relate to what bears the name already.
 * - `own`: ours whole; without our owner tag it is foreign and refused.
 * - `use`: absent, it is created and then ours; there without our tag, it is left as it is.
 * - `verify`: absent, it is created where its kind can create, else refused; there without our tag, it is checked and never written.
 * - `adopt`: taken over; what others put on it stays, and it is never deleted.
 */
export type Claim = "own" | "use" | "verify" | "adopt";

/** What happens to a resource once no file asks for it. */
export type OnDelete = "retain-data" | "retain-all" | "delete";

export interface Desired<S = unknown> {
  readonly key: Key;
  readonly spec: S;
  /** Keys that must stand before this one is written. */
  readonly needs: readonly Key[];
  readonly claim: Claim;
}

export type Observed<A = unknown> =
  /** `actual`: what stands beside it and could be in its way; `diff` tells by its `replace` changes. */
  | { readonly is: "absent"; readonly actual?: A }
  | { readonly is: "foreign"; readonly actual: A }
  | { readonly is: "settling"; readonly retryMs: number }
  | { readonly is: "owned"; readonly actual: A };

/** One owned field that differs. `replace`: AWS cannot change it in place; `advice`: what a person can do then. */
export interface Change {
  readonly path: string;
  readonly want: unknown;
  readonly have: unknown;
  readonly replace?: true;
  readonly advice?: string;
}

/** What the collector finds: ours by its owner tag, whether any file asks for it or not. */
export interface Inventoried {
  readonly name: string;
  /** The workflow that it was made for; `FOUNDATION` for the shared part. */
  readonly workflow: string;
  readonly onDelete: OnDelete;
  /** Taken over once from a person: never deleted. */
  readonly adopted: boolean;
  /** Of the running pipeline itself (a task, an instance, its alarm): no file asks for it, and it goes only with its workflow. */
  readonly runtime?: true;
}

/** The `pipewright:workflow` tag of what all workflows share; no workflow can be named so. */
export const FOUNDATION = "@foundation";

export interface AccountFacts {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
}

/** One read → plan → apply. Handed to every call of a kind. */
export interface Pass {
  readonly id: string;
  /** The setting `owner`: what our owner tag must say. */
  readonly owner: string;
  readonly account: AccountFacts;
  readonly signal: AbortSignal;
  /** Read from the service itself, past every batch and cache: before something is written because of what was read. */
  readonly fresh: boolean;
  /** A person asked, in so many words, to delete what still holds data. */
  readonly mayLoseData: boolean;
  /** The id of the folder that the pass is made for; empty: it has none yet. Absent: whose anything is, is not asked. */
  readonly folder?: string;
  /** For an inventory: what is known to be asked for, and need not be looked into. @default nothing */
  readonly live?: ReadonlySet<Key>;
}

/**
 * One kind of AWS resource. Kinds never sleep, retry or log: what needs time is answered as `settling`, or thrown as a
 * `Failure` that may be retried, and the engine comes back.
 */
export interface Resource<S = unknown, A = unknown> {
  readonly kind: string;
  readonly schema: ZodType<S>;
  /** Fields that AWS answers late after a write: path (or its first segment) → milliseconds. */
  readonly lagMs?: Readonly<Record<string, number>>;
  /** Kept under `retain-data`: deleting it would delete what people put there. */
  readonly holdsData?: true;
  /** The event source of a workflow: deleted before everything else, so that nothing new arrives. */
  readonly eventSource?: true;
  read(name: string, pass: Pass): Promise<Observed<A>>;
  /** Pure. Only fields that the spec owns, and of an adopted thing only what is missing. */
  diff(spec: S, actual: A): Change[];
  /** Brings it into being with its tags; `update` does the rest. "Exists" is success, the next read judges. Absent: can only be verified. */
  create?(name: string, spec: S, pass: Pass): Promise<void>;
  /** Throws `LeftBehind` once everything else is done, where what the change left over could not be taken away. */
  update?(name: string, spec: S, actual: A, changes: readonly Change[], pass: Pass): Promise<void>;
  /** "Gone" is success. Throws `Kept` where deleting would lose data that nobody asked to lose. */
  delete?(name: string, actual: A, pass: Pass): Promise<void>;
  /** Why what it serves must not be dismantled yet ("12 messages wait"), or undefined. */
  busy?(name: string, pass: Pass): Promise<string | undefined>;
  /** Everything of ours, for the collector. */
  list(pass: Pass): AsyncIterable<Inventoried>;
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds kinds of every spec
export type AnyResource = Resource<any, any>;

/** All kinds by name, in the order of creation. */
export type Registry = ReadonlyMap<string, AnyResource>;

export function kindFor(registry: Registry, key: Key): AnyResource {
  const kind = registry.get(kindOf(key));
  if (!kind) throw new Error(`no kind "${kindOf(key)}" is registered (key ${key})`);
  return kind;
}
