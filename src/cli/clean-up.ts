/** `clean-up W… | --all [--force]`: takes everything away, in the right order, losing no data. Can be run twice. */
import { UsageError } from "../config.ts";
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { asJson, showProgress } from "./report.ts";

export interface CleanUpOptions extends FolderOptions {
  readonly all?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export async function cleanUp(context: Context, names: readonly string[], options: CleanUpOptions): Promise<number> {
  if (options.all === names.length > 0) throw new UsageError("name workflows, or give --all; not both");
  const session = await context.open(options);
  const done = showProgress(context, session.engine);
  const { terminal } = context;
  try {
    const target = options.all ? ({ all: true } as const) : { names };
    const report = await session.engine.cleanUp({ ...target, force: options.force ?? false });
    done();
    if (options.json) terminal.line(asJson(report));
    else {
      for (const { key, why } of report.refused) terminal.line(terminal.paint("red", `${key}: ${why}`));
      for (const { key, why } of report.kept) terminal.line(`kept: ${key}: ${why}`);
      for (const { key, why } of report.waiting) terminal.line(terminal.paint("yellow", `not yet: ${key}: ${why}`));
      terminal.line(
        `${report.deleted.length} resources deleted${report.kept.length > 0 ? `, ${report.kept.length} kept` : ""}`,
      );
    }
    return report.refused.length + report.waiting.length > 0 ? EXIT.error : EXIT.ok;
  } finally {
    done();
    await session.close();
  }
}
