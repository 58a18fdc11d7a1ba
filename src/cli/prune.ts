/** `prune --confirm`: a person says that the files are meant to be gone. */
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { printReport, showProgress } from "./report.ts";

export async function prune(context: Context, options: FolderOptions & { confirm?: boolean }): Promise<number> {
  const session = await context.open({ ...options, readOnly: !options.confirm });
  const done = showProgress(context, session.engine);
  const { terminal } = context;
  try {
    if (!options.confirm) {
      const pending = await session.engine.prunable();
      done();
      if (pending.length === 0) terminal.line("nothing to prune: every workflow set up from here still has its file");
      else {
        terminal.line(`these workflows have no file any more: ${pending.join(", ")}`);
        terminal.line("run `pipewright prune --confirm` to take their resources away as their `on_delete` says");
      }
      return EXIT.ok;
    }
    const report = await session.engine.prune();
    done();
    printReport(context, report);
    return report.ok ? EXIT.ok : EXIT.error;
  } finally {
    done();
    await session.close();
  }
}
