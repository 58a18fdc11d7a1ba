/** What commands get to hear. Plain data. */
import type { Step } from "../core/plan.ts";
import { FOUNDATION } from "../core/resource.ts";
import type { Collected } from "./collector.ts";
import type { Controller } from "./controller.ts";
import type { Outcome } from "./outcome.ts";
import type { DaemonStatus } from "./status.ts";
import type { FileProblem, WorkflowFiles } from "./workflow-files.ts";

export interface Report {
  /** Everything asked for stands as declared; nothing is refused, incomplete or bad. */
  readonly ok: boolean;
  /** Gave up because nothing moved any more. */
  readonly gaveUp: boolean;
  readonly status: DaemonStatus;
  /** What was taken away, and what was left. */
  readonly collected: Collected;
}

export interface PlannedWorkflow {
  /** `@foundation` for the shared part. */
  readonly name: string;
  readonly file?: string;
  readonly outcome: Outcome;
  readonly steps: readonly Step[];
  /** What would be done beside the steps: files that are to be sent. */
  readonly due?: string;
}

export interface Preview {
  readonly workflows: readonly PlannedWorkflow[];
  readonly problems: readonly FileProblem[];
  /** Names that were asked for and that no good file has. */
  readonly unknown: readonly string[];
  readonly folderProblem?: string;
}

/** @param only names that were asked for; absent: all */
export function isGood(status: DaemonStatus, only: ReadonlySet<string> | undefined): boolean {
  const asked = status.workflows.filter((one) => only?.has(one.name) ?? true);
  if ([...(only ?? [])].some((name) => !asked.some((one) => one.name === name))) return false;
  const concerns = (file: string): boolean => !only || asked.some((one) => one.file === file);
  if (status.problems.some((problem) => problem.severity === "error" && concerns(problem.file))) return false;
  return asked.every((one) => one.conditions.some((condition) => condition.type === "Ready" && isFine(condition)));
}

/** Differences that we were asked only to report are no failure. */
const isFine = ({ reason, status }: { status: string; reason: string }): boolean =>
  status === "True" || reason === "ReportOnly";

/** What the controller saw when it last looked. */
export function previewOf(controller: Controller, files: WorkflowFiles, names: readonly string[] | undefined): Preview {
  const asked = [...files.inForce.values()].filter((head) => names?.includes(head.name) ?? true);
  const items: { name: string; file?: string }[] = [
    { name: FOUNDATION },
    ...asked.map(({ file, name }) => ({ name, file })),
  ];
  return {
    workflows: items.flatMap((item) => {
      const { result } = controller.record(item.name);
      if (!result) return [];
      const { due, outcome, steps } = result;
      return [{ ...item, outcome, steps, ...(due === undefined ? {} : { due }) }];
    }),
    problems: files.problems,
    unknown: (names ?? []).filter((name) => !files.inForce.has(name)),
    ...(files.why === undefined ? {} : { folderProblem: files.why }),
  };
}
