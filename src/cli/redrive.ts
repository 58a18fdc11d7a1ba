/** `redrive W`: what was given up is tried again. */
import { type Context, EXIT } from "./context.ts";
import { asJson } from "./report.ts";
import { counted } from "./words.ts";
import { type DataOptions, withData } from "./workflow-data.ts";

export function redrive(context: Context, workflow: string, options: DataOptions): Promise<number> {
  const { terminal } = context;
  return withData(context, workflow, options, async (data) => {
    const redriven = await data.redrive();
    if (options.json) terminal.line(asJson(redriven));
    else {
      for (const [step, count] of Object.entries(redriven.moved)) {
        if (count > 0) terminal.line(`${step}: ${counted(count, "dead letter")} back in its queue`);
      }
      for (const [step, count] of Object.entries(redriven.delivered)) {
        if (count > 0) terminal.line(`${step}: ${counted(count, "undelivered event")} taken by the enqueuer`);
      }
      const all = [...Object.values(redriven.moved), ...Object.values(redriven.delivered)];
      if (all.every((count) => count === 0)) terminal.line("nothing to bring back: there are no dead letters");
      else terminal.line(`\`pipewright wait ${workflow}\` tells when they are done`);
    }
    return EXIT.ok;
  });
}
