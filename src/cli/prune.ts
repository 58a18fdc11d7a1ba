/** `prune --confirm`: a person says that the files are meant to be gone. */
import { hasErrors } from "../workflow/problem.ts";
import { converge } from "./apply.ts";
import { type Context, EXIT, type FolderOptions, type Session } from "./context.ts";
import { asJson, printProblems } from "./report.ts";
import { inSession } from "./session.ts";

export interface PruneOptions extends FolderOptions {
  readonly confirm?: boolean;
  readonly json?: boolean;
}

export function prune(context: Context, options: PruneOptions): Promise<number> {
  if (options.confirm) return converge(context, options, ({ engine }) => engine.prune());
  return inSession(context, { ...options, readOnly: true }, ({ engine }, quiet) =>
    list(context, engine, quiet, options.json ?? false),
  );
}

async function list(context: Context, engine: Session["engine"], quiet: () => void, json: boolean): Promise<number> {
  const { terminal } = context;
  const prunable = await engine.prunable();
  quiet();
  const { folderProblem, problems } = engine.status();
  // As long as a file cannot be read, none is known to be gone.
  const unsure = folderProblem !== undefined || hasErrors(problems);
  if (json) terminal.line(asJson({ prunable, problems, ...(folderProblem === undefined ? {} : { folderProblem }) }));
  else if (unsure) {
    printProblems(context, problems);
    if (folderProblem !== undefined) terminal.line(terminal.paint("red", folderProblem));
    terminal.line("nothing is pruned before that is mended");
  } else if (prunable.length === 0) {
    terminal.line("nothing to prune: every workflow set up from here still has its file");
  } else {
    terminal.line(`these workflows have no file any more: ${prunable.join(", ")}`);
    terminal.line("run `pipewright prune --confirm` to take their resources away as their `on_delete` says");
  }
  return unsure ? EXIT.error : EXIT.ok;
}
