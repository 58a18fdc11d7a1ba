/** Reads an algorithm file. */
import type { z } from "zod";
import type { Algorithm, Port } from "./algorithm.ts";
import { algorithmFile } from "./algorithm-schema.ts";
import { checkCommand } from "./check-command.ts";
import { type Document, readDocument } from "./document.ts";
import { hasErrors, inReadingOrder, type Problem } from "./problem.ts";
import type { SourceFile } from "./source-file.ts";
import { splitCommand } from "./split-command.ts";
import { goodFields, validate } from "./validate.ts";

type AlgorithmFile = z.output<typeof algorithmFile>;

export interface ParsedAlgorithm {
  /** Absent when any problem is an error. */
  readonly algorithm?: Algorithm;
  readonly problems: readonly Problem[];
}

/**
 * What today's `wrap` adds to the variables of a file that it writes. The worker learns these things from its task and
 * its role, and keys have no place in a task's environment.
 */
export const VARIABLES_OF_OLD_WRAP: ReadonlySet<string> = new Set([
  ...["output_s3_name", "sqs", "LOG_LVL", "NAME", "AWS_DEFAULT_REGION", "AWS_DEFAULT_OUTPUT"],
  ...["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
]);

export function parseAlgorithm(file: SourceFile): ParsedAlgorithm {
  const document = readDocument(file);
  if (document.value === undefined) return { problems: document.problems };
  const valid = validate(document, algorithmFile);
  const good = goodFields(algorithmFile, document.value);
  const problems = inReadingOrder([
    ...document.problems,
    ...valid.problems,
    ...checkCommand(document, good),
    ...checkMemory(document, good),
    ...checkVariables(document, good),
    ...checkPorts(document, good),
    ...checkExitCodes(document, good),
  ]);
  if (valid.value === undefined || hasErrors(problems)) return { problems };
  return { algorithm: toAlgorithm(valid.value), problems };
}

function checkMemory(document: Document, { memory }: Partial<AlgorithmFile>): Problem[] {
  if (memory?.minimal === undefined || memory.minimal <= memory.suggested) return [];
  const message = `is more than the ${memory.suggested} MiB of memory.suggested; lower it or raise the other`;
  return [document.error(["memory", "minimal"], message)];
}

function checkVariables(document: Document, file: Partial<AlgorithmFile>): Problem[] {
  const path = "user_specified_environment_variables";
  const names = (file[path] ?? []).map((variable) => variable.name);
  const dropped = names.filter((name) => VARIABLES_OF_OLD_WRAP.has(name));
  return [
    ...repeated(names).map((index) =>
      document.error([path, index, "name"], `declares ${names[index]} a second time; keep one of the two`),
    ),
    ...(dropped.length > 0
      ? [document.notice([path], `drops ${dropped.join(", ")}: the worker needs none of them, so remove them`)]
      : []),
  ];
}

function checkPorts(document: Document, { port: ports = [] }: Partial<AlgorithmFile>): Problem[] {
  const names = ports.map(({ port, protocol }: Port) => `${port}/${protocol}`);
  return repeated(names).map((index) =>
    document.error(["port", index], `declares ${names[index]} a second time; keep one of the two`),
  );
}

function checkExitCodes(document: Document, file: Partial<AlgorithmFile>): Problem[] {
  const problems: Problem[] = [];
  if (file.success_exit_codes?.length === 0) {
    problems.push(document.error(["success_exit_codes"], "is empty, so that nothing could succeed; write [0]"));
  }
  const meanings = new Map<number, string>();
  for (const list of ["success_exit_codes", "retry_exit_codes", "fail_exit_codes"] as const) {
    const codes = file[list] ?? [];
    if (codes === "rest") continue;
    codes.forEach((code, index) => {
      const other = meanings.get(code);
      if (other)
        problems.push(document.error([list, index], `lists ${code}, which ${other} lists too; keep one of the two`));
      else meanings.set(code, list);
    });
  }
  return problems;
}

/** Positions of entries that occurred before. */
function repeated(entries: readonly string[]): number[] {
  return entries.flatMap((entry, index) => (entries.indexOf(entry) < index ? [index] : []));
}

function toAlgorithm(file: AlgorithmFile): Algorithm {
  const command = splitCommand(file.run_command);
  if ("problem" in command) throw new Error(`run_command was checked before, and yet ${command.problem}`);
  return {
    name: file.name,
    image: file.container_name,
    command: command.words,
    inputPath: withoutEndingSlash(file.input_file_path),
    outputPath: withoutEndingSlash(file.output_file_path),
    memory: { minimalMiB: file.memory.minimal ?? file.memory.suggested, suggestedMiB: file.memory.suggested },
    cpu: typeof file.CPU === "number" ? file.CPU : 1,
    ...(file.source === undefined ? {} : { source: file.source }),
    ...(file.instance_type === "" ? {} : { instanceType: file.instance_type }),
    variables: file.user_specified_environment_variables.filter(({ name }) => !VARIABLES_OF_OLD_WRAP.has(name)),
    ports: file.port,
    successExitCodes: file.success_exit_codes,
    retryExitCodes: file.retry_exit_codes,
    failExitCodes: file.fail_exit_codes,
    ...(file.registry_credentials === undefined ? {} : { registryCredentials: file.registry_credentials }),
  };
}

const withoutEndingSlash = (path: string): string => path.replace(/\/+$/, "") || "/";
