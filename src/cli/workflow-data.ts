/** What the commands around a workflow's data share. */
import type { WorkflowData } from "../data/data.ts";
import type { Context, FolderOptions } from "./context.ts";
import { inSession } from "./session.ts";
import { UsageError } from "./usage-error.ts";

export interface DataOptions extends FolderOptions {
  readonly json?: boolean;
}

/** Works on the data of a workflow that is set up, whether its file is in the folder or not. */
export async function withData(
  context: Context,
  workflow: string,
  options: DataOptions,
  work: (data: WorkflowData) => Promise<number>,
): Promise<number> {
  return inSession(context, { ...options, readOnly: true }, async (session, quiet) => {
    const data = await session.data.of(workflow);
    if (!data) throw new UsageError(notSetUp(workflow, await session.data.workflows()));
    quiet();
    return work(data).finally(() => context.terminal.progress(""));
  });
}

function notSetUp(workflow: string, others: readonly string[]): string {
  const known = others.length > 0 ? `; set up are ${others.join(", ")}` : "; none is";
  return `no workflow named "${workflow}" is set up in this account and region${known}. \`pipewright apply FILE\` sets one up`;
}
