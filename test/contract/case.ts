/** What a kind must tell so that the contract can be tried on it. All of it goes by the plain SDK, never by the kind. */
import type { Aws } from "../../src/aws/aws.ts";
import type { Tags } from "../../src/core/owner.ts";
import type { Key, Resource } from "../../src/core/resource.ts";
import type { Backend } from "../support/backend.ts";
import type { World } from "../support/world.ts";

/** One resource of one test. */
export interface Stage extends World {
  readonly backend: Backend;
  readonly name: string;
  readonly key: Key;
  /** Our tags for it, with a tag of the user's: `team`. */
  readonly tags: Tags;
  /** For names of what it hangs on; no other stage has the same. */
  readonly unique: string;
  arn(service: string, resource: string): string;
}

/** A change behind our back. */
export interface Tamper {
  /** Owned field of the schema, to its leaf: `redrivePolicy.maxReceiveCount`; `containers[].image` in a list. */
  readonly field: string;
  /** Completes the sentence "… is seen and repaired". @default the field's name */
  readonly what?: string;
  change(stage: Stage): Promise<unknown>;
  /** Exactly what `diff` must report. @default the field itself */
  readonly paths?: readonly string[] | ((stage: Stage) => readonly string[]);
  /** It cannot be done together with others, or hides what else differs. */
  readonly alone?: true;
  /** Why it cannot be tried on this backend. */
  skip?(backend: Backend): string | undefined;
}

/** What someone else put on our resource, and must survive. */
export interface Others {
  readonly what: string;
  put(stage: Stage): Promise<unknown>;
  stands(stage: Stage): Promise<boolean>;
  /** Why it cannot be put there on this backend. */
  skip?(backend: Backend): string | undefined;
}

/** Parts of the contract that a backend may be unable to try. */
export type Part =
  | "crash of its creation"
  | "crash of its repair"
  | "late creation"
  | "others"
  | "adoption"
  | "ignored fields";

export interface Case<S> {
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a kind observes is its own affair
  readonly make: (aws: Aws) => Resource<S, any>;
  /** @default `pw-contract-<kind>-<unique>` */
  name?(stage: Omit<Stage, "name" | "key" | "tags">): string;
  spec(stage: Stage): S;
  /** Makes what it hangs on, by hand. Answers what takes that away again. */
  prepare?(stage: Stage): Promise<(() => Promise<unknown>) | undefined>;
  readonly code?: ReadonlyMap<string, Uint8Array>;
  readonly tampers: readonly Tamper[];
  /** Those that are done all at once before a repair that crashes. @default all of them */
  readonly damage?: readonly Tamper[];
  /** Why a part cannot be tried on this backend. */
  skip?(backend: Backend): Partial<Record<Part, string | undefined>>;
  /** Fields of the schema that are written at birth and never compared: why. */
  readonly writtenAtBirth?: Readonly<Record<string, string>>;
  /** Fields that are written, ignored or not, when some other one is repaired, since AWS has no call for that alone: why. */
  readonly writtenAlong?: Readonly<Record<string, string>>;
  readonly others?: readonly Others[];
  /** It is an entry beside theirs: what others put there stays also when it is deleted. @default false */
  readonly outlivedByOthers?: true;
  /** Takes it away by hand, or whatever of its name there is. */
  remove(stage: Stage): Promise<unknown>;
  /** Someone else's thing of that name; absent with the reason where there can be none. */
  readonly foreign: ((stage: Stage) => Promise<unknown>) | { readonly none: string };
  /** Why a creation overwrites what has come to bear the name in the meantime; absent where it does not. */
  readonly createOverwrites?: string;
  /** What an adopted thing keeps of its maker's, beside `others`; absent where it is not adopted by itself. */
  readonly adopted?:
    | { readonly keeps: readonly Others[]; readonly alsoPaths?: readonly string[] }
    | { readonly none: string };
  /** How many of it there are, where AWS would allow several. */
  copies?(stage: Stage): Promise<number>;
  /** What our writes may name instead of it: an id that AWS generated. @default nothing else */
  alsoNamed?(stage: Stage): Promise<readonly string[]>;
  /** `list` shows what it is part of, and goes on doing so when it is deleted. @default its own */
  readonly listedAs?: string;
  /** Operations of reads and deletions whose denial is no error by design: why. */
  readonly dispensable?: Readonly<Record<string, string>>;
}
