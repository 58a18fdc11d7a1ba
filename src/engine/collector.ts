/**
 * Takes away what nobody asks for any more: steps taken out of a file, workflows whose file is gone, things that the
 * running pipeline left behind, and at last the foundation. It acts only after a complete scan of a folder in which
 * nothing is wrong, and only on names that were seen in this very folder.
 */
import { planDeletion } from "../core/delete-plan.ts";
import { refsOf } from "../core/refs.ts";
import { FOUNDATION, type Key, keyOf, type Pass } from "../core/resource.ts";
import type { Brake } from "./brake.ts";
import type { Controller } from "./controller.ts";
import { type DismantleDeps, type Dismantled, dismantle } from "./dismantle.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { type Inventory, isEmpty, rowsWhere, takeInventory, workflowsOf } from "./inventory.ts";
import { asError } from "./observe.ts";
import { explain } from "./outcome.ts";
import type { WorkflowFiles } from "./workflow-files.ts";

export interface Leftover {
  readonly key: string;
  readonly workflow: string;
  readonly why: string;
}

export interface Collected {
  readonly deleted: readonly Key[];
  /** Kept for a reason that time does not change. */
  readonly kept: readonly Leftover[];
  /** To be tried again soon, and why. */
  readonly open: readonly { readonly workflow: string; readonly why: string }[];
}

export interface CollectorDeps extends DismantleDeps {
  readonly files: WorkflowFiles;
  readonly controller: Controller;
  readonly brake: Brake;
  readonly elsewhere: Elsewhere;
  /** What this process took away and an inventory may list still. */
  readonly gone: Set<Key>;
  /** Workflows that were in force and are not any more, each told once. */
  went(): readonly string[];
  /** Reads the folder anew. */
  rescan(): Promise<void>;
}

const NOTHING: Collected = { deleted: [], kept: [], open: [] };

export async function collect(deps: CollectorDeps): Promise<Collected> {
  const { brake, controller, files, registry } = deps;
  await deps.rescan();
  if (!files.complete || !deps.mayWrite()) return NOTHING;
  const asked = asksFor(files);
  /** A file that comes back, or comes anew, may want what is about to go: the next look decides afresh. */
  const mayWrite = (): boolean => deps.mayWrite() && asksFor(files) === asked;
  const verdict = await brake.look([...files.inForce.keys()], deps.went());
  const pass = controller.newPass();
  const live = liveKeys(controller, files);
  /** Before the inventory: what it does not list yet they may still make. */
  const running = new Set(controller.queue.running);
  const inventory = await takeInventory(registry, { ...pass, fresh: true, live });
  let used: Promise<ReadonlyMap<Key, string>> | undefined;
  const deleted: Key[] = [];
  const kept: Leftover[] = [];
  const open: { workflow: string; why: string }[] = [];

  async function take(workflow: string, rows: Inventory, takePass: Pass = pass): Promise<Dismantled | undefined> {
    if (isEmpty(rows)) return undefined;
    const plan = planDeletion({ registry, inventory: rows, live, used: await usedElsewhere(), regardless: false });
    const done = await dismantle({ ...deps, mayWrite }, workflow, plan, takePass);
    deleted.push(...done.deleted);
    for (const key of [...done.deleted, ...done.gone]) deps.gone.add(key);
    kept.push(...done.kept.map(({ key, why }) => ({ key, workflow, why })));
    if (done.busy !== undefined) open.push({ workflow, why: done.busy });
    for (const error of done.failures.values()) open.push({ workflow, why: explain(error) });
    return done;
  }

  for (const name of verdict.prunable) {
    if (running.has(name)) {
      open.push({ workflow: name, why: "it was being set up when its file went; that comes to its end first" });
      continue;
    }
    const rows = rowsOf(name);
    const done = (await isKeptElsewhere(name)) ? undefined : await take(name, rows);
    const whole = !done || (done.busy === undefined && done.failures.size === 0);
    // What was kept for its data may become empty, or its last user may go: its name stays known, and it is asked again.
    const mayGoYet = done?.kept.some((one) => one.later) ?? false;
    if (whole && !mayGoYet) await brake.forget([name]);
  }

  for (const [name, head] of files.inForce) {
    const { result, resultOf } = controller.record(name);
    const settled = result?.outcome.is === "synced" && resultOf === head.hash;
    if (!settled || head.suspend || head.drift === "report") continue;
    const rows = rowsWhere(rowsOf(name), (row, kind) => row.runtime === undefined && !live.has(keyOf(kind, row.name)));
    if (!isEmpty(rows) && !(await isKeptElsewhere(name))) await take(name, rows);
  }

  await collectFoundation();
  nameStrangers();
  return { deleted, kept, open };

  function rowsOf(workflow: string): Inventory {
    return rowsWhere(inventory, (row) => row.workflow === workflow);
  }

  function usedElsewhere(): Promise<ReadonlyMap<Key, string>> {
    used ??= deps.elsewhere.uses(controller.foundation.here, new Set(verdict.prunable), pass);
    return used;
  }

  /** It stood here too, or was refused; but it was not set up from here. */
  async function isKeptElsewhere(workflow: string): Promise<boolean> {
    await usedElsewhere();
    return (await deps.elsewhere.keeperOf(workflow, pass)) !== undefined;
  }

  /** Of ours, and of no workflow of this folder: shown, never touched. */
  function nameStrangers(): void {
    const why = "its workflow is not in this folder: set up from elsewhere, or pruned before";
    const told = new Set([...deps.gone, ...kept.map((one) => one.key)]);
    const listed = new Set([...inventory].flatMap(([kind, rows]) => rows.map((row) => keyOf(kind, row.name))));
    for (const key of deps.gone) if (!listed.has(key)) deps.gone.delete(key);
    for (const [kind, rows] of inventory) {
      for (const { name, workflow } of rows) {
        const key = keyOf(kind, name);
        const known = workflow === FOUNDATION || files.inForce.has(workflow) || verdict.vanished.includes(workflow);
        if (!known && !told.has(key) && !live.has(key)) kept.push({ key, workflow, why });
      }
    }
  }

  async function collectFoundation(): Promise<void> {
    const { here } = controller.foundation;
    const others = [...workflowsOf(inventory)].filter((name) => name !== FOUNDATION && !here.has(name));
    // Workflows that were set up from elsewhere may use all of it.
    if (verdict.vanished.length > 0 || others.length > 0) return;
    const mayGo = files.inForce.size > 0 ? controller.foundation.standing : verdict.marker?.emptied;
    if (!mayGo) return;
    const none = files.inForce.size === 0;
    await take(
      FOUNDATION,
      rowsWhere(inventory, (row, kind) => {
        return row.workflow === FOUNDATION && (none || row.runtime === undefined) && !live.has(keyOf(kind, row.name));
      }),
    );
  }
}

/** Changes with whatever the files in force say. */
const asksFor = ({ inForce }: WorkflowFiles): string =>
  [...inForce.values()].map(({ hash, name }) => `${name} ${hash}`).join("\n");

/** What any workflow in force, suspended ones included, or the foundation names. */
export function liveKeys(controller: Controller, files: WorkflowFiles): Set<Key> {
  const heads = [...files.inForce.values()];
  const desired = [
    ...heads.flatMap((head) => controller.reconciler.desiredOf(head)),
    ...controller.foundation.desired(),
  ];
  return new Set(desired.flatMap((one) => [one.key, ...refsOf(one.spec).map((ref) => ref.ref)]));
}

export const notCollected = (error: unknown): Collected => ({
  ...NOTHING,
  open: [{ workflow: FOUNDATION, why: explain(asError(error)) }],
});
