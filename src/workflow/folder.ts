/** What can only be seen with all workflows of a folder side by side. Of two that clash, the one later by file name is refused. */
import type { Problem } from "./problem.ts";
import { asInResources } from "./step-names.ts";
import type { Workflow, WorkflowPlaces } from "./workflow.ts";

export interface CheckedFolder {
  readonly accepted: Workflow[];
  readonly refused: { readonly workflow: Workflow; readonly problems: Problem[] }[];
}

export function checkFolder(workflows: readonly Workflow[]): CheckedFolder {
  const accepted: Workflow[] = [];
  const refused: CheckedFolder["refused"] = [];
  const inOrder = [...workflows].sort((one, other) => (one.file < other.file ? -1 : one.file > other.file ? 1 : 0));
  for (const workflow of inOrder) {
    const problems = [
      ...checkName(workflow, accepted),
      ...checkInputBucket(workflow, accepted),
      ...checkLoop(workflow, accepted),
      ...checkResourceNames(workflow, accepted),
    ];
    if (problems.length === 0) accepted.push(workflow);
    else refused.push({ workflow, problems });
  }
  return { accepted, refused };
}

function checkName(workflow: Workflow, accepted: readonly Workflow[]): Problem[] {
  const same = accepted.find((other) => other.name === workflow.name);
  if (same === undefined) return [];
  const message = `is "${workflow.name}" here and in ${same.file}; give one of the two files another "name"`;
  return [problemOf(workflow, "name", "name", message)];
}

function checkInputBucket(workflow: Workflow, accepted: readonly Workflow[]): Problem[] {
  const same = accepted.find((other) => other.inputBucket === workflow.inputBucket && other.name !== workflow.name);
  if (same === undefined) return [];
  const message = `is the input bucket of "${same.name}" (${same.file}) too, and an input bucket belongs to one workflow; name another bucket`;
  return [problemOf(workflow, "inputBucket", "input_s3_name", message)];
}

/** Follows the buckets from this workflow on: each result is an upload into the bucket that some workflow waits at. */
function checkLoop(workflow: Workflow, accepted: readonly Workflow[]): Problem[] {
  const chain = [workflow];
  for (;;) {
    const bucket = chain.at(-1)!.outputBucket;
    if (bucket === workflow.inputBucket) break;
    // Accepted workflows have one reader for each bucket and no loop among them, so the chain ends.
    const next = accepted.find((other) => other.inputBucket === bucket);
    if (next === undefined) return [];
    chain.push(next);
  }
  if (chain.length === 1) return [];
  const loop = [...chain, workflow].map((each) => each.name).join(" → ");
  const message = `closes a loop, in which files would be processed for ever: ${loop}; name another output bucket`;
  return [problemOf(workflow, "outputBucket", "output_s3_name", message)];
}

/** Resources are named after workflow and step: "a" with step "b-c" and "a-b" with step "c" would share theirs. */
function checkResourceNames(workflow: Workflow, accepted: readonly Workflow[]): Problem[] {
  for (const other of accepted) {
    if (other.name === workflow.name) continue;
    const taken = new Set(other.steps.map((step) => resourceName(other, step.name)));
    const step = workflow.steps.find((each) => taken.has(resourceName(workflow, each.name)));
    if (step === undefined) continue;
    const message = `gives the step ${step.name} the resource name ${resourceName(workflow, step.name)}, which a step of "${other.name}" (${other.file}) has; choose another "name"`;
    return [problemOf(workflow, "name", "name", message)];
  }
  return [];
}

const resourceName = (workflow: Workflow, step: string): string => asInResources(`pw-${workflow.name}-${step}`);

function problemOf(workflow: Workflow, place: keyof WorkflowPlaces, path: string, message: string): Problem {
  const { line, column } = workflow.places?.[place] ?? { line: 1, column: 1 };
  return { file: workflow.file, line, column, path, message, severity: "error" };
}
