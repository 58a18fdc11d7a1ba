/** `demo`: the example workflows against an embedded cloud, from nothing to standing resources. */
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { printReport, showProgress } from "./report.ts";
import { makeNamedKeyPairs, watch } from "./run.ts";

export async function demo(context: Context, options: FolderOptions & { once?: boolean }): Promise<number> {
  const { terminal } = context;
  const examples = await context.copyExamples();
  const session = await context.open({ pipelines: examples.pipelines, data: examples.data, local: true });
  const done = showProgress(context, session.engine);
  try {
    terminal.line(terminal.paint("bold", `An AWS of this process' own listens at ${session.endpoint}`));
    terminal.line(`The examples were copied to ${examples.pipelines}`);
    terminal.line();
    await makeNamedKeyPairs(context, session, examples.pipelines);
    const first = await session.engine.once();
    done();
    printReport(context, first);
    if (!first.ok) return EXIT.error;
    terminal.line();
    terminal.line("The resources stand. A second pass over them writes nothing; what you break is repaired.");
    if (options.once) return EXIT.ok;

    const unwatch = await watch(context, session);
    terminal.line();
    terminal.line("In another terminal, for instance:");
    const env = `AWS_ENDPOINT_URL=${session.endpoint} AWS_REGION=${session.account.region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`;
    const [workflow] = first.status.workflows;
    terminal.line(`  ${env} npx pipewright status ${workflow?.name} --pipelines ${examples.pipelines}`);
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
