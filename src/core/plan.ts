/** From desired and observed to steps: pure, synchronous, complete. Execution chooses nothing. */
import { covers } from "./compare.ts";
import { inOrder } from "./graph.ts";
import { isAdopted, ownerIn, TAG, type Tags } from "./owner.ts";
import { resolveRefs } from "./refs.ts";
import {
  type Change,
  type Desired,
  type Key,
  kindFor,
  kindOf,
  nameOf,
  type Observed,
  type Registry,
} from "./resource.ts";

export type Step = { readonly key: Key } & (
  | { readonly do: "create"; readonly spec: unknown }
  | { readonly do: "update"; readonly spec: unknown; readonly actual: unknown; readonly changes: readonly Change[] }
  | { readonly do: "wait"; readonly on: string; readonly retryMs: number }
  /** `blocks`: nothing of the workflow is written. Otherwise the rest goes on. */
  | { readonly do: "refuse"; readonly reason: RefuseReason; readonly why: string; readonly blocks: boolean }
);

/** CamelCase, as a condition's reason. */
export type RefuseReason = "Foreign" | "RoleIncomplete" | "NotFound" | "CannotChangeInPlace";

export interface PlanInput {
  readonly desired: readonly Desired[];
  /** Also of keys outside `desired` to which its references point. */
  readonly observed: ReadonlyMap<Key, Observed>;
  readonly registry: Registry;
  /** Fields never compared, as `kind/glob:path`. */
  readonly ignore: readonly string[];
  /** Fields written so recently that AWS may still answer the old value: key → paths. */
  readonly settling: ReadonlyMap<Key, readonly string[]>;
}

/** How long a pass waits for a thing that another pass or AWS brings into being, in milliseconds. */
export const WAIT_MS = 2_000;

/** The steps that remain, needs first. No step: in sync. */
export function plan(input: PlanInput): Step[] {
  return inOrder(input.desired).flatMap((one) => stepFor(one, input));
}

function stepFor(desired: Desired, input: PlanInput): Step[] {
  const { key, claim } = desired;
  const kind = kindFor(input.registry, key);
  const observed = input.observed.get(key);
  if (!observed) throw new Error(`planned without having been read: ${key}`);
  if (observed.is === "settling") return [{ key, do: "wait", on: key, retryMs: observed.retryMs }];
  if (observed.is === "absent" && !kind.create) {
    return [refusal(key, "NotFound", `${key} does not exist; create it, or name another`, true)];
  }
  // Said before any reference is waited for: nothing, the foundation included, is made for what is refused in the end.
  if (observed.is === "foreign" && (claim === "own" || claim === "adopt")) {
    const owner = ownerIn((observed.actual as { tags?: Tags } | undefined)?.tags);
    if (owner !== undefined) return [refusal(key, "Foreign", othersAdvice(key, owner), true)];
    if (claim === "own") return [refusal(key, "Foreign", foreignAdvice(key), true)];
  }
  const resolved = resolveRefs(desired.spec, input.observed);
  if ("missing" in resolved) {
    const { ref } = resolved.missing;
    // What this very plan creates is read again right after; only someone else's work is waited for.
    return [{ key, do: "wait", on: ref, retryMs: WAIT_MS }];
  }
  const spec = withoutNeedlessAdoption(resolved.spec, observed);
  const all = observed.actual === undefined ? [] : judged(key, kind.diff(spec, observed.actual), input);
  const fixed = all.filter((change) => change.replace);
  const ours = observed.is === "owned" || claim === "adopt";
  if (fixed.length > 0) {
    return [refusal(key, "CannotChangeInPlace", fixedAdvice(key, fixed), true)];
  }
  if (observed.is === "absent") return [{ key, do: "create", spec }];
  if (ours) return all.length > 0 ? [{ key, do: "update", spec, actual: observed.actual, changes: all }] : [];
  // A thing made by hand is only checked: our tags are not expected on it.
  const missing = claim === "verify" ? all.filter((change) => !covers("tags", change.path)) : [];
  return missing.length > 0 ? [refusal(key, "RoleIncomplete", incompleteAdvice(key, missing), false)] : [];
}

/**
 * Only what was there without our tag is adopted. What we make because nothing is there, and what is ours already, is
 * ours whole, although the file would allow to take it over.
 */
