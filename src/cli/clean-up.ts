/** `clean-up W… | --all [--force]`: takes everything away, in the right order, losing no data. Can be run twice. */

import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { asJson } from "./report.ts";
import { inSession } from "./session.ts";
import { UsageError } from "./usage-error.ts";
import { counted, titleOf } from "./words.ts";

export interface CleanUpOptions extends FolderOptions {
  readonly all?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export async function cleanUp(context: Context, names: readonly string[], options: CleanUpOptions): Promise<number> {
  if ((options.all ?? false) === names.length > 0) throw new UsageError("name workflows, or give --all; not both");
  const { terminal } = context;
  return inSession(context, options, async ({ engine }, quiet) => {
    const report = await engine.cleanUp({ names: options.all ? "all" : names, force: options.force ?? false });
    quiet();
    if (options.json) terminal.line(asJson(report));
    else {
      for (const { workflow, why } of [...report.refused, ...report.failed]) {
        terminal.line(terminal.paint("red", `${titleOf(workflow)}: ${why}`));
      }
      for (const name of report.unknown) terminal.line(`${name}: nothing in the account carries this name`);
      for (const { key, why } of report.kept) terminal.line(`kept: ${key}: ${why}`);
      const kept = report.kept.length > 0 ? `, ${report.kept.length} kept` : "";
      terminal.line(`${counted(report.deleted.length, "resource")} deleted${kept}`);
    }
    return report.ok ? EXIT.ok : EXIT.error;
  });
}
