/** The demo's picture on its way: into the input bucket, through the workflow, and back onto this disk. */
import { join, resolve } from "node:path";
import type { StepState, WorkflowData } from "../data/data.ts";
import type { Context, Session } from "./context.ts";
import { bar } from "./terminal.ts";

const WORKFLOW = "grey-pictures";
const PICTURE = "samples/valley.png";
/** In the folder that the command is called in. */
const RESULTS = "demo-results";

const STAGES = [
  "uploaded",
  "in the queue",
  "an instance boots",
  "its task starts",
  "its task is at work",
  "the result is there",
] as const;
const DONE = STAGES.length - 1;

const LOOK_EVERY_MS = 200;
/** It takes seconds; a machine that is busy with other things is given time. */
const WITHIN_MS = 180_000;

/** Answers the result's path. @throws Error that says why there is none */
export async function processPicture(
  { terminal }: Context,
  { data: all, clock }: Session,
  pipelines: string,
): Promise<string> {
  const data = (await all.of(WORKFLOW))!;
  terminal.line(`You can start upload files at ${data.inputBucket}`);
  terminal.line(`You will get your result at ${data.outputBucket}`);
  terminal.line();

  const picture = join(pipelines, PICTURE);
  await data.upload(await data.planUpload([picture]), () => {});
  terminal.line(`${picture} is on its way`);
  const startedMs = clock.monotonic();
  let shown = -1;
  for (;;) {
    const stage = await stageOf(data);
    terminal.progress(`${bar(stage, DONE)} ${STAGES[stage]}`);
    if (!terminal.interactive && stage > shown) terminal.line(`${bar(stage, DONE)} ${STAGES[stage]}`);
    shown = Math.max(shown, stage);
    if (stage === DONE) return await fetchResult(data);
    if (clock.monotonic() - startedMs > WITHIN_MS) throw new Error(await whyNot(data));
    await clock.sleep(LOOK_EVERY_MS);
  }
}

async function stageOf(data: WorkflowData): Promise<number> {
  for await (const _ of data.results()) return DONE;
  const steps = await data.states();
  const has = (what: (step: StepState) => number) => steps.some((step) => what(step) > 0);
  if (has(({ dead }) => dead)) throw new Error("the picture could not be processed, and is in the dead letters");
  if (has(({ tasks }) => tasks.running)) return 4;
  if (has(({ tasks }) => tasks.starting)) return 3;
  if (has(({ instances }) => instances)) return 2;
  return has(({ queued }) => queued) ? 1 : 0;
}

async function fetchResult(data: WorkflowData): Promise<string> {
  for await (const one of data.download(resolve(RESULTS))) {
    if (one.problem !== undefined) throw new Error(`${one.key}: ${one.problem}`);
    return one.path;
  }
  throw new Error("the result is gone again");
}

async function whyNot(data: WorkflowData): Promise<string> {
  const troubles = (await data.states()).flatMap((step) =>
    step.troubles.map(({ reason }) => `${step.step}: ${reason}`),
  );
  return ["the result did not come", ...troubles].join("\n");
}
