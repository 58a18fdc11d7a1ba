/** What the log says of the folder: every turn of things once, with its reason. */

import type { Log } from "../core/ports.ts";
import { hasErrors } from "../workflow/problem.ts";
import { MARKER } from "../workflow/source-file.ts";
import type { Verdict } from "./brake.ts";
import type { FileProblem, WorkflowFiles } from "./workflow-files.ts";

export interface FolderLog {
  /** Whether the folder carries its marker. `none`: it never did, as far as is known, or need not, or cannot. */
  marker(is: "there" | "gone" | "none"): void;
  verdict(verdict: Verdict): void;
  /** @param sure no file is looked at once more because it may only be half-written */
  read(files: Pick<WorkflowFiles, "problems" | "why">, sure: boolean): void;
}

export function createFolderLog(log: Log): FolderLog {
  let isGone = false;
  let engaged: string | undefined;
  let unreadable: string | undefined;
  let bad: ReadonlyMap<string, readonly FileProblem[]> = new Map();

  function readable(why: string | undefined): void {
    if (why === unreadable) return;
    if (why !== undefined) log.warn({ why }, "the folder cannot be read: what stands is kept, nothing is pruned");
    else log.info({}, "the folder can be read again");
    unreadable = why;
  }

  return {
    marker(is) {
      if (is === "gone" && !isGone) log.warn({ marker: MARKER }, "the folder's marker is gone");
      if (is === "there" && isGone) log.info({ marker: MARKER }, "the folder's marker is back");
      if (is !== "none") isGone = is === "gone";
    },
    verdict({ engaged: why, prunable }) {
      if (why === engaged) return;
      if (why !== undefined) log.warn({ why }, "the brake is on: nothing is pruned");
      else log.info({ prunable }, "the brake is off: what vanishes is pruned again");
      engaged = why;
    },
    read({ problems, why }, sure) {
      readable(why);
      const now = new Map([...Map.groupBy(problems, ({ file }) => file)].filter(([, found]) => hasErrors(found)));
      for (const [file, found] of now)
        if (JSON.stringify(found) !== JSON.stringify(bad.get(file))) log.warn({ file, problems: found }, "file is bad");
      // What may only be half-written is not among the problems, and no better for that.
      for (const file of bad.keys()) if (sure && !now.has(file)) log.info({ file }, "file is good again, or gone");
      bad = sure ? now : new Map([...bad, ...now]);
    },
  };
}
