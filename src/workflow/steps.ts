/** Turns the algorithms that a workflow names into steps, checking each against what its algorithm declares. */
import type { z } from "zod";
import type { Algorithm, Port } from "./algorithm.ts";
import { chooseInstanceType } from "./choose-instance-type.ts";
import type { Document, Path } from "./document.ts";
import { type AlgorithmFiles, Algorithms } from "./find-algorithm.ts";
import { VARIABLES_OF_OLD_WRAP } from "./parse-algorithm.ts";
import type { Problem } from "./problem.ts";
import { MOST_PORTS, MOST_STEPS, MOST_VARIABLES, publishedPort, usedAlgorithm } from "./process-schema.ts";
import { StepNames } from "./step-names.ts";
import { didYouMean } from "./suggest.ts";
import { goodFields } from "./validate.ts";
import type { Step } from "./workflow.ts";

type Used = Partial<z.output<typeof usedAlgorithm>>;

export interface ReadSteps {
  /** Only those whose algorithm could be read. */
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
}

export function readSteps(
  document: Document,
  files: AlgorithmFiles,
  workflowInstanceType: string | undefined,
): ReadSteps {
  const algorithms = new Algorithms(files);
  const names = new StepNames();
  const problems: Problem[] = [];
  const steps: Step[] = [];
  entriesOf(document.value).forEach((entry, index) => {
    const path: Path = ["process", "algorithms", index];
    const used = goodFields(usedAlgorithm, entry);
    if (used.name === undefined) return;
    const found = algorithms.find(used.name, document, [...path, "name"]);
    problems.push(...found.problems);
    if (found.algorithm === undefined) return;
    const step = readStep({
      document,
      path,
      entry: asGroup(entry),
      used,
      algorithm: found.algorithm,
      workflowInstanceType,
    });
    problems.push(...step.problems);
    steps.push({ ...step.step, name: names.next(found.algorithm.name), index });
  });
  return { steps, problems };
}

/** One step on its way from the file. */
interface Context {
  readonly document: Document;
  /** Of the step's entry in the workflow file. */
  readonly path: Path;
  /** As written. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** What is good of it. */
  readonly used: Used;
  readonly algorithm: Algorithm;
  readonly workflowInstanceType: string | undefined;
}

function readStep(context: Context): { step: Omit<Step, "name" | "index">; problems: Problem[] } {
  const { document, path, used, algorithm } = context;
  const ports = publishedPorts(context);
  const variables = environment(context);
  const memory = memoryOf(context);
  const cpu = used.cpu ?? algorithm.cpu;
  const chosen = chooseInstanceType({
    document,
    path,
    ofStep: used.instance_type,
    ofWorkflow: context.workflowInstanceType,
    ofAlgorithm: algorithm.instanceType,
    memoryMiB: memory.limitMiB,
    cpu,
  });
  return {
    step: {
      algorithm,
      ports: ports.ports,
      variables: variables.values,
      instanceType: chosen.instanceType,
      memoryMiB: memory.limitMiB,
      memoryReservationMiB: Math.min(algorithm.memory.minimalMiB, memory.limitMiB),
      cpu,
    },
    problems: [...ports.problems, ...variables.problems, ...memory.problems, ...chosen.problems],
  };
}

/** Takes ports as written: a good one is checked even where the one beside it is wrong. */
function publishedPorts({ document, path, algorithm, entry }: Context): { ports: Port[]; problems: Problem[] } {
  const ports = new Map<string, Port>();
  const problems: Problem[] = [];
  const declared = algorithm.ports.map((port) => `${port.port}/${port.protocol}`).join(", ");
  const given = Array.isArray(entry.port) ? entry.port.slice(0, MOST_PORTS) : [];
  given.forEach((each, index) => {
    const wanted = publishedPort.safeParse(each).data;
    if (wanted === undefined) return;
    const found = algorithm.ports.filter((port) =>
      typeof wanted === "number"
        ? port.port === wanted
        : port.port === wanted.port && port.protocol === wanted.protocol,
    );
    for (const port of found) ports.set(`${port.port}/${port.protocol}`, port);
    if (found.length > 0) return;
    const instead = declared === "" ? "it declares none, so remove the port" : `it declares ${declared}`;
    problems.push(document.error([...path, "port", index], `is no port of ${algorithm.name}; ${instead}`));
  });
  return { ports: [...ports.values()], problems };
}

/** Takes variables as written, too. */
function environment({ document, path, algorithm, entry }: Context) {
  const given = asGroup(entry.variables);
  const at = (name: string): Path => [...path, "variables", name];
  const declared = algorithm.variables.map((variable) => variable.name);
  const problems: Problem[] = [];
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(given).slice(0, MOST_VARIABLES)) {
    if (declared.includes(name)) {
      values[name] = String(value);
    } else if (VARIABLES_OF_OLD_WRAP.has(name)) {
      problems.push(document.notice(at(name), "is dropped: the worker sets what it needs, so remove it"));
    } else {
      const known = declared.length === 0 ? "it declares none" : `it declares ${declared.join(", ")}`;
      const message = `is no variable of ${algorithm.name}${didYouMean(name, declared) || `; ${known}`}`;
      problems.push({ ...document.error(at(name), message), ...document.placeOfName(at(name)) });
    }
  }
  for (const { name, required } of algorithm.variables) {
    if (!required || Object.hasOwn(given, name)) continue;
    problems.push(document.error(at(name), `is missing, and ${algorithm.name} requires it; add "${name}": "…"`));
  }
  return { values, problems };
}

function memoryOf({ document, path, algorithm, used }: Context): { limitMiB: number; problems: Problem[] } {
  const limitMiB = used.memory ?? algorithm.memory.suggestedMiB;
  const least = algorithm.memory.minimalMiB;
  if (limitMiB >= least) return { limitMiB, problems: [] };
  const message = `is less than the ${least} MiB that ${algorithm.name} needs; write at least ${least}`;
  return { limitMiB, problems: [document.error([...path, "memory"], message)] };
}

function entriesOf(value: unknown): readonly unknown[] {
  const { algorithms } = asGroup(asGroup(value).process);
  return Array.isArray(algorithms) ? algorithms.slice(0, MOST_STEPS) : [];
}

function asGroup(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
