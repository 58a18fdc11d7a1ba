/** `status [W]`: how it stands, as AWS says now and as history remembers. */

import { FOUNDATION } from "../core/resource.ts";
import type { DaemonStatus, WorkflowStatus } from "../engine/status.ts";
import { hasErrors, type Problem } from "../workflow/problem.ts";
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { asJson, isWell, printHeadline, printProblems } from "./report.ts";
import { inSession } from "./session.ts";
import { printSteps } from "./step-table.ts";
import { table } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";
import { titleOf } from "./words.ts";

export async function status(
  context: Context,
  name: string | undefined,
  options: FolderOptions & { json?: boolean },
): Promise<number> {
  const { terminal } = context;
  return inSession(context, { ...options, readOnly: true }, async (session, quiet) => {
    await session.engine.look();
    const all = session.engine.status();
    if (name === undefined) {
      quiet();
      if (options.json) terminal.line(asJson(all));
      else printAll(context, all);
      const folderIsRight = all.folderProblem === undefined && !hasErrors(all.problems);
      return folderIsRight && all.workflows.every(isWell) ? EXIT.ok : EXIT.error;
    }
    const items = [...all.workflows, ...(all.foundation ? [all.foundation] : [])];
    const workflow = items.find((one) => one.name === name);
    const steps = name === FOUNDATION ? undefined : await (await session.data.of(name))?.states();
    quiet();
    const known = all.workflows.map((one) => one.name);
    // A bad file cannot be told by its workflow's name: any of them may be this one's.
    const bad = hasErrors(all.problems);
    if (!workflow && !steps && !bad) throw new UsageError(unknownWorkflow(name, known));
    if (options.json) {
      terminal.line(asJson({ ...(workflow ?? { name, problems: all.problems }), steps: steps ?? [] }));
    } else {
      if (workflow) printWorkflow(context, workflow);
      else printUnasked(context, name, all.problems, steps !== undefined);
      if (steps) {
        terminal.line();
        printSteps(context, name, steps);
      }
    }
    // Set up from another folder, or from a file that is bad now: what it asks for is not known here.
    return (workflow ? isWell(workflow) : !bad) ? EXIT.ok : EXIT.error;
  });
}

function printAll(context: Context, all: DaemonStatus): void {
  const { terminal } = context;
  terminal.line(
    `account ${all.account}, region ${all.region}, owner ${all.owner}; read from AWS just now, not from a daemon`,
  );
  if (all.folderProblem) terminal.line(terminal.paint("red", all.folderProblem));
  if (all.brake) terminal.line(terminal.paint("yellow", `nothing is pruned: ${all.brake}`));
  printProblems(context, all.problems);
  if (all.foundation) printHeadline(context, all.foundation);
  for (const one of all.workflows) printHeadline(context, one);
  if (all.workflows.length === 0 && !all.folderProblem) terminal.line(`no workflow in ${all.folder}`);
}

function printWorkflow({ terminal }: Context, workflow: WorkflowStatus): void {
  const file = workflow.file === "" ? "" : ` (${workflow.file})`;
  terminal.line(terminal.paint("bold", `${titleOf(workflow.name)}${file}`));
  const conditions = workflow.conditions.map((it) => [it.type, it.status, it.reason, it.message]);
  for (const line of table(["CONDITION", "STATUS", "REASON", "MESSAGE"], conditions)) terminal.line(line);
  terminal.line();
  const resources = workflow.keys.map((it) => [it.key, it.state, it.message ?? ""]);
  for (const line of table(["RESOURCE", "STATE", ""], resources)) terminal.line(line);
}

function printUnasked(context: Context, name: string, problems: readonly Problem[], isSetUp: boolean): void {
  const { terminal } = context;
  const which = hasErrors(problems) ? "no valid file" : "no file";
  const where = isSetUp ? "set up in the account" : "not set up";
  terminal.line(`${terminal.paint("bold", name)}: ${where}; ${which} of this folder asks for it`);
  printProblems(context, problems);
}

export const unknownWorkflow = (name: string, known: readonly string[]): string =>
  `no workflow is named "${name}"${known.length > 0 ? `; there is ${known.join(", ")}` : "; the folder holds none"}`;
