/** Taking workflows away because a person says so: by what stands in the account, with or without a folder. */
import { planDeletion } from "../core/delete-plan.ts";
import { mayRetry } from "../core/failure.ts";
import { FOUNDATION, type Key, keyOf, type Pass } from "../core/resource.ts";
import type { Leftover } from "./collector.ts";
import { type DismantleDeps, type Dismantled, dismantle } from "./dismantle.ts";
import { type Inventory, isEmpty, rowsWhere, takeInventory, workflowsOf } from "./inventory.ts";
import { explain } from "./outcome.ts";
import type { Lock } from "./ports.ts";

export interface CleanUpOptions {
  /** All of our owner, the foundation included, or these workflows. */
  readonly names: readonly string[] | "all";
  /** Also what holds data; nothing is waited for. */
  readonly force: boolean;
}

export interface CleanUpReport {
  /** Nothing was refused, failed or has to wait. What was kept for its data is no failure. */
  readonly ok: boolean;
  readonly deleted: readonly Key[];
  readonly kept: readonly Leftover[];
  /** Not begun; the key is the workflow's name. */
  readonly refused: readonly Leftover[];
  /** Failed, or still busy (then the key is the workflow's name). */
  readonly failed: readonly Leftover[];
  /** Names that nothing in the account carries. */
  readonly unknown: readonly string[];
}

export interface CleanUpDeps extends DismantleDeps {
  newPass(): Pass;
  /** Workflows whose file still stands: name → file. */
  readonly standing: ReadonlyMap<string, string>;
  /** What those ask for. */
  readonly live: ReadonlySet<Key>;
  readonly lock?: Lock;
  /** Aborts when the engine is to stop. */
  readonly asked: AbortSignal;
  /** What other workflows use that no file here stands for, once those of these names are gone. */
  usedElsewhere(going: ReadonlySet<string>): Promise<ReadonlyMap<Key, string>>;
}

export async function cleanUp(deps: CleanUpDeps, { names, force }: CleanUpOptions): Promise<CleanUpReport> {
  const { registry, standing } = deps;
  const pass: Pass = { ...deps.newPass(), mayLoseData: force };
  const inventory = await takeInventory(registry, pass);
  const there = workflowsOf(inventory);
  const asked = names === "all" ? [...there].filter((name) => name !== FOUNDATION) : names;
  const deleted: Key[] = [];
  const kept: Leftover[] = [];
  const refused: Leftover[] = [];
  const failed: Leftover[] = [];

  async function take(workflow: string, takePass: Pass, wanted = (_key: Key): boolean => true): Promise<void> {
    const rows = rowsWhere(inventory, (row, kind) => row.workflow === workflow && wanted(keyOf(kind, row.name)));
    const last = await untilDone({ ...deps, used }, workflow, rows, takePass, deleted);
    kept.push(...last.kept.map(({ key, why }) => ({ key, workflow, why })));
    for (const [key, error] of last.failures) failed.push({ key, workflow, why: explain(error) });
    if (last.busy !== undefined) {
      const why = `${last.busy}; run it again once that is done, or use --force and lose it`;
      failed.push({ key: workflow, workflow, why });
    }
  }

  const free = asked.filter((name) => there.has(name) && !standing.has(name));
  const used = await deps.usedElsewhere(new Set(free));
  for (const workflow of asked.filter((name) => standing.has(name))) {
    const file = standing.get(workflow);
    refused.push({
      key: workflow,
      workflow,
      why: `${file} still stands and would bring it back; remove the file first`,
    });
  }
  await Promise.all(free.map((workflow) => take(workflow, pass)));
  if (names === "all" && refused.length === 0 && failed.length === 0 && there.has(FOUNDATION)) {
    // The control bucket holds nothing but our own notes.
    const whole: Pass = { ...pass, mayLoseData: true };
    const { lock } = deps;
    await take(FOUNDATION, whole, (key) => key !== lock?.keptIn);
    if (lock && failed.length === 0) {
      // With it goes the permission to write anything more.
      lock.renewNoMore();
      await take(FOUNDATION, whole, (key) => key === lock.keptIn);
    }
  }
  const unknown = asked.filter((name) => !there.has(name) && !standing.has(name));
  return { ok: refused.length + failed.length === 0, deleted, kept, refused, failed, unknown };
}

/** Tries again while something is busy or fails for now, as long as something still goes. */
async function untilDone(
  deps: CleanUpDeps & { readonly used: ReadonlyMap<Key, string> },
  workflow: string,
  rows: Inventory,
  pass: Pass,
  deleted: Key[],
): Promise<Dismantled> {
  const { bounds, clock } = deps;
  const gone = new Set<string>();
  let lastProgress = clock.monotonic();
  for (;;) {
    const inventory = rowsWhere(rows, (row, kind) => !gone.has(`${kind}/${row.name}`));
    const plan = planDeletion({
      registry: deps.registry,
      inventory,
      live: deps.live,
      used: deps.used,
      regardless: true,
    });
    const done = await dismantle(deps, workflow, plan, pass);
    for (const key of [...done.deleted, ...done.gone]) gone.add(key);
    deleted.push(...done.deleted);
    if (done.deleted.length > 0) lastProgress = clock.monotonic();
    const open = done.busy !== undefined || [...done.failures.values()].some(mayRetry);
    const patient = clock.monotonic() - lastProgress < bounds.cleanUpPatienceMs;
    if (!open || !patient || isEmpty(inventory) || !deps.mayWrite()) return done;
    const why = done.busy ?? [...done.failures.values()].map(explain).join("; ");
    deps.tell({ type: "waiting", workflow, why });
    deps.log.info({ workflow, why }, "clean-up waits");
    await clock.sleep(bounds.busyMs, deps.asked).catch(() => {});
  }
}
