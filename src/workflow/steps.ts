/** Turns the algorithms that a workflow names into steps, checking each against what its algorithm declares. */
import type { z } from "zod";
import type { Algorithm, Port } from "./algorithm.ts";
import { chooseInstanceType } from "./choose-instance-type.ts";
import type { Document, Path } from "./document.ts";
import { type ParsedAlgorithm, parseAlgorithm, VARIABLES_OF_OLD_WRAP } from "./parse-algorithm.ts";
import type { Problem } from "./problem.ts";
import type { SourceFile } from "./source-file.ts";
import { didYouMean } from "./suggest.ts";
import { goodFields } from "./validate.ts";
import type { Step } from "./workflow.ts";
import { MOST_PORTS, MOST_STEPS, MOST_VARIABLES, publishedPort, usedAlgorithm } from "./workflow-schema.ts";

/** Finds the file of an algorithm. Only called with names that are good as parts of a path. */
export type AlgorithmFiles = (name: string) => SourceFile | undefined;

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
  const entries = entriesOf(document.value);
  const problems: Problem[] = [];
  const steps: Step[] = [];
  const names = new StepNames();
  const algorithms = new Algorithms(files);

  entries.forEach((entry, index) => {
    const path: Path = ["process", "algorithms", index];
    const used = goodFields(usedAlgorithm, entry);
    if (used.name === undefined) return;
    const parsed = algorithms.parse(used.name);
    if (parsed === undefined) {
      const message = `names the algorithm ${used.name}, which is not described; add algorithms/${used.name}.json beside this file, or correct the name`;
      problems.push(document.error([...path, "name"], message));
      return;
    }
    problems.push(...parsed.problems);
    const { algorithm } = parsed;
    if (algorithm === undefined) {
      problems.push(
        document.error(
          [...path, "name"],
          `names the algorithm ${used.name}, whose file has errors; correct them there`,
        ),
      );
      return;
    }
    if (algorithm.name !== used.name) {
      const message = `names ${used.name}, but the file found for it describes ${algorithm.name}; give both one name`;
      problems.push(document.error([...path, "name"], message));
      return;
    }
    const context: Context = { document, path, algorithm, used };
    const ports = publishedPorts(context, asGroup(entry).port);
    const variables = environment(context, asGroup(asGroup(entry).variables));
    const memory = memoryOf(context);
    const cpu = used.cpu ?? algorithm.cpu;
    const chosen = chooseInstanceType({
      document,
      path,
      ofStep: used.instance_type,
      ofWorkflow: workflowInstanceType,
      ofAlgorithm: algorithm.instanceType,
      memoryMiB: memory.limitMiB,
      cpu,
    });
    problems.push(...ports.problems, ...variables.problems, ...memory.problems, ...chosen.problems);
    steps.push({
      algorithm,
      name: names.next(algorithm.name),
      index,
      ports: ports.ports,
      variables: variables.values,
      instanceType: chosen.instanceType,
      memoryMiB: memory.limitMiB,
      memoryReservationMiB: Math.min(algorithm.memory.minimalMiB, memory.limitMiB),
      cpu,
    });
  });
  return { steps, problems };
}

/** One step on its way from the file. */
interface Context {
  readonly document: Document;
  /** Of the step's entry in the workflow file. */
  readonly path: Path;
  readonly algorithm: Algorithm;
  readonly used: Used;
}

/** Reads each algorithm once, however often it is named. */
class Algorithms {
  readonly #files: AlgorithmFiles;
  readonly #parsed = new Map<string, ParsedAlgorithm | undefined>();

  constructor(files: AlgorithmFiles) {
    this.#files = files;
  }

  parse(name: string): ParsedAlgorithm | undefined {
    if (!this.#parsed.has(name)) {
      const file = this.#files(name);
      this.#parsed.set(name, file && parseAlgorithm(file));
    }
    return this.#parsed.get(name);
  }
}

/** Names that stay different when resource names make lower case and hyphens of them. */
class StepNames {
  readonly #taken = new Set<string>();

  next(algorithmName: string): string {
    let name = algorithmName;
    for (let occurrence = 2; this.#taken.has(asInResources(name)); occurrence++)
      name = `${algorithmName}-${occurrence}`;
    this.#taken.add(asInResources(name));
    return name;
  }
}

/** Step names that differ only in case, or in hyphen and underscore, would give one resource name. */
export const asInResources = (name: string): string => name.toLowerCase().replaceAll("_", "-");

/** Takes ports as written: a good one is checked even where the one beside it is wrong. */
function publishedPorts(
  { document, path, algorithm }: Context,
  given: unknown,
): { ports: Port[]; problems: Problem[] } {
  const ports = new Map<string, Port>();
  const problems: Problem[] = [];
  const declared = algorithm.ports.map((port) => `${port.port}/${port.protocol}`).join(", ");
  (Array.isArray(given) ? given.slice(0, MOST_PORTS) : []).forEach((entry, index) => {
    const wanted = publishedPort.safeParse(entry).data;
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
function environment(context: Context, given: Readonly<Record<string, unknown>>) {
  const { document, path, algorithm } = context;
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
