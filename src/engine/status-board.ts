/** Puts together what is known of everything into the status, whenever somebody asks. */

import { needlessEntries } from "../core/plan.ts";
import type { Clock } from "../core/ports.ts";
import { type AccountFacts, type Desired, FOUNDATION } from "../core/resource.ts";
import { formatProblem } from "../workflow/problem.ts";
import type { Brake } from "./brake.ts";
import type { Collected } from "./collector.ts";
import type { Controller } from "./controller.ts";
import type { Head, Lock, Trouble } from "./ports.ts";
import { type Condition, conditionsOf, type DaemonStatus, keyStatuses, type WorkflowStatus } from "./status.ts";
import type { FileProblem, WorkflowFiles } from "./workflow-files.ts";

export interface StatusBoard {
  status(): DaemonStatus;
}

const SHARED = { name: FOUNDATION, file: "", hash: "", suspend: false, drift: "repair" } as const;

export function createStatusBoard(deps: {
  clock: Clock;
  account: AccountFacts;
  owner: string;
  /** The setting `PIPEWRIGHT_IGNORE`. */
  ignore: readonly string[];
  files: WorkflowFiles;
  brake: Brake;
  /** The one at work now. */
  controller(): Controller;
  collected(): Collected;
  folderPath: string | undefined;
  lock?: Lock;
  notice?: Trouble;
  stopping(): boolean;
}): StatusBoard {
  const { brake, clock, files } = deps;
  const conditions = new Map<string, readonly Condition[]>();

  function item(
    { file, name, ...workflow }: Omit<Head, "ignore" | "onDelete">,
    problems: readonly FileProblem[],
  ): WorkflowStatus {
    const controller = deps.controller();
    const { result, resultOf, endedAt } = controller.record(name);
    const drift = controller.drift.open(name);
    const bad = problems.filter((one) => one.severity === "error");
    const base = name === FOUNDATION ? undefined : foundationTrouble();
    const facts = {
      ...{ workflow, result, resultOf, drift },
      badFile: bad.length > 0 ? bad.map(formatProblem).join("; ") : undefined,
      foundation: base,
      notice: deps.notice,
    };
    const now = conditionsOf(facts, conditions.get(name) ?? [], new Date(clock.now()).toISOString());
    conditions.set(name, now);
    const due = controller.queue.due(name);
    return {
      name,
      file,
      generation: workflow.hash,
      conditions: now,
      ...bucketsOf(workflow),
      ...(workflow.places ? { suspendLine: workflow.places.suspend.line } : {}),
      keys: keyStatuses(desiredOf(name), result, drift),
      drift,
      problems,
      ...(endedAt === undefined ? {} : { lastPass: new Date(endedAt).toISOString() }),
      ...(due === undefined ? {} : { nextPassMs: Math.max(0, Math.round(due - clock.monotonic())) }),
    };
  }

  function desiredOf(name: string): readonly Desired[] {
    const controller = deps.controller();
    const head = files.inForce.get(name);
    return head ? controller.reconciler.desiredOf(head) : controller.foundation.desired();
  }

  /** Of the setting, what is misspelt or left over; with no workflow there is nothing to tell it by. */
  function needlessSettings(): FileProblem[] {
    if (deps.ignore.length === 0 || files.inForce.size === 0) return [];
    const desired = [...files.inForce.keys(), FOUNDATION].flatMap(desiredOf);
    return needlessEntries(deps.ignore, desired).map((entry) => ({
      ...{ file: "PIPEWRIGHT_IGNORE", line: 1, column: 1, path: "", severity: "notice" },
      message: `has "${entry}", which names no field of any resource of ours`,
    }));
  }

  function foundationTrouble(): Trouble | undefined {
    const { last } = deps.controller().foundation;
    if (!last) return undefined;
    const { outcome } = last;
    if (outcome.is === "refused" || outcome.is === "failed") return { reason: outcome.reason, why: outcome.why };
    return last.incomplete[0];
  }

  return {
    status() {
      const heads = [...files.inForce.values()];
      const { problems } = files;
      const byFile = Map.groupBy(problems, (problem) => problem.file);
      const base = deps.controller().foundation.desired().length > 0;
      return {
        owner: deps.owner,
        account: deps.account.account,
        region: deps.account.region,
        ...(deps.folderPath === undefined ? {} : { folder: deps.folderPath }),
        workflows: heads.map((head) => item(head, byFile.get(head.file) ?? [])),
        ...(base ? { foundation: item(SHARED, []) } : {}),
        problems: [...problems, ...needlessSettings()],
        ...(files.why === undefined || deps.folderPath === undefined ? {} : { folderProblem: files.why }),
        ...(brake.verdict?.engaged === undefined ? {} : { brake: brake.verdict.engaged }),
        leftovers: [
          ...deps.collected().kept,
          ...deps.collected().open.map(({ workflow, why }) => ({ key: "", workflow, why })),
        ],
        leader: deps.lock?.held ?? true,
        stopping: deps.stopping(),
      };
    },
  };
}

function bucketsOf({ input, inputBucket, outputBucket }: Partial<Head>): Pick<WorkflowStatus, "buckets"> {
  if (!input || inputBucket === undefined || outputBucket === undefined) return {};
  return { buckets: { input: inputBucket, prefix: input.prefix, suffix: input.suffix, output: outputBucket } };
}
