/** `apply [FILE…]` and `setup-pipe -f FILE…`: one convergence without the daemon. */
import { parseWorkflow } from "../workflow/parse.ts";
import { type Context, EXIT, type FolderOptions, type Session } from "./context.ts";
import { mustExist } from "./named-files.ts";
import { asJson, printReport, showProgress } from "./report.ts";

export async function apply(
  context: Context,
  files: readonly string[],
  options: FolderOptions & { json?: boolean },
): Promise<number> {
  await mustExist(context, files);
  const session = await context.open({ ...options, ...(files.length > 0 ? { files } : {}) });
  return converge(context, session, () => session.engine.apply(), options.json ?? false);
}

export interface SetupPipeOptions extends FolderOptions {
  readonly files: readonly string[];
  readonly use_user_credential?: true;
}

export async function setupPipe(context: Context, options: SetupPipeOptions): Promise<number> {
  const { files } = options;
  if (options.use_user_credential) {
    context.terminal.error(
      "warning: --use_user_credential does nothing any more: tasks run under a role, and no key is stored anywhere",
    );
  }
  const code = await apply(context, files, options);
  if (code !== EXIT.ok) return code;
  for (const file of files) {
    const source = await context.readFile(file);
    const { workflow } = parseWorkflow(source!, (name) => context.algorithm(file, options.pipelines, name));
    context.terminal.line(`You can start upload files at ${workflow?.inputBucket}`);
    context.terminal.line(`You will get your result at ${workflow?.outputBucket}`);
  }
  return code;
}

/** Runs to the end with progress, tells how it went, and closes the session whatever happens. */
export async function converge(
  context: Context,
  session: Session,
  work: () => ReturnType<Session["engine"]["apply"]>,
  json: boolean,
): Promise<number> {
  const quiet = json ? () => {} : showProgress(context, session.engine);
  try {
    const report = await work();
    quiet();
    if (json) context.terminal.line(asJson(report));
    else printReport(context, report);
    return report.ok ? EXIT.ok : EXIT.error;
  } finally {
    quiet();
    await session.close();
  }
}
