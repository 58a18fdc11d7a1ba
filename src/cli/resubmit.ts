/** `resubmit W`: every uploaded file that has no result is sent again. */
import { type Context, EXIT } from "./context.ts";
import { asJson } from "./report.ts";
import { counted } from "./words.ts";
import { type DataOptions, withData } from "./workflow-data.ts";

export interface ResubmitOptions extends DataOptions {
  readonly prefix?: string;
}

export function resubmit(context: Context, workflow: string, options: ResubmitOptions): Promise<number> {
  const { terminal } = context;
  return withData(context, workflow, options, async (data) => {
    const resubmitted = await data.resubmit({
      prefix: options.prefix ?? "",
      onFile: (checked) => terminal.progress(`${counted(checked, "file")} looked at`),
    });
    if (options.json) terminal.line(asJson(resubmitted));
    else {
      const { checked, sent } = resubmitted;
      const total = Object.values(sent).reduce((sum, count) => sum + count, 0);
      terminal.line(`${counted(checked, "uploaded file")} in ${data.inputBucket}, ${total} without a result`);
      for (const [step, count] of Object.entries(sent)) {
        if (count > 0) terminal.line(`${step}: ${counted(count, "file")} sent`);
      }
      if (total > 0) terminal.line(`\`pipewright wait ${workflow}\` tells when they are done`);
    }
    return EXIT.ok;
  });
}
