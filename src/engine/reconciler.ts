/** What one run of one queue item does: a workflow, or the foundation that all share. */
import { refsOf } from "../core/refs.ts";
import { type Desired, FOUNDATION, type Key, kindFor, type Pass } from "../core/resource.ts";
import { formatProblem, hasErrors, type Problem } from "../workflow/problem.ts";
import { MARKER } from "../workflow/source-file.ts";
import { planNow } from "./converge.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { fingerprint } from "./fingerprint.ts";
import { type Foundation, grows, shrinks } from "./foundation.ts";
import { asError, observe } from "./observe.ts";
import { failed, type PassResult } from "./outcome.ts";
import { carryOut, type Look, look, type PassDeps, report, resultOf, type Target } from "./pass.ts";
import type { Catalog, Flow, Head } from "./ports.ts";

export interface ReconcilerDeps extends PassDeps {
  readonly catalog: Catalog;
  readonly flow?: Flow;
  readonly foundation: Foundation;
  readonly elsewhere: Elsewhere;
  /** `PIPEWRIGHT_IGNORE`. */
  readonly ignore: readonly string[];
  newPass(): Pass;
  /** Resolves once the foundation stands for all members (true), or will not for now (false). */
  foundationStands(): Promise<boolean>;
  /** Everything in the folder was seen and understood. */
  folderComplete(): boolean;
}

export interface Reconciler {
  desiredOf(workflow: Head): readonly Desired[];
  workflow(workflow: Head): Promise<PassResult>;
  foundation(): Promise<PassResult>;
  /** Looks only. */
  preview(workflow: Head): Promise<PassResult>;
  previewFoundation(): Promise<PassResult>;
}

