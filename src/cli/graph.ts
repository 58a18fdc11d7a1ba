/** `graph W`: what depends on what, as a Mermaid flow chart. */
import { pictureOf } from "../core/graph.ts";
import { type Desired, type Key, kindOf, nameOf } from "../core/resource.ts";
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { inSession } from "./session.ts";
import { unknownWorkflow } from "./status.ts";
import { UsageError } from "./usage-error.ts";

export async function graph(context: Context, name: string, options: FolderOptions): Promise<number> {
  return inSession(context, { ...options, readOnly: true }, async ({ engine }, quiet) => {
    const all = await engine.desired();
    const desired = all.get(name);
    if (!desired) throw new UsageError(unknownWorkflow(name, [...all.keys()]));
    quiet();
    context.terminal.line(mermaid(desired));
    return EXIT.ok;
  });
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
