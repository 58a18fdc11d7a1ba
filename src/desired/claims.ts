/**
 * Workflows that were set up from elsewhere, another folder or another machine, as their step descriptions tell: which
 * buckets they have, and what of a workflow of this folder does not go with them.
 */
import { z } from "zod";
import type { AccountFacts } from "../core/resource.ts";
import { problemOf } from "../workflow/folder.ts";
import type { Problem } from "../workflow/problem.ts";
import { takenNames } from "../workflow/step-names.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { chain } from "./chain.ts";

/** The way of files through one step. */
export interface Flow {
  readonly workflow: string;
  readonly step: string;
  /** Buckets. */
  readonly input: string;
  readonly output: string;
}

/** Buckets are protected whatever else a description of another version says. */
const flowSchema = z.looseObject({
  step: z.string().default(""),
  input: z.looseObject({ bucket: z.string() }),
  output: z.looseObject({ bucket: z.string() }),
});

/** @param text a step description, as it stands in the control bucket; undefined where it is none */
export function flowIn(workflow: string, text: string): Flow | undefined {
  try {
    const { input, output, step } = flowSchema.parse(JSON.parse(text));
    return { workflow, step, input: input.bucket, output: output.bucket };
  } catch {
    return undefined;
  }
}

/**
 * A bucket that files of another workflow go through is not free as an input, nor is a name of its queues and functions,
 * and no result may come back to where it came from.
 *
 * @param beside the workflows of this folder, which was checked for itself before
 */
export function checkClaims(
  workflow: Workflow,
  beside: readonly Workflow[],
  elsewhere: readonly Flow[],
  facts: AccountFacts,
): Problem[] {
  const resources = new Set(workflow.steps.flatMap((step) => takenNames(workflow.name, step.name)));
  const namesake = elsewhere.find((flow) => takenNames(flow.workflow, flow.step).some((name) => resources.has(name)));
  if (namesake) {
    const message =
      `gives a step the resource name of the step "${namesake.step}" of the workflow "${namesake.workflow}", for ` +
      `which no good file of this folder stands; choose another "name"`;
    return [problemOf(workflow, "name", "name", message)];
  }
  const inputs = new Set(chain(workflow, facts).map((link) => link.inputBucket));
  const taken = elsewhere.find((flow) => inputs.has(flow.input));
  if (taken) {
    const message =
      `is not free: files in "${taken.input}" go to the workflow "${taken.workflow}", for which no good file of this ` +
      `folder stands, and an input bucket belongs to one workflow; name another bucket, or take that workflow away ` +
      `first: pipewright clean-up ${taken.workflow}`;
    return [problemOf(workflow, "inputBucket", "input_s3_name", message)];
  }
  const loop = loopThrough(workflow, inputs, beside, elsewhere);
  if (!loop) return [];
  const message =
    `closes a loop with workflows for which no good file of this folder stands, in which files would be processed for ever: ` +
    `${loop.join(" → ")}; name another output bucket`;
  return [problemOf(workflow, "outputBucket", "output_s3_name", message)];
}

/** Names of the workflows through which files come back to this one, this one first and last; undefined: they do not. */
function loopThrough(
  workflow: Workflow,
  inputs: ReadonlySet<string>,
  beside: readonly Workflow[],
  elsewhere: readonly Flow[],
): string[] | undefined {
  const readers = new Map<string, Flow>(elsewhere.map((flow) => [flow.input, flow]));
  for (const { inputBucket: input, name, outputBucket: output } of beside) {
    if (name !== workflow.name) readers.set(input, { workflow: name, step: "", input, output });
  }
  const names = [workflow.name];
  const passed = new Set<string>();
  for (let bucket = workflow.outputBucket; !inputs.has(bucket); ) {
    const reader = readers.get(bucket);
    // A loop among others is theirs.
    if (!reader || passed.has(bucket)) return undefined;
    passed.add(bucket);
    if (names.at(-1) !== reader.workflow) names.push(reader.workflow);
    bucket = reader.output;
  }
  return [...names, workflow.name];
}