export function createReconciler(deps: ReconcilerDeps): Reconciler {
  const { catalog, foundation } = deps;
  const compiled = new WeakMap<Head, readonly Desired[]>();
  /** Versions of workflows that were in sync: most of their passes write nothing, and need not ask who has their buckets. */
  const inSync = new Map<string, string>();

  const desiredOf = (workflow: Head): readonly Desired[] => {
    const known = compiled.get(workflow) ?? catalog.compile(workflow);
    compiled.set(workflow, known);
    return known;
  };

  const targetOf = (workflow: Head): Target => ({
    name: workflow.name,
    desired: desiredOf(workflow),
    ignore: [...deps.ignore, ...workflow.ignore],
  });

  const foundationTarget = (): Target => ({ name: FOUNDATION, desired: foundation.desired(), ignore: deps.ignore });

  async function workflow(head: Head): Promise<PassResult> {
    const pass = deps.newPass();
    const elsewhere = refusedHere(head, pass);
    if (elsewhere) {
      foundation.judge(head.name, "refused");
      return elsewhere;
    }
    await deps.history.load(head.name);
    const target = targetOf(head);
    const mayWrite = inSync.get(head.name) !== head.hash;
    const [first, claimed] = await Promise.all([look(deps, target, pass), mayWrite ? claimsOf(head) : undefined]);
    const result = resultOf(first, pass);
    if (first.seen.failures.size > 0) return result;
    if (first.steps.length === 0) inSync.set(head.name, head.hash);

    const silent = isSilent(head);
    if (result.outcome.is === "refused") {
      foundation.judge(head.name, standsPartly(target, first) ? "silent" : "refused");
      noteRefusal(head, result);
      return result;
    }
    const writes = !silent && first.steps.length > 0;
    const taken = writes ? (mayWrite ? claimed : await claimsOf(head)) : undefined;
    if (taken) {
      foundation.judge(head.name, standsPartly(target, first) ? "silent" : "refused");
      return { ...result, outcome: taken };
    }
    const kept = writes ? await keptElsewhere(head, pass) : undefined;
    if (kept) {
      foundation.judge(head.name, "elsewhere");
      return { ...result, outcome: kept };
    }
    foundation.judge(head.name, silent ? "silent" : "admitted");
    if (!writes) {
      report(deps, target, first, pass);
      return silent && first.steps.length > 0 ? { ...result, outcome: reported(head, first) } : result;
    }
    const ready = await onFoundation(target, first, pass);
    if (!ready) return { ...result, outcome: { is: "waiting", on: FOUNDATION, retryMs: deps.limits.busyMs } };
    const done = await carryOut(deps, target, ready, pass);
    if (done.outcome.is === "synced") inSync.set(head.name, head.hash);
    return done;
  }

  /** Buckets may be another workflow's, and what tells of files in them too: they are no part of this one that stands. */
  function standsPartly(target: Target, { seen }: Look): boolean {
    const own = target.desired.filter(({ claim, key }) => claim === "own" && !kindFor(deps.registry, key).eventSource);
    return own.some((one) => seen.observed.get(one.key)?.is === "owned");
  }

  /** Writing begins only on a standing foundation; what came into being meanwhile is read again. */
  async function onFoundation(target: Target, first: Look, pass: Pass): Promise<Look | undefined> {
    if (foundation.standing) return first;
    if (!(await deps.foundationStands())) return undefined;
    const own = new Set(target.desired.map((one) => one.key));
    const others = target.desired
      .flatMap((one) => refsOf(one.spec).map((ref) => ref.ref))
      .filter((key) => !own.has(key));
    const readDeps = { registry: deps.registry, readsPerPass: deps.limits.readsPerPass };
    const seen = await observe(readDeps, [...new Set<Key>(others)], { ...pass, fresh: true }, first.seen);
    return { seen, steps: planNow(deps, target, seen) };
  }

  async function converged(): Promise<PassResult> {
    const pass = deps.newPass();
    await Promise.all([deps.history.load(FOUNDATION), foundation.lookElsewhere()]);
    const whole = foundationTarget();
    const first = await look(deps, whole, pass);
    const result = resultOf(first, pass);
    if (first.seen.failures.size > 0 || result.outcome.is === "refused") return done(whole, result);
    const held = heldBack(whole, first);
    const target = { ...whole, desired: whole.desired.filter((one) => !held.keys.has(one.key)) };
    const steps = first.steps.filter((step) => !held.keys.has(step.key));
    const within = { seen: first.seen, steps };
    if (steps.every((step) => step.do === "refuse")) {
      report(deps, target, within, pass);
      return done(whole, withHeld(resultOf(within, pass), held));
    }
    if (!foundation.writable) {
      return done(whole, {
        ...result,
        outcome: { is: "waiting", on: "the checks of the workflows", retryMs: deps.limits.busyMs },
      });
    }
    if (foundation.outdated) return converged();
    return done(whole, withHeld(await carryOut(deps, target, within, pass), held));
  }

  /**
   * While it is not certain that every workflow was seen, nothing is taken out of what they share. What changed though
   * nobody asks for anything else than before is drift, and repaired all the same.
   */
  function heldBack(target: Target, { seen, steps }: Look): Held {
    if (deps.folderComplete()) return { keys: new Set(), incomplete: [] };
    const byKey = new Map(target.desired.map((one) => [one.key, one]));
    const held = steps.filter((step) => {
      if (step.do !== "update" || !step.changes.some(shrinks)) return false;
      return deps.history.syncedSpec(FOUNDATION, step.key) !== fingerprint(byKey.get(step.key)!, seen.observed);
    });
    const growing = held.filter((step) => step.do === "update" && step.changes.some(grows));
    return {
      keys: new Set(held.map((step) => step.key)),
      incomplete: growing.map(({ key }) => ({ reason: "HeldBack", why: `${key}: ${HELD_BACK}` })),
    };
  }

  const withHeld = (result: PassResult, { incomplete }: Held): PassResult => ({
    ...result,
    incomplete: [...result.incomplete, ...incomplete],
  });

  const done = (target: Target, result: PassResult): PassResult => {
    foundation.passed(target.desired, result);
    return result;
  };

  /** Failures that no kind has answered for, a bug in the compiler among them, are an outcome like any other. */
  async function guarded(work: () => Promise<PassResult>, name: string): Promise<PassResult> {
    try {
      return await work();
    } catch (error) {
      deps.log.error({ workflow: name, error: asError(error).stack }, "pass failed unexpectedly");
      return { ...EMPTY, pass: "", outcome: failed([asError(error)]) };
    }
  }

  /** The first files of a workflow that stands. */
  async function filled(head: Head): Promise<PassResult> {
    const result = await workflow(head);
    if (result.outcome.is !== "synced" || isSilent(head) || !deps.mayWrite()) return result;
    const on = await deps.flow?.backfill(head);
    if (on === undefined) return result;
    deps.tell({ type: "progress", workflow: head.name, what: on });
    return { ...result, outcome: { is: "waiting", on, retryMs: 0 } };
  }

  /** With what is known of the files that go through it. */
  async function withTrouble(head: Head, work: Promise<PassResult>): Promise<PassResult> {
    const asked = deps.flow?.trouble(head).catch((error: unknown) => {
      deps.log.debug({ workflow: head.name, error: asError(error).message }, "nobody tells what goes through");
      return undefined;
    });
    const [result, trouble] = await Promise.all([work, asked]);
    return trouble ? { ...result, trouble } : result;
  }

  function refusedHere(head: Head, pass: Pass): PassResult | undefined {
    const outcome = refusing("NotOfThisAccount", catalog.checkAgainst(head));
    return outcome && { ...EMPTY, pass: pass.id, outcome };
  }

  async function claimsOf(head: Head): Promise<PassResult["outcome"] | undefined> {
    const problems = await deps.elsewhere.claims(head, foundation.here, () => foundation.union);
    return refusing("ClaimedElsewhere", problems);
  }

  /** Two daemons that each have a workflow of this name would write over each other for ever. */
  async function keptElsewhere(head: Head, pass: Pass): Promise<PassResult["outcome"] | undefined> {
    const keeper = await deps.elsewhere.keeperOf(head.name, pass);
    if (keeper === undefined) return undefined;
    return { is: "refused", reason: "ClaimedElsewhere", why: `${head.file}: ${keptAdvice(head.name, keeper)}` };
  }

  function noteRefusal(head: Head, result: PassResult): void {
    const last = deps.history.entries(head.name).at(-1);
    for (const step of result.steps) {
      if (step.do !== "refuse" || !step.blocks || last?.message === step.why) continue;
      const about = { workflow: head.name, key: step.key, path: "", want: null, have: null, pass: result.pass };
      deps.history.add({ ...about, event: "refused", message: step.why });
    }
  }

  async function preview(head: Head): Promise<PassResult> {
    const pass = deps.newPass();
    const elsewhere = refusedHere(head, pass);
    if (elsewhere) return elsewhere;
    await deps.history.load(head.name);
    const target = targetOf(head);
    const first = await look(deps, target, pass);
    const result = looked(target, first, pass);
    const wouldWrite = first.steps.length > 0 && result.outcome.is !== "refused";
    const claimed = wouldWrite ? ((await claimsOf(head)) ?? (await keptElsewhere(head, pass))) : undefined;
    if (claimed) return { ...result, outcome: claimed };
    const due = result.outcome.is === "refused" || isSilent(head) ? undefined : await deps.flow?.backfillDue(head);
    return due === undefined ? result : { ...result, due };
  }

  function looked(target: Target, { seen, steps }: Look, pass: Pass): PassResult {
    const result = resultOf({ seen, steps }, pass);
    deps.drift.judge({ workflow: target.name, ...target, pass: pass.id, steps, observed: seen.observed, quiet: true });
    const writes = steps.filter((step) => step.do === "create" || step.do === "update").length;
    if (writes === 0 || result.outcome.is !== "waiting") return result;
    return { ...result, outcome: { is: "reported", why: `${differ(writes)}; nothing was written` } };
  }

  return {
    desiredOf,
    workflow: (head) =>
      withTrouble(
        head,
        guarded(() => filled(head), head.name),
      ),
    foundation: () => guarded(converged, FOUNDATION),
    preview: (head) =>
      withTrouble(
        head,
        guarded(() => preview(head), head.name),
      ),
    async previewFoundation() {
      return guarded(async () => {
        const pass = deps.newPass();
        await Promise.all([deps.history.load(FOUNDATION), foundation.lookElsewhere()]);
        const target = foundationTarget();
        const first = await look(deps, target, pass);
        const held = heldBack(target, first);
        const steps = first.steps.filter((step) => !held.keys.has(step.key));
        return withHeld(looked(target, { ...first, steps }, pass), held);
      }, FOUNDATION);
    },
  };
}

