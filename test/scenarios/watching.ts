/** The daemon in this process: the folder watched, as `run` does it. */
import type { Limits } from "../../src/engine/limits.ts";
import type { DaemonStatus } from "../../src/engine/status.ts";
import { createWorkflowFolder } from "../../src/io/workflow-folder.ts";
import { formatProblem } from "../../src/workflow/problem.ts";
import type { Call } from "../support/product.ts";
import { eventually } from "./program.ts";
import type { World } from "./world.ts";

export interface Watching {
  readonly writes: readonly Call[];
  status(): DaemonStatus;
  ready(name: string): Promise<unknown>;
  /** Resolves with the files' problems, once they are as asked. */
  problems(are: (problems: readonly string[]) => boolean, what: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export async function watching(world: World, limits: Partial<Limits> = {}): Promise<Watching> {
  const opened = await world.open({ limits });
  const { engine } = opened;
  const unwatch = await createWorkflowFolder(world.folder).watch((path) => engine.changed(path));
  world.atEnd(unwatch);
  await engine.start();
  return {
    get writes() {
      return opened.writes;
    },
    status: () => engine.status(),
    ready: (name) =>
      eventually(`${name} is ready`, () => {
        const workflow = engine.status().workflows.find((one) => one.name === name);
        const ready = workflow?.conditions.find((one) => one.type === "Ready");
        if (ready?.status !== "True") throw new Error(JSON.stringify(ready));
        return true;
      }),
    problems: (are, what) =>
      eventually(`the problems are ${what}`, () => {
        const found = engine.status().problems.map(formatProblem);
        if (!are(found)) throw new Error(found.join("\n"));
        return found;
      }),
    async stop() {
      await unwatch();
      await opened.close();
    },
  };
}
