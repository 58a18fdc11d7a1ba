/** `apply [FILE…]` and `setup-pipe -f FILE…`: one convergence without the daemon. */
import type { Report } from "../engine/engine.ts";
import { parseWorkflow } from "../workflow/parse.ts";
import { type Context, EXIT, type FolderOptions, type OpenOptions, type Session } from "./context.ts";
import { existing, withoutMarker } from "./named-files.ts";
import { asJson, printReport } from "./report.ts";
import { inSession } from "./session.ts";

export async function apply(
  context: Context,
  named: readonly string[],
  options: FolderOptions & { json?: boolean },
): Promise<number> {
  const files = await existing(context, named);
  return converge(context, { ...options, ...(files.length > 0 ? { files } : {}) }, ({ engine }) => engine.apply());
}

export interface SetupPipeOptions extends FolderOptions {
  readonly files: readonly string[];
  readonly use_user_credential?: true;
  readonly json?: boolean;
}

export async function setupPipe(context: Context, options: SetupPipeOptions): Promise<number> {
  const files = withoutMarker(options.files);
  if (options.use_user_credential) {
    context.terminal.error(
      "warning: --use_user_credential does nothing any more: tasks run under a role, and no key is stored anywhere",
    );
  }
  const code = await apply(context, files, options);
  // The report for machines names the buckets of each workflow.
  if (code !== EXIT.ok || options.json) return code;
  for (const file of files) {
    const source = await context.readFile(file);
    const { workflow } = parseWorkflow(source!, (name) => context.algorithm(file, options.pipelines, name));
    context.terminal.line(`You can start upload files at ${workflow?.inputBucket}`);
    context.terminal.line(`You will get your result at ${workflow?.outputBucket}`);
  }
  return code;
}

/** Runs to the end and tells how it went. */
export function converge(
  context: Context,
  options: OpenOptions & { readonly json?: boolean },
  work: (session: Session) => Promise<Report>,
): Promise<number> {
  return inSession(context, options, async (session, quiet) => {
    const report = await work(session);
    quiet();
    if (options.json) context.terminal.line(asJson(report));
    else printReport(context, report);
    return report.ok ? EXIT.ok : EXIT.error;
  });
}
