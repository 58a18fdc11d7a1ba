/** How plans, passes and conditions read, for people. */
import { briefChange, type Step } from "../core/plan.ts";
import { FOUNDATION } from "../core/resource.ts";
import type { PlannedWorkflow, Report } from "../engine/engine.ts";
import type { Condition, WorkflowStatus } from "../engine/status.ts";
import { formatProblem, type Problem } from "../workflow/problem.ts";
import type { Context } from "./context.ts";
import { counted, titleOf } from "./words.ts";

type Out = Pick<Context, "terminal">;

export function printPlanned({ terminal }: Out, planned: PlannedWorkflow): void {
  const { paint } = terminal;
  if (planned.steps.length === 0 && planned.outcome.is === "synced" && planned.due === undefined) return;
  terminal.line(paint("bold", titleOf(planned.name)));
  if (planned.outcome.is === "failed") terminal.line(`  ${paint("red", planned.outcome.why)}`);
  if (planned.outcome.is === "refused" && planned.steps.length === 0)
    terminal.line(`  ${paint("red", planned.outcome.why)}`);
  for (const step of planned.steps)
    for (const line of stepLines(step)) terminal.line(`  ${paint(line.colour, line.text)}`);
  if (planned.due !== undefined) terminal.line(`  ${paint("yellow", `> ${planned.due}`)}`);
  terminal.line();
}

type Line = { readonly colour: "green" | "yellow" | "red" | "gray"; readonly text: string };

function stepLines(step: Step): Line[] {
  switch (step.do) {
    case "create":
      return [{ colour: "green", text: `+ ${step.key}` }];
    case "wait":
      return [{ colour: "gray", text: `… ${step.key} (${step.on === step.key ? "settling" : `after ${step.on}`})` }];
    case "refuse":
      return [{ colour: "red", text: `! ${step.why}` }];
    case "update":
      return [
        { colour: "yellow", text: `~ ${step.key}` },
        ...step.changes.map(
          (change): Line => ({
            colour: "yellow",
            text: `    ${change.path}: ${briefChange(change)}`,
          }),
        ),
      ];
  }
}

/** What stands, and the reasons where something does not. */
export function printReport({ terminal }: Out, { gaveUp, status }: Report): void {
  const { brake, folder, folderProblem, foundation, leftovers, problems, workflows } = status;
  printProblems({ terminal }, problems);
  for (const one of [...(foundation ? [foundation] : []), ...workflows]) printHeadline({ terminal }, one);
  if (folderProblem && folder) terminal.line(terminal.paint("red", folderProblem));
  if (brake) terminal.line(terminal.paint("yellow", `nothing is pruned: ${brake}`));
  for (const { key, workflow, why } of leftovers) {
    terminal.line(key === "" ? `${titleOf(workflow)}: ${why}` : `kept: ${key} (${workflow}): ${why}`);
  }
  if (gaveUp) terminal.line(terminal.paint("red", "gave up: nothing has moved for ten minutes"));
}

export function printProblems({ terminal }: Out, problems: readonly Problem[]): void {
  for (const problem of problems) {
    const notice = problem.severity === "notice";
    terminal.line(terminal.paint(notice ? "yellow" : "red", formatProblem(problem)) + (notice ? " (notice)" : ""));
  }
}

export function printHeadline({ terminal }: Out, workflow: WorkflowStatus): void {
  const ready = conditionOf(workflow, "Ready");
  const stalled = conditionOf(workflow, "Stalled");
  const wrong = ready?.status !== "True" ? ready : stalled?.status === "True" ? stalled : undefined;
  const mark = wrong ? terminal.paint("red", "✗") : terminal.paint("green", "✓");
  // What is told of everything is said once.
  const notice = workflow.name === FOUNDATION && ready?.reason !== "Reconciled" ? `; ${told(ready)}` : "";
  const rest = wrong ? told(wrong) : `${counted(workflow.keys.length, "resource")}${notice}`;
  terminal.line(`${mark} ${titleOf(workflow.name)}: ${rest}`);
}

const told = (condition: Condition | undefined): string => `${condition?.reason}: ${condition?.message}`;

export const conditionOf = (workflow: WorkflowStatus, type: Condition["type"]): Condition | undefined =>
  workflow.conditions.find((one) => one.type === type);

/** JSON for machines: errors and maps become plain data. */
export const asJson = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, inner) => (inner instanceof Map ? Object.fromEntries(inner) : inner instanceof Error ? inner.message : inner),
    2,
  );

/** Stands, and files get through. */
export const isWell = (workflow: WorkflowStatus): boolean =>
  conditionOf(workflow, "Ready")?.status === "True" && conditionOf(workflow, "Stalled")?.status !== "True";
