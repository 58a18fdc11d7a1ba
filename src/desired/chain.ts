/** Which bucket each step reads from and writes to: in a sequence, the output of one is the input of the next. */
import type { AccountFacts } from "../core/resource.ts";
import type { Step, Workflow } from "../workflow/workflow.ts";
import { intermediateBucket, type StepNames, stepNames } from "./names.ts";

export interface Link {
  readonly step: Step;
  readonly names: StepNames;
  readonly inputBucket: string;
  readonly outputBucket: string;
  /** Which keys trigger the step. A bucket between two steps holds nothing but results, and all of them do. */
  readonly filter: { readonly prefix: string; readonly suffix: string };
}

export function chain(workflow: Workflow, facts: AccountFacts): Link[] {
  const { steps } = workflow;
  const behind = (step: Step) => intermediateBucket(workflow.name, step.name, facts);
  return steps.map((step, index) => {
    const previous = steps[index - 1];
    const isLast = index === steps.length - 1;
    return {
      step,
      names: stepNames(workflow, step),
      inputBucket: previous ? behind(previous) : workflow.inputBucket,
      outputBucket: isLast ? workflow.outputBucket : behind(step),
      filter: previous ? { prefix: "", suffix: "" } : { prefix: workflow.input.prefix, suffix: workflow.input.suffix },
    };
  });
}

/** Buckets between two steps. */
export const intermediates = (links: readonly Link[]): string[] => links.slice(0, -1).map((link) => link.outputBucket);
