/** What the commands around a workflow's data share. */
import type { WorkflowData } from "../data/data.ts";
import type { Context, FolderOptions } from "./context.ts";
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
  const session = await context.open({ ...options, readOnly: true });
  try {
    const data = await session.data.of(workflow);
    if (!data) throw new UsageError(notSetUp(workflow, await session.data.workflows()));
    return await work(data);
  } finally {
    context.terminal.progress("");
    await session.close();
  }
}

function notSetUp(workflow: string, others: readonly string[]): string {
  const known = others.length > 0 ? `; set up are ${others.join(", ")}` : "; none is";
  return `no workflow named "${workflow}" is set up in this account and region${known}. \`pipewright apply FILE\` sets one up`;
}

/** @example counted(1, "file") // "1 file" */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** @example sizeText(1536) // "1.5 KiB" */
export function sizeText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}
