/** `status [W]`: how it stands, as AWS says now and as history remembers. */

import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { asJson, conditionOf, isReady, printHeadline, showProgress, titleOf } from "./report.ts";
import { table } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export async function status(
  context: Context,
  name: string | undefined,
  options: FolderOptions & { json?: boolean },
): Promise<number> {
  const session = await context.open({ ...options, readOnly: true });
  const done = showProgress(context, session.engine);
  const { terminal } = context;
  try {
    await session.engine.look();
    done();
    const all = session.engine.status();
    const shown = name === undefined ? all.workflows : all.workflows.filter((one) => one.name === name);
    if (name !== undefined && shown.length === 0)
      throw new UsageError(
        unknownWorkflow(
          name,
          all.workflows.map((one) => one.name),
        ),
      );
    if (options.json) terminal.line(asJson(name === undefined ? all : shown[0]));
    else if (name === undefined) {
      terminal.line(
        `account ${all.account}, region ${all.region}, owner ${all.owner}; read from AWS just now, without a daemon`,
      );
      if (all.folderProblem) terminal.line(terminal.paint("red", all.folderProblem));
      if (all.brake) terminal.line(terminal.paint("yellow", `nothing is pruned: ${all.brake}`));
      for (const problem of all.problems)
        terminal.line(
          terminal.paint("red", `${problem.file}:${problem.line}:${problem.column} ${problem.path} ${problem.message}`),
        );
      if (all.foundation) printHeadline(context, all.foundation);
      for (const one of shown) printHeadline(context, one);
      if (shown.length === 0) terminal.line(`no workflow in ${all.folder}`);
    } else
      for (const one of shown) {
        terminal.line(terminal.paint("bold", `${titleOf(one.name)} (${one.file})`));
        for (const line of table(
          ["CONDITION", "STATUS", "REASON", "MESSAGE"],
          one.conditions.map((it) => [it.type, it.status, it.reason, it.message]),
        ))
          terminal.line(line);
        terminal.line();
        for (const line of table(
          ["RESOURCE", "STATE", ""],
          one.keys.map((it) => [it.key, it.state, it.message ?? ""]),
        ))
          terminal.line(line);
      }
    const ready = name === undefined ? isReady(all) : conditionOf(shown[0]!, "Ready")?.status === "True";
    return ready ? EXIT.ok : EXIT.error;
  } finally {
    done();
    await session.close();
  }
}

export const unknownWorkflow = (name: string, known: readonly string[]): string =>
  `no workflow is named "${name}"${known.length > 0 ? `; there is ${known.join(", ")}` : "; the folder holds none"}`;
