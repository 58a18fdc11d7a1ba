/** The plain sample files of today's users, and ways to bend them. */

import { type Parsed, parseWorkflow, type SourceFile } from "../../src/workflow/parse.ts";
import { parseAlgorithm } from "../../src/workflow/parse-algorithm.ts";
import { formatProblem, type Problem } from "../../src/workflow/problem.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";

export type Fields = Readonly<Record<string, unknown>>;

export const SAMPLE_WORKFLOW = {
  input_s3_name: "container-clouds-input",
  output_s3_name: "container-clouds-output",
  key_pair: "my-key",
  account_id: "123456789012",
  region: "us-east-1",
  process: {
    type: "single_run",
    algorithms: [{ name: "change123-s3", port: [], variables: { TEST_ENV: "blah" } }],
  },
};

export const SAMPLE_ALGORITHM = {
  name: "change123-s3",
  container_name: "wangyx2005/change123",
  system: "ubuntu",
  run_command: "sh /change123.sh $input $output",
  input_file_path: "/",
  output_file_path: "/",
  executable_path: "/change123",
  instance_type: "",
  memory: { minimal: 50, suggested: 128 },
  CPU: 1,
  user_specified_environment_variables: [{ name: "TEST_ENV", required: true }],
  port: [{ port: 9090, protocol: "tcp" }],
};

/** A file with the given text, or with the given value as JSON. */
export function file(path: string, content: unknown): SourceFile {
  return { path, bytes: new TextEncoder().encode(typeof content === "string" ? content : JSON.stringify(content)) };
}

/** Algorithms by name, as if they lay beside the workflow. */
export function beside(...algorithms: readonly Fields[]): (name: string) => SourceFile | undefined {
  return (name) => {
    const found = algorithms.find((algorithm) => algorithm.name === name);
    return found && file(`algorithms/${name}.json`, found);
  };
}

export function readWorkflow(fields: Fields | string, ...algorithms: readonly Fields[]): Parsed {
  const content = typeof fields === "string" ? fields : { ...SAMPLE_WORKFLOW, ...fields };
  return parseWorkflow(
    file("plants.json", content),
    beside(...(algorithms.length > 0 ? algorithms : [SAMPLE_ALGORITHM])),
  );
}

/** The sample with one step that differs in the given fields. */
export function readStep(fields: Fields, algorithm: Fields = {}): Parsed {
  const used = { ...SAMPLE_WORKFLOW.process.algorithms[0], ...fields };
  return readWorkflow({ process: { type: "single_run", algorithms: [used] } }, { ...SAMPLE_ALGORITHM, ...algorithm });
}

export const readAlgorithm = (fields: Fields) =>
  parseAlgorithm(file("algorithms/change123-s3.json", { ...SAMPLE_ALGORITHM, ...fields }));

export function workflowOf(parsed: Parsed): Workflow {
  if (parsed.workflow === undefined) throw new Error(printed(parsed).join("\n"));
  return parsed.workflow;
}

/** `error path message` or `notice path message`, without places. */
export const printed = ({ problems }: { readonly problems: readonly Problem[] }): string[] =>
  problems.map((problem) => `${problem.severity} ${problem.path} ${problem.message}`);

export const withPlaces = ({ problems }: { readonly problems: readonly Problem[] }): string[] =>
  problems.map(formatProblem);
