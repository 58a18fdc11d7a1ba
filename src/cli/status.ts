/** `status [W]`: how it stands, as AWS says now and as history remembers. */

import type { StepState } from "../data/data.ts";
import type { DaemonStatus, WorkflowStatus } from "../engine/status.ts";
import { formatProblem } from "../workflow/problem.ts";
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { asJson, isWell, printHeadline, showProgress, titleOf } from "./report.ts";
import { printSteps } from "./step-table.ts";
import { table } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export async function status(
  context: Context,
  name: string | undefined,
  options: FolderOptions & { json?: boolean },
): Promise<number> {
  const session = await context.open({ ...options, readOnly: true });
  const done = showProgress(context, session.engine);
  const { terminal } = context;
  try {
    await session.engine.look();
    done();
    const all = session.engine.status();
    if (name === undefined) {
      if (options.json) terminal.line(asJson(all));
      else printAll(context, all);
      return all.workflows.every(isWell) ? EXIT.ok : EXIT.error;
    }
    const workflow = all.workflows.find((one) => one.name === name);
    const steps = await (await session.data.of(name))?.states();
    const known = all.workflows.map((one) => one.name);
    if (!workflow && !steps) throw new UsageError(unknownWorkflow(name, known));
    if (options.json) terminal.line(asJson({ ...workflow, steps: steps ?? [] }));
    else printOne(context, name, workflow, steps);
    // Set up from another folder: what it asks for is not known here.
    return !workflow || isWell(workflow) ? EXIT.ok : EXIT.error;
  } finally {
    done();
    await session.close();
  }
}

function printAll(context: Context, all: DaemonStatus): void {
  const { terminal } = context;
  terminal.line(
    `account ${all.account}, region ${all.region}, owner ${all.owner}; read from AWS just now, without a daemon`,
  );
  if (all.folderProblem) terminal.line(terminal.paint("red", all.folderProblem));
  if (all.brake) terminal.line(terminal.paint("yellow", `nothing is pruned: ${all.brake}`));
  for (const problem of all.problems) terminal.line(terminal.paint("red", formatProblem(problem)));
  if (all.foundation) printHeadline(context, all.foundation);
  for (const one of all.workflows) printHeadline(context, one);
  if (all.workflows.length === 0) terminal.line(`no workflow in ${all.folder}`);
}

function printOne(
  context: Context,
  name: string,
  workflow: WorkflowStatus | undefined,
  steps: readonly StepState[] | undefined,
): void {
  const { terminal } = context;
  if (workflow) {
    terminal.line(terminal.paint("bold", `${titleOf(name)} (${workflow.file})`));
    const conditions = workflow.conditions.map((it) => [it.type, it.status, it.reason, it.message]);
    for (const line of table(["CONDITION", "STATUS", "REASON", "MESSAGE"], conditions)) terminal.line(line);
    terminal.line();
    const resources = workflow.keys.map((it) => [it.key, it.state, it.message ?? ""]);
    for (const line of table(["RESOURCE", "STATE", ""], resources)) terminal.line(line);
  } else {
    terminal.line(`${terminal.paint("bold", name)}: set up in the account; no file of this folder asks for it`);
  }
  if (!steps) return;
  terminal.line();
  printSteps(context, name, steps);
}

export const unknownWorkflow = (name: string, known: readonly string[]): string =>
  `no workflow is named "${name}"${known.length > 0 ? `; there is ${known.join(", ")}` : "; the folder holds none"}`;
