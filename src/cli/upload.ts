/** `upload W FILE…`: files and folders into the workflow's input bucket. */
import { type Context, EXIT } from "./context.ts";
import { asJson } from "./report.ts";
import { bar } from "./terminal.ts";
import { counted, sizeText } from "./words.ts";
import { type DataOptions, withData } from "./workflow-data.ts";

export function upload(
  context: Context,
  workflow: string,
  paths: readonly string[],
  options: DataOptions,
): Promise<number> {
  const { terminal } = context;
  return withData(context, workflow, options, async (data) => {
    const uploads = await data.planUpload(paths);
    const total = uploads.reduce((sum, one) => sum + one.size, 0);
    await data.upload(uploads, ({ files, bytes, arrived }) => {
      terminal.progress(`${bar(files, uploads.length)} ${sizeText(bytes)} of ${sizeText(total)}`);
      if (arrived && !options.json && !terminal.interactive) terminal.line(`${arrived.path} → ${arrived.key}`);
    });
    if (options.json) terminal.line(asJson({ bucket: data.inputBucket, files: uploads }));
    else {
      terminal.line(`${counted(uploads.length, "file")} (${sizeText(total)}) uploaded to ${data.inputBucket}`);
      terminal.line(`\`pipewright wait ${workflow}\` tells when they are done`);
    }
    return EXIT.ok;
  });
}
