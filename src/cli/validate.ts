/** `validate FILE…`: what is wrong with files, without AWS. */

import { checkFolder } from "../workflow/folder.ts";
import { parseWorkflow } from "../workflow/parse.ts";
import { hasErrors, type Problem } from "../workflow/problem.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { type Context, EXIT } from "./context.ts";
import { NO_FILE, withoutMarker } from "./named-files.ts";
import { printProblems } from "./report.ts";

export async function validate(
  context: Context,
  named: readonly string[],
  options: { pipelines: string; json?: boolean },
): Promise<number> {
  const files = withoutMarker(named);
  const problems: Problem[] = [];
  const workflows: Workflow[] = [];
  for (const path of files) {
    const file = await context.readFile(path);
    if (!file) {
      problems.push({ file: path, line: 1, column: 1, path: "", message: NO_FILE, severity: "error" });
      continue;
    }
    const parsed = parseWorkflow(file, (name) => context.algorithm(path, options.pipelines, name));
    problems.push(...parsed.problems);
    if (parsed.workflow) workflows.push(parsed.workflow);
  }
  problems.push(...checkFolder(workflows).refused.flatMap((one) => one.problems));
  if (options.json) context.terminal.line(JSON.stringify({ problems }, undefined, 2));
  else printProblems(context, problems);
  if (hasErrors(problems)) return EXIT.error;
  if (!options.json) context.terminal.line(`${files.length === 1 ? files[0] : `${files.length} files`}: valid`);
  return EXIT.ok;
}
