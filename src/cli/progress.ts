/** What is going on, while it goes on. */
import type { Context, Session } from "./context.ts";
import { titleOf } from "./words.ts";

const PAST = { create: "created", update: "updated", delete: "deleted" } as const;

const TICK_MS = 1_000;

/**
 * Draws one line that moves while the engine works; the answer ends it. Where no terminal is, each step that is done is
 * a line.
 */
export function showProgress(
  { terminal }: Pick<Context, "terminal">,
  { clock, engine }: Pick<Session, "clock" | "engine">,
  { lines }: { readonly lines: boolean },
): () => void {
  const startedMs = clock.monotonic();
  let doing = "reading from AWS";
  let done = 0;
  let begun = 0;
  let cancelTick = (): void => {};

  function draw(): void {
    const seconds = Math.floor((clock.monotonic() - startedMs) / 1_000);
    const steps = begun > 0 ? `${done}/${begun} steps · ` : "";
    terminal.progress(`${seconds} s · ${steps}${doing}`);
  }
  /** Something moves even where nothing is told for long. */
  function tick(): void {
    draw();
    cancelTick = clock.after(TICK_MS, tick);
  }

  function wait(why: string): void {
    if (!terminal.interactive && why !== doing) terminal.error(why);
    doing = why;
  }

  const unsubscribe = engine.subscribe((event) => {
    if (event.type === "pass-started") doing = `looking at ${titleOf(event.workflow)}`;
    else if (event.type === "waiting") wait(`${titleOf(event.workflow)} waits: ${event.why}`);
    else if (event.type === "progress") doing = event.what;
    else if (event.type === "left-behind")
      terminal.error(terminal.paint("yellow", `warning: ${event.key}: ${event.why}`));
    else if (event.type === "step-started") {
      begun += 1;
      doing = `${event.do} ${event.key}`;
    } else if (event.type === "step-done" || event.type === "step-failed") {
      done += 1;
      if (event.type === "step-done" && !terminal.interactive && lines) terminal.line(`${PAST[event.do]} ${event.key}`);
    } else return;
    draw();
  });
  tick();
  return () => {
    unsubscribe();
    cancelTick();
    terminal.progress("");
  };
}
