/** What can only be seen with all workflows of a folder side by side. Of two that clash, the one later by file name is refused. */
import type { Problem } from "./problem.ts";
import { takenNames } from "./step-names.ts";
import type { Workflow, WorkflowPlaces } from "./workflow.ts";

export interface CheckedFolder {
  readonly accepted: Workflow[];
  readonly refused: { readonly workflow: Workflow; readonly problems: Problem[] }[];
}

export function checkFolder(workflows: readonly Workflow[]): CheckedFolder {
  const taken: Taken = { names: new Map(), inputBuckets: new Map(), resourceNames: new Map() };
  const accepted: Workflow[] = [];
  const refused: CheckedFolder["refused"] = [];
  const inOrder = [...workflows].sort((one, other) => (one.file < other.file ? -1 : one.file > other.file ? 1 : 0));
  for (const workflow of inOrder) {
    const problems = [
      ...checkName(workflow, taken),
      ...checkInputBucket(workflow, taken),
      ...checkLoop(workflow, taken),
      ...checkResourceNames(workflow, taken),
    ];
    if (problems.length > 0) {
      refused.push({ workflow, problems });
      continue;
    }
    accepted.push(workflow);
    taken.names.set(workflow.name, workflow);
    taken.inputBuckets.set(workflow.inputBucket, workflow);
    for (const { name: step } of workflow.steps) {
      for (const name of takenNames(workflow.name, step)) taken.resourceNames.set(name, { workflow, step });
    }
  }
  return { accepted, refused };
}

/** Which accepted workflow has what, by what it is: a folder may hold thousands of files, and is checked at each change. */
interface Taken {
  readonly names: Map<string, Workflow>;
  readonly inputBuckets: Map<string, Workflow>;
  readonly resourceNames: Map<string, { readonly workflow: Workflow; readonly step: string }>;
}

function checkName(workflow: Workflow, { names }: Taken): Problem[] {
  const same = names.get(workflow.name);
  if (same === undefined) return [];
  const message = `is "${workflow.name}" here and in ${same.file}; give one of the two files another "name"`;
  return [problemOf(workflow, "name", "name", message)];
}

function checkInputBucket(workflow: Workflow, { inputBuckets }: Taken): Problem[] {
  const same = inputBuckets.get(workflow.inputBucket);
  if (same === undefined || same.name === workflow.name) return [];
  const message = `is the input bucket of "${same.name}" (${same.file}) too, and an input bucket belongs to one workflow; name another bucket`;
  return [problemOf(workflow, "inputBucket", "input_s3_name", message)];
}

/** Follows the buckets from this workflow on: each result is an upload into the bucket that some workflow waits at. */
function checkLoop(workflow: Workflow, { inputBuckets }: Taken): Problem[] {
  const chain = [workflow];
  for (;;) {
    const bucket = chain.at(-1)!.outputBucket;
    if (bucket === workflow.inputBucket) break;
    // Accepted workflows have one reader for each bucket and no loop among them, so the chain ends.
    const next = inputBuckets.get(bucket);
    if (next === undefined) return [];
    chain.push(next);
  }
  if (chain.length === 1) return [];
  const loop = [...chain, workflow].map((each) => each.name).join(" → ");
  const message = `closes a loop, in which files would be processed for ever: ${loop}; name another output bucket`;
  return [problemOf(workflow, "outputBucket", "output_s3_name", message)];
}

/**
 * Resources are named after workflow and step: "a" with step "b-c" and "a-b" with step "c" would share theirs, and so
 * would "a" with step "b" and "a-b" with step "dead-letters".
 */
function checkResourceNames(workflow: Workflow, { resourceNames }: Taken): Problem[] {
  const clashing = new Map<Workflow, Problem>();
  for (const { name: step } of workflow.steps) {
    for (const name of takenNames(workflow.name, step)) {
      const other = resourceNames.get(name);
      if (other === undefined || other.workflow.name === workflow.name || clashing.has(other.workflow)) continue;
      const has = `the step ${other.step} of "${other.workflow.name}" (${other.workflow.file}) has`;
      const message = `gives the step ${step} the resource name ${name}, which ${has}; choose another "name"`;
      clashing.set(other.workflow, problemOf(workflow, "name", "name", message));
    }
  }
  return [...clashing.values()];
}

/** A problem at the place of a field, where the file is known. */
export function problemOf(workflow: Workflow, place: keyof WorkflowPlaces, path: string, message: string): Problem {
  const { line, column } = workflow.places?.[place] ?? { line: 1, column: 1 };
  return { file: workflow.file, line, column, path, message, severity: "error" };
}
