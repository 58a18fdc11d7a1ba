/** `graph W`: what depends on what, as a Mermaid flow chart. */
import { pictureOf } from "../core/graph.ts";
import { type Desired, type Key, kindOf, nameOf } from "../core/resource.ts";
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
  const { own, shared, arrows } = pictureOf(desired);
  const ids = new Map([...own, ...shared].map((key, index) => [key, `r${index}`]));
  const node = (key: string) => `${ids.get(key)}["${kindOf(key as Key)}<br/>${nameOf(key as Key)}"]`;
  return [
    "flowchart LR",
    ...own.map((key) => `  ${node(key)}`),
    ...(shared.length > 0 ? ["  subgraph foundation", ...shared.map((key) => `    ${node(key)}`), "  end"] : []),
    ...arrows.map(([from, to]) => `  ${ids.get(from)} --> ${ids.get(to)}`),
  ].join("\n");
}
