/** Waiting for the end of a convergence that is not to go on for ever. */
import type { Clock } from "../core/ports.ts";
import type { Controller } from "./controller.ts";
import type { Events } from "./events.ts";
import type { Limits } from "./limits.ts";

/** Resolves with true once all is settled, with false when nothing has moved for a long time. */
export function settled(deps: {
  clock: Clock;
  controller: Controller;
  events: Events;
  bounds: Pick<Limits, "busyMs" | "onceIdleMs">;
  /** Aborts when the engine is to stop. */
  asked: AbortSignal;
}): Promise<boolean> {
  const { asked, bounds, clock, controller, events } = deps;
  return new Promise((resolve) => {
    let lastProgress = clock.monotonic();
    let cancel: () => void = () => {};
    const check = (): void => {
      const gaveUp = clock.monotonic() - lastProgress >= bounds.onceIdleMs;
      if (!controller.settled && !gaveUp && !asked.aborted) return;
      unsubscribe();
      asked.removeEventListener("abort", check);
      cancel();
      resolve(!gaveUp);
    };
    const watch = (): void => {
      cancel = clock.after(bounds.busyMs, () => {
        watch();
        check();
      });
    };
    const unsubscribe = events.subscribe((event) => {
      if (event.type === "step-done" || event.type === "progress") lastProgress = clock.monotonic();
      if (event.type === "queue-finished") check();
    });
    asked.addEventListener("abort", check);
    watch();
    check();
  });
}