interface Held {
  readonly keys: ReadonlySet<Key>;
  readonly incomplete: PassResult["incomplete"];
}

const HELD_BACK =
  "changing it would take away what workflows that were not seen may need; run it on the whole folder, with every file good";

export const EMPTY: Omit<PassResult, "pass" | "outcome"> = {
  steps: [],
  failures: new Map(),
  incomplete: [],
  written: 0,
};

/** It is looked at, and nothing is written for it. */
const isSilent = (head: Head): boolean => head.suspend || head.drift === "report";

function refusing(
  reason: Extract<PassResult["outcome"], { is: "refused" }>["reason"],
  problems: readonly Problem[],
): PassResult["outcome"] | undefined {
  if (!hasErrors(problems)) return undefined;
  return { is: "refused", reason, why: problems.map(formatProblem).join("; ") };
}

function reported(head: Head, { steps }: Look): PassResult["outcome"] {
  const word = head.suspend ? "suspended" : '"drift": "report"';
  return { is: "reported", why: `${differ(steps.length)} and nothing is written: ${word}` };
}

const keptAdvice = (name: string, keeper: string): string =>
  `another folder keeps a workflow "${name}" that is not the same; choose another "name", or take one of the two away. ` +
  `Has this folder taken the place of that one? Then write "folder": "${keeper}" into its ${MARKER}`;

const differ = (count: number): string => (count === 1 ? "1 resource differs" : `${count} resources differ`);
