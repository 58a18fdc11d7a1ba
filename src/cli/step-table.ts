/** The steps of a workflow at this moment, as `status W` shows them. */
import type { StepState } from "../data/data.ts";
import type { Context } from "./context.ts";
import { table } from "./terminal.ts";
import { counted } from "./words.ts";

export function printSteps(
  { terminal }: Pick<Context, "terminal">,
  workflow: string,
  steps: readonly StepState[],
): void {
  const { paint } = terminal;
  const rows = steps.map((one) => [
    one.step,
    String(one.queued),
    String(one.inFlight),
    one.dead > 0 ? paint("red", String(one.dead)) : "0",
    one.undelivered > 0 ? paint("red", String(one.undelivered)) : "0",
    `${one.tasks.running}${one.tasks.starting > 0 ? ` (+${one.tasks.starting} starting)` : ""}`,
    String(one.instances),
  ]);
  const header = ["STEP", "QUEUED", "IN FLIGHT", "DEAD", "UNDELIVERED", "TASKS", "INSTANCES"];
  for (const line of table(header, rows)) terminal.line(line);
  for (const { step, troubles } of steps) {
    for (const { track, reason, count, retryAtMs } of troubles) {
      const next = `next try at ${new Date(retryAtMs).toISOString()}`;
      terminal.line(paint("red", `${step}: ${track}: ${reason} (${counted(count, "time")}, ${next})`));
    }
  }
  const sum = (of: "dead" | "undelivered") => steps.reduce((total, one) => total + one[of], 0);
  if (sum("dead") > 0) {
    terminal.line(`given up: \`pipewright logs ${workflow}\` says why, \`pipewright redrive ${workflow}\` tries again`);
  }
  if (sum("undelivered") > 0) {
    terminal.line(`undelivered uploads: \`pipewright redrive ${workflow}\` brings them into the queue`);
  }
}