function withoutNeedlessAdoption(spec: unknown, observed: Observed): unknown {
  const { tags } = spec as { tags?: Tags };
  if (!isAdopted(tags) || observed.is === "foreign") return spec;
  if (observed.is === "owned" && isAdopted((observed.actual as { tags?: Tags }).tags)) return spec;
  const { [TAG.adopted]: _needless, ...others } = tags ?? {};
  return { ...(spec as object), tags: others };
}

const refusal = (key: Key, reason: RefuseReason, why: string, blocks: boolean): Step => ({
  key,
  do: "refuse",
  reason,
  why,
  blocks,
});

/** Differences that count: neither ignored by wish nor too young to be true. */
function judged(key: Key, changes: readonly Change[], input: PlanInput): Change[] {
  const settling = input.settling.get(key) ?? [];
  return changes.filter(
    (change) =>
      !settling.some((path) => covers(path, change.path)) &&
      !input.ignore.some((entry) => ignores(entry, key, change.path)),
  );
}

/** Does an entry `kind/glob:path` name this field of this resource? */
export function ignores(entry: string, key: Key, path: string): boolean {
  const pattern = ignoredPath(entry, key);
  return pattern !== undefined && covers(pattern, path);
}

/** Entries that name no field of any of these resources: misspelt, or left over. */
export function needlessEntries(entries: readonly string[], desired: readonly Desired[]): string[] {
  return entries.filter(
    (entry) =>
      !desired.some(({ key, spec }) => {
        const path = ignoredPath(entry, key);
        return path !== undefined && Object.keys(spec as object).some((name) => covers(name, path));
      }),
  );
}

/** The path in an entry that is about this resource. */
function ignoredPath(entry: string, key: Key): string | undefined {
  const colon = entry.indexOf(":");
  const slash = entry.indexOf("/");
  if (slash < 0 || colon < slash || entry.slice(0, slash) !== kindOf(key)) return undefined;
  const glob = entry.slice(slash + 1, colon);
  const pattern = new RegExp(`^${glob.split("*").map(literal).join(".*")}$`);
  return pattern.test(nameOf(key)) ? entry.slice(colon + 1) : undefined;
}

const literal = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");

const foreignAdvice = (key: Key): string =>
  `${key} exists without our owner tag and is not touched; add "adopt": ["${key}"] to the workflow to take it over, or choose another name`;

/** Two owners who take a thing from each other would do so for ever. */
const othersAdvice = (key: Key, owner: string): string =>
  `${key} belongs to another Pipewright, whose owner setting is "${owner}", and is not touched; choose another name, ` +
  `work under that owner (PIPEWRIGHT_OWNER), or, where that one is gone for good, take the tag ${TAG.owner} off it`;

const fixedAdvice = (key: Key, fixed: readonly Change[]): string =>
  `${describe(key, fixed)}; ${fixed.find((one) => one.advice)?.advice ?? "AWS cannot change this in place: use another name"}`;

const incompleteAdvice = (key: Key, missing: readonly Change[]): string =>
  `${describe(key, missing)}; it was made by hand and is only verified. ` +
  (key === "role/lambda_exec_role"
    ? "Run `pipewright create-lambda-exec-role` to complete it"
    : `Add what is missing, or "adopt": ["${key}"] to a workflow`);

const describe = (key: Key, changes: readonly Change[]): string =>
  `${key}: ${changes.map((one) => `${one.path} is ${brief(one.have)}, wanted ${brief(one.want)}`).join("; ")}`;

/** Values as people can read them in one line. */
export const brief = (value: unknown, most = 80): string => cut(inOneLine(value), 0, most);

/** From what to what, in one line; of long texts that begin alike, what stands where they begin to differ. */
export function briefChange({ have, want }: Pick<Change, "have" | "want">, most = 80): string {
  const [from, to] = [inOneLine(have), inOneLine(want)];
  let same = 0;
  while (same < from.length && from[same] === to[same]) same += 1;
  const start = Math.max(from.length, to.length) > most ? Math.max(0, same - most / 4) : 0;
  return `${cut(from, start, most)} → ${cut(to, start, most)}`;
}

function inOneLine(value: unknown): string {
  const text = typeof value === "string" ? value.replace(/\s+/g, " ") : JSON.stringify(value ?? null);
  return text === "null" ? "unset" : text;
}

const cut = (text: string, start: number, most: number): string =>
  (start > 0 ? "…" : "") + (text.length - start > most ? `${text.slice(start, start + most - 1)}…` : text.slice(start));
