/** `redrive W`: what was given up is tried again. */
import { type Context, EXIT } from "./context.ts";
import { asJson } from "./report.ts";
import { counted } from "./words.ts";
import { type DataOptions, withData } from "./workflow-data.ts";

const HIDDEN = "somebody has just looked there, which hides what is seen for half a minute or so; run it again then";

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
      for (const [step, count] of Object.entries(redriven.hidden)) {
        if (count > 0) terminal.line(`${step}: ${counted(count, "message")} stayed: ${HIDDEN}`);
      }
      const all = [...Object.values(redriven.moved), ...Object.values(redriven.delivered)];
      const isAny = all.some((count) => count > 0);
      const isHidden = Object.values(redriven.hidden).some((count) => count > 0);
      if (!isAny && !isHidden) terminal.line("nothing to bring back: there are no dead letters");
      if (isAny) terminal.line(`\`pipewright wait ${workflow}\` tells when they are done`);
    }
    return EXIT.ok;
  });
}
