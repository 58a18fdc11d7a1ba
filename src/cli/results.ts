/** `results W [--download DIR]`: what the last step has left. */
import type { ResultFile, WorkflowData } from "../data/data.ts";
import { type Context, EXIT } from "./context.ts";
import { asJson } from "./report.ts";
import { table } from "./terminal.ts";
import { counted, sizeText } from "./words.ts";
import { type DataOptions, withData } from "./workflow-data.ts";

export interface ResultsOptions extends DataOptions {
  readonly download?: string;
}

export function results(context: Context, workflow: string, options: ResultsOptions): Promise<number> {
  return withData(context, workflow, options, (data) =>
    options.download === undefined ? list(context, data, options) : download(context, data, options.download, options),
  );
}

async function list({ terminal }: Context, data: WorkflowData, { json }: DataOptions): Promise<number> {
  const found: ResultFile[] = [];
  for await (const one of data.results()) {
    found.push(one);
    terminal.progress(`${counted(found.length, "result")} found`);
  }
  if (json) terminal.line(asJson(found));
  else if (found.length === 0) terminal.line(`no results in ${data.outputBucket} yet`);
  else {
    const rows = found.map((one) => [one.at, sizeText(one.size), `${one.seconds.toFixed(1)} s`, one.key]);
    for (const line of table(["AT", "SIZE", "TOOK", "RESULT"], rows)) terminal.line(line);
    terminal.line(`${counted(found.length, "result")} in ${data.outputBucket}`);
  }
  return EXIT.ok;
}

async function download(
  { terminal }: Context,
  data: WorkflowData,
  folder: string,
  { json }: DataOptions,
): Promise<number> {
  const outcomes = [];
  for await (const one of data.download(folder)) {
    outcomes.push(one);
    terminal.progress(`${counted(outcomes.length, "result")} fetched`);
    if (one.problem !== undefined) terminal.error(terminal.paint("red", `${one.key}: ${one.problem}`));
    else if (!json && !terminal.interactive) terminal.line(one.path);
  }
  const failed = outcomes.filter((one) => one.problem !== undefined).length;
  if (json) terminal.line(asJson(outcomes));
  else terminal.line(`${counted(outcomes.length - failed, "result")} from ${data.outputBucket} in ${folder}`);
  return failed > 0 ? EXIT.error : EXIT.ok;
}
