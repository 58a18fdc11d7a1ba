/** What commands get to hear. Plain data. */
import type { Step } from "../core/plan.ts";
import { FOUNDATION } from "../core/resource.ts";
import { hasErrors } from "../workflow/problem.ts";
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
  readonly folderProblem?: string;
}

export function isGood({ problems, workflows }: DaemonStatus): boolean {
  if (hasErrors(problems)) return false;
  return workflows.every((one) => one.conditions.some((condition) => condition.type === "Ready" && isFine(condition)));
}

/** Differences that we were asked only to report are no failure. */
const isFine = ({ reason, status }: { status: string; reason: string }): boolean =>
  status === "True" || reason === "ReportOnly";

/** What the controller saw when it last looked. */
export function previewOf(controller: Controller, files: WorkflowFiles): Preview {
  const heads = [...files.inForce.values()];
  const items: { name: string; file?: string }[] = [
    { name: FOUNDATION },
    ...heads.map(({ file, name }) => ({ name, file })),
  ];
  return {
    workflows: items.flatMap((item) => {
      const { result } = controller.record(item.name);
      if (!result) return [];
      const { due, outcome, steps } = result;
      return [{ ...item, outcome, steps, ...(due === undefined ? {} : { due }) }];
    }),
    problems: files.problems,
    ...(files.why === undefined ? {} : { folderProblem: files.why }),
  };
}
