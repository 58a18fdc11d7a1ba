/** `history W`: what changed, field by field, and why. */
import { briefChange } from "../core/plan.ts";
import type { HistoryEntry } from "../engine/history.ts";
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { asJson } from "./report.ts";
import { table } from "./terminal.ts";

export async function history(
  context: Context,
  name: string,
  options: FolderOptions & { json?: boolean },
): Promise<number> {
  const entries = await context.history(name, options.data);
  const { terminal } = context;
  if (options.json) terminal.line(asJson(entries));
  else if (entries.length === 0) terminal.line(`nothing is remembered of ${name} in ${options.data}`);
  else {
    const rows = entries.map((one) => [one.at, one.event, one.key, what(one)]);
    for (const line of table(["AT", "EVENT", "RESOURCE", "FIELD"], rows)) terminal.line(line);
  }
  return EXIT.ok;
}

function what(entry: HistoryEntry): string {
  const { event, message, path } = entry;
  if (message !== undefined) return message;
  if (path === "") return event === "drift-detected" ? "it is gone" : "";
  return `${path}: ${briefChange(entry)}`;
}
