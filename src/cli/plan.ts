/** `plan [FILE…]`: what would be done. Writes nothing, anywhere. */
import { hasErrors } from "../workflow/problem.ts";
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { mustExist } from "./named-files.ts";
import { asJson, printPlanned, showProgress } from "./report.ts";
import { printProblems } from "./validate.ts";

export async function plan(
  context: Context,
  files: readonly string[],
  options: FolderOptions & { json?: boolean },
): Promise<number> {
  await mustExist(context, files);
  const session = await context.open({ ...options, ...(files.length > 0 ? { files } : {}), readOnly: true });
  const done = showProgress(context, session.engine);
  try {
    const preview = await session.engine.plan();
    done();
    const steps = preview.workflows.flatMap((one) => one.steps);
    const failed = preview.workflows.some((one) => one.outcome.is === "failed" || one.outcome.is === "refused");
    const bad = hasErrors(preview.problems) || (files.length === 0 && preview.folderProblem !== undefined);
    if (options.json) context.terminal.line(asJson(preview));
    else {
      printProblems(context, preview.problems);
      if (files.length === 0 && preview.folderProblem) context.terminal.line(preview.folderProblem);
      for (const one of preview.workflows) printPlanned(context, one);
      context.terminal.line(summary(steps));
    }
    if (failed || bad) return EXIT.error;
    return steps.length > 0 ? EXIT.changes : EXIT.ok;
  } finally {
    done();
    await session.close();
  }
}

function summary(steps: readonly { readonly do: string }[]): string {
  if (steps.length === 0) return "in sync: nothing to do";
  const count = (what: string) => steps.filter((step) => step.do === what).length;
  const waiting = count("wait") > 0 ? `, ${count("wait")} to follow` : "";
  const refused = count("refuse") > 0 ? `, ${count("refuse")} refused` : "";
  return `${count("create")} to create, ${count("update")} to update${waiting}${refused}`;
}
