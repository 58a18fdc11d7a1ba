/** `demo`: the example workflows against an embedded cloud, from nothing to a file that comes back processed. */
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { processPicture } from "./demo-file.ts";
import { showProgress } from "./progress.ts";
import { printReport } from "./report.ts";
import { makeNamedKeyPairs, watch } from "./run.ts";

export async function demo(context: Context, options: FolderOptions & { once?: boolean }): Promise<number> {
  const { terminal } = context;
  const examples = await context.copyExamples();
  const { pipelines, data } = examples;
  const serve = options.once ? undefined : { port: 0 };
  const session = await context.open({ pipelines, data, serve, local: true });
  const done = showProgress(context, session, { lines: true });
  try {
    terminal.line(terminal.paint("bold", `An AWS of this process' own listens at ${session.endpoint}`));
    terminal.line(`The examples were copied to ${pipelines}`);
    terminal.line();
    await makeNamedKeyPairs(context, session, pipelines);
    const first = await session.engine.once();
    done();
    printReport(context, first);
    if (!first.ok) return EXIT.error;
    terminal.line();
    const result = await processPicture(context, session, pipelines);
    terminal.line();
    terminal.line("The picture came back without its colours:");
    terminal.line(result);
    if (options.once) return EXIT.ok;

    const unwatch = await watch(context, session);
    terminal.line();
    terminal.line(`How everything stands: ${session.url}/`);
    terminal.line("What you break is repaired. In another terminal, for instance:");
    const env = `AWS_ENDPOINT_URL=${session.endpoint} AWS_REGION=${session.account.region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`;
    const [workflow] = first.status.workflows;
    terminal.line(`  ${env} npx pipewright status ${workflow?.name} --pipelines ${pipelines}`);
    terminal.line(`  ${env} npx pipewright upload ${workflow?.name} README.md`);
    terminal.line(`  rm ${workflow?.file}     # its resources go, its buckets stay`);
    terminal.line();
    terminal.line("Ctrl-C ends it.");
    session.engine.subscribe((event) => {
      if (event.type !== "history") return;
      const { entry } = event;
      terminal.line(`${entry.at} ${entry.event} ${entry.key}${entry.path === "" ? "" : ` ${entry.path}`}`);
    });
    await context.stopAsked();
    await unwatch();
    return EXIT.ok;
  } finally {
    done();
    await session.close();
    await examples.remove();
  }
}
