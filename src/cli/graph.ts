/** `graph W`: what depends on what, as a Mermaid flow chart. */

import { type Desired, kindOf, nameOf } from "../core/resource.ts";
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { unknownWorkflow } from "./status.ts";
import { UsageError } from "./usage-error.ts";

export async function graph(context: Context, name: string, options: FolderOptions): Promise<number> {
  const session = await context.open({ ...options, readOnly: true });
  try {
    const all = await session.engine.desired();
    const desired = all.get(name);
    if (!desired) throw new UsageError(unknownWorkflow(name, [...all.keys()]));
    context.terminal.line(mermaid(desired));
    return EXIT.ok;
  } finally {
    await session.close();
  }
}

/** Arrows point from what is needed to what needs it; what the foundation holds stands in a box of its own. */
export function mermaid(desired: readonly Desired[]): string {
  const own = new Set(desired.map((one) => one.key));
  const shared = new Set(desired.flatMap((one) => one.needs).filter((need) => !own.has(need)));
  const ids = new Map([...own, ...shared].map((key, index) => [key, `r${index}`]));
  const node = (key: Desired["key"]) => `${ids.get(key)}["${kindOf(key)}<br/>${nameOf(key)}"]`;
  return [
    "flowchart LR",
    ...[...own].map((key) => `  ${node(key)}`),
    ...(shared.size > 0 ? ["  subgraph foundation", ...[...shared].map((key) => `    ${node(key)}`), "  end"] : []),
    ...desired.flatMap((one) => one.needs.map((need) => `  ${ids.get(need)} --> ${ids.get(one.key)}`)),
  ].join("\n");
}
