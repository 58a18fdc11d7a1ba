import type { World } from "../service.ts";

const MINUTE_MS = 60_000;

/** Runs `action` each minute of the world's clock, until it is told to stop. */
export function everyMinute(world: Pick<World, "after">, action: () => void): () => void {
  let forget = arm();
  function arm(): () => void {
    return world.after(MINUTE_MS, () => {
      forget = arm();
      action();
    });
  }
  return () => forget();
}
