/** Taking away: event sources first, then, once nothing is busy, level by level; each confirmed to be gone. */
import type { DeletePlan } from "../core/delete-plan.ts";
import { Failure, Kept } from "../core/failure.ts";
import type { Clock, Log } from "../core/ports.ts";
import { type Key, kindFor, nameOf, type Observed, type Pass, type Registry } from "../core/resource.ts";
import { concurrently } from "./concurrently.ts";
import type { Tell } from "./events.ts";
import type { History } from "./history.ts";
import type { Limits } from "./limits.ts";
import { asError } from "./observe.ts";

export interface DismantleDeps {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly history: History;
  readonly tell: Tell;
  readonly bounds: Limits;
  mayWrite(): boolean;
}

export interface Dismantled {
  readonly deleted: readonly Key[];
  /** Listed, and not there any more: inventories lag behind. */
  readonly gone: readonly Key[];
  /** `later`: it may go another time, once it is empty or nobody uses it any more. */
  readonly kept: readonly { readonly key: Key; readonly why: string; readonly later: boolean }[];
  /** Why the rest must wait; undefined: nothing has to. */
  readonly busy: string | undefined;
  readonly failures: ReadonlyMap<Key, Error>;
}

/** One attempt. What is busy or failed is the caller's to try again. */
export async function dismantle(
  deps: DismantleDeps,
  workflow: string,
  plan: DeletePlan,
  pass: Pass,
): Promise<Dismantled> {
  const { bounds, history, registry, tell } = deps;
  const fresh: Pass = { ...pass, fresh: true };
  const deleted: Key[] = [];
  const gone: Key[] = [];
  const kept = [...plan.kept];
  const failures = new Map<Key, Error>();

  async function level(keys: readonly Key[]): Promise<boolean> {
    await concurrently(keys, bounds.writesPerPass, async (key) => {
      if (!deps.mayWrite()) return void failures.set(key, notNow(key));
      try {
        await remove(key);
      } catch (error) {
        if (error instanceof Kept) kept.push({ key, why: error.message, later: true });
        else {
          failures.set(key, asError(error));
          tell({ type: "step-failed", workflow, key, do: "delete", why: asError(error).message });
        }
      }
    });
    return failures.size === 0;
  }

  async function remove(key: Key): Promise<void> {
    const kind = kindFor(registry, key);
    const name = nameOf(key);
    const observed = await confirmed(key);
    if (observed.is === "absent") return void gone.push(key);
    if (observed.is !== "owned") throw new Kept("it does not carry our owner tag");
    tell({ type: "step-started", workflow, key, do: "delete" });
    await kind.delete?.(name, observed.actual, pass);
    await untilGone(key);
    deleted.push(key);
    deps.log.info({ workflow, key, pass: pass.id }, "deleted");
    history.add({ ...{ workflow, key, path: "", want: "absent", have: "present" }, event: "deleted", pass: pass.id });
    history.forget(workflow, key);
    tell({ type: "step-done", workflow, key, do: "delete" });
  }

  /** What goes while it is read may show without its tags: a second look tells it from somebody else's. */
  async function confirmed(key: Key): Promise<Observed> {
    const observed = await settled(key);
    return observed.is === "foreign" ? settled(key) : observed;
  }

  /** What is on its way between two states is waited for. */
  async function settled(key: Key): Promise<Observed> {
    const until = deps.clock.monotonic() + bounds.patienceMs;
    for (;;) {
      const observed = await kindFor(registry, key).read(nameOf(key), fresh);
      if (observed.is !== "settling") return observed;
      if (deps.clock.monotonic() >= until) throw later(key, "is still being changed");
      await deps.clock.sleep(observed.retryMs, pass.signal);
    }
  }

  async function untilGone(key: Key): Promise<void> {
    for (let reads = 1; (await settled(key)).is === "owned"; reads++) {
      if (reads >= bounds.readsOfOldValue) throw later(key, "was deleted and is still visible");
      await deps.clock.sleep(bounds.oldValueMs, pass.signal);
    }
  }

  async function busyWith(): Promise<string | undefined> {
    if (pass.mayLoseData) return undefined;
    const reasons: string[] = [];
    await concurrently(plan.levels.flat(), bounds.readsPerPass, async (key) => {
      const kind = kindFor(registry, key);
      try {
        const why = await kind.busy?.(nameOf(key), fresh);
        if (why !== undefined) reasons.push(why);
      } catch (error) {
        failures.set(key, asError(error));
      }
    });
    return reasons.length > 0 ? reasons.sort().join("; ") : undefined;
  }

  const answer = (busy?: string): Dismantled => ({ deleted, gone, kept, busy, failures });

  if (!(await level(plan.sources))) return answer();
  const busy = await busyWith();
  if (busy !== undefined || failures.size > 0) return answer(busy);
  // A level that did not go whole may still need what comes after it.
  for (const keys of plan.levels) if (!(await level(keys))) return answer();
  return answer();
}

const later = (key: Key, what: string): Failure =>
  new Failure(`${key} ${what}`, { class: "conflict", code: "NotGone", action: "delete", resource: key });

const notNow = (key: Key): Failure =>
  new Failure(
    `${key} is left for later: the program is asked to stop, the folder has changed, or no writes are allowed now`,
    {
      class: "conflict",
      code: "Stopping",
      action: "delete",
      resource: key,
    },
  );
