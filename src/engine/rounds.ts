/** What a command waits for that is to bring everything to its end: convergence, and rounds of taking away. */
import type { Clock } from "../core/ports.ts";
import { FOUNDATION } from "../core/resource.ts";
import type { Collecting } from "./collecting.ts";
import type { Controller } from "./controller.ts";
import type { Events } from "./events.ts";
import type { FolderReading } from "./folder-reading.ts";
import type { Limits } from "./limits.ts";
import { settled } from "./settled.ts";
import type { WorkflowFiles } from "./workflow-files.ts";

export interface RoundsDeps {
  readonly clock: Clock;
  readonly bounds: Limits;
  readonly controller: Controller;
  readonly events: Events;
  readonly collecting: Collecting;
  readonly reading: FolderReading;
  readonly files: WorkflowFiles;
  /** Whether what is gone from the folder is taken away too. */
  readonly prunes: boolean;
  /** Aborts when the engine is to stop. */
  readonly asked: AbortSignal;
}

/** Until nothing remains to be done. Resolves with false when nothing has moved for a long time. */
export async function untilSettled(deps: RoundsDeps): Promise<boolean> {
  const { bounds, clock, collecting, controller, reading } = deps;
  collecting.restart();
  if (!(await settled(deps))) return false;
  let lastProgress = clock.monotonic();
  while (deps.prunes && !deps.asked.aborted) {
    const { deleted, open } = await collecting.round();
    if (deleted.length > 0) {
      lastProgress = clock.monotonic();
      reading.judged();
      controller.retryRefused();
      if (deps.files.inForce.size > 0) controller.reconcileNow(FOUNDATION);
      if (!(await settled(deps))) return false;
    } else if (open.length === 0) return true;
    else {
      if (clock.monotonic() - lastProgress >= bounds.onceIdleMs) return false;
      await clock.sleep(bounds.busyMs, deps.asked).catch(() => {});
    }
  }
  return true;
}

/** Until what a person said is to go has gone, or enough was waited for what is busy. */
export async function untilNothingIsOpen(
  deps: Pick<RoundsDeps, "asked" | "clock" | "bounds" | "collecting">,
): Promise<void> {
  const { asked, bounds, clock, collecting } = deps;
  collecting.restart();
  const until = clock.monotonic() + bounds.cleanUpPatienceMs;
  for (;;) {
    const { open } = await collecting.round();
    if (open.length === 0 || clock.monotonic() >= until || asked.aborted) return;
    await clock.sleep(bounds.busyMs, asked).catch(() => {});
  }
}
