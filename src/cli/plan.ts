/** `plan [FILE…]`: what would be done. Writes nothing, anywhere. */
import { hasErrors } from "../workflow/problem.ts";
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { existing } from "./named-files.ts";
import { asJson, printPlanned, printProblems } from "./report.ts";
import { inSession } from "./session.ts";
import { counted } from "./words.ts";

export async function plan(
  context: Context,
  named: readonly string[],
  options: FolderOptions & { json?: boolean },
): Promise<number> {
  const files = await existing(context, named);
  const given = { ...options, ...(files.length > 0 ? { files } : {}), readOnly: true };
  return inSession(context, given, async ({ engine }, quiet) => {
    const preview = await engine.plan();
    quiet();
    const steps = preview.workflows.flatMap((one) => one.steps);
    const due = preview.workflows.filter((one) => one.due !== undefined).length;
    const failed = preview.workflows.some((one) => one.outcome.is === "failed" || one.outcome.is === "refused");
    const bad = hasErrors(preview.problems) || preview.folderProblem !== undefined;
    if (options.json) context.terminal.line(asJson(preview));
    else {
      printProblems(context, preview.problems);
      if (preview.folderProblem) context.terminal.line(preview.folderProblem);
      for (const one of preview.workflows) printPlanned(context, one);
      context.terminal.line(summary(steps, due, failed || bad));
    }
    if (failed || bad) return EXIT.error;
    return steps.length + due > 0 ? EXIT.changes : EXIT.ok;
  });
}

/**
 * @param due workflows with files to be sent
 * @param partly something could not be understood or read, so that more may be to do
 */
function summary(steps: readonly { readonly do: string }[], due: number, partly: boolean): string {
  if (steps.length + due === 0)
    return partly ? "nothing else to do; what is wrong stands above" : "in sync: nothing to do";
  const count = (what: string) => steps.filter((step) => step.do === what).length;
  const waiting = count("wait") > 0 ? `, ${count("wait")} to follow` : "";
  const refused = count("refuse") > 0 ? `, ${count("refuse")} refused` : "";
  const files = due > 0 ? `, files to send in ${counted(due, "workflow")}` : "";
  return `${count("create")} to create, ${count("update")} to update${waiting}${refused}${files}`;
}
