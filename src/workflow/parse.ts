/** Reads a workflow file together with the algorithms that it names. */
import type { z } from "zod";
import { specHash } from "../core/spec-hash.ts";
import { computeGroup } from "./compute-schema.ts";
import { type Document, readDocument } from "./document.ts";
import type { AlgorithmFiles } from "./find-algorithm.ts";
import { hasErrors, inReadingOrder, type Problem } from "./problem.ts";
import type { SourceFile } from "./source-file.ts";
import { readSteps } from "./steps.ts";
import { goodFields, validate } from "./validate.ts";
import type { Step, Workflow } from "./workflow.ts";
import { WORKFLOW_NAME, workflowFile } from "./workflow-schema.ts";

type WorkflowFile = z.output<typeof workflowFile>;

export type { SourceFile } from "./source-file.ts";

export interface Parsed {
  /** Absent when any problem is an error. */
  readonly workflow?: Workflow;
  /** In reading order, those of the named algorithms' files included. */
  readonly problems: readonly Problem[];
}

/** Never throws, whatever the bytes. */
export function parseWorkflow(file: SourceFile, algorithms: AlgorithmFiles): Parsed {
  const document = readDocument(file);
  if (document.value === undefined) return { problems: document.problems };
  const valid = validate(document, workflowFile);
  const good = goodFields(workflowFile, document.value);
  const compute = goodFields(computeGroup, fieldOf(document.value, "compute"));
  const { steps, problems: stepProblems } = readSteps(document, algorithms, compute.instance_type);
  const problems = inReadingOrder([
    ...document.problems,
    ...valid.problems,
    ...checkName(document),
    ...checkBuckets(document, good),
    ...checkAccount(document, good),
    ...checkProcess(document),
    ...checkReach(document, compute, steps),
    ...stepProblems,
  ]);
  if (valid.value === undefined || hasErrors(problems)) return { problems };
  return { workflow: toWorkflow(valid.value, steps, document), problems };
}

/** Where the file says no name, its own name must be one. */
function checkName(document: Document): Problem[] {
  const isGroup = typeof document.value === "object" && document.value !== null && !Array.isArray(document.value);
  if (!isGroup || fieldOf(document.value, "name") !== undefined) return [];
  const name = nameFromFile(document.file);
  if (WORKFLOW_NAME.test(name)) return [];
  const proposed = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  const example = WORKFLOW_NAME.test(proposed) ? proposed : "my-workflow";
  return [
    {
      ...document.error(
        [],
        `cannot take its name from the file, since ${JSON.stringify(name)} is none; add "name": "${example}"`,
      ),
      path: "name",
    },
  ];
}

function checkBuckets(document: Document, file: Partial<WorkflowFile>): Problem[] {
  if (file.input_s3_name === undefined || file.input_s3_name !== file.output_s3_name) return [];
  const message = "is the input bucket too, so that each result would be processed again; name another bucket";
  return [document.error(["output_s3_name"], message)];
}

function checkAccount(document: Document, file: Partial<WorkflowFile>): Problem[] {
  if (typeof file.account_id !== "number") return [];
  const message = `is taken as "${file.account_id}"; write it in double quotes, since a number loses leading zeros`;
  return [document.notice(["account_id"], message)];
}

function checkProcess(document: Document): Problem[] {
  const group = fieldOf(document.value, "process");
  const algorithms = fieldOf(group, "algorithms");
  if (fieldOf(group, "type") !== "single_run" || !Array.isArray(algorithms) || algorithms.length <= 1) return [];
  const message = `lists ${algorithms.length} algorithms, and "single_run" takes one; write "sequence_run" as the type`;
  return [document.error(["process", "algorithms"], message)];
}

/** Nothing is wrong with a port open to all, or to none, but few people mean it. */
function checkReach(
  document: Document,
  compute: Partial<z.output<typeof computeGroup>>,
  steps: readonly Step[],
): Problem[] {
  if (compute.ingress_cidrs === undefined || !steps.some((step) => step.ports.length > 0)) return [];
  const path = ["compute", "ingress_cidrs"];
  if (compute.ingress_cidrs.length === 0) {
    return [
      document.notice(
        path,
        'is empty, so that nobody can reach the published ports; add blocks such as "203.0.113.0/24"',
      ),
    ];
  }
  return compute.ingress_cidrs.flatMap((block, index) =>
    block.endsWith("/0")
      ? [
          document.notice(
            [...path, index],
            "opens the published ports to the whole internet; name your own block if you can",
          ),
        ]
      : [],
  );
}

function toWorkflow(file: WorkflowFile, steps: readonly Step[], document: Document): Workflow {
  const meaning = {
    name: file.name ?? nameFromFile(document.file),
    inputBucket: file.input_s3_name,
    outputBucket: file.output_s3_name,
    ...present("accountId", file.account_id),
    ...present("region", file.region),
    ...present("keyPair", file.key_pair),
    steps,
    suspend: file.suspend,
    drift: file.drift,
    ignore: file.ignore,
    onDelete: file.on_delete,
    adopt: file.adopt,
    input: file.input,
    output: file.output,
    queue: { visibilitySeconds: file.queue.visibility_seconds, maxReceives: file.queue.max_receives },
    timeoutMinutes: file.timeout_minutes,
    compute: {
      cluster: file.compute.cluster,
      ...present("instanceType", file.compute.instance_type),
      maxInstances: file.compute.max_instances,
      maxTasks: file.compute.max_tasks,
      idleMinutes: file.compute.idle_minutes,
      ingressCidrs: file.compute.ingress_cidrs,
      spot: file.compute.spot,
      subnets: file.compute.subnets,
      securityGroups: file.compute.security_groups,
    },
    logs: { retentionDays: file.logs.retention_days },
    // Every value was checked to be a text.
    tags: file.tags as Readonly<Record<string, string>>,
  };
  return {
    ...meaning,
    file: document.file,
    hash: specHash(meaning),
    places: {
      name: document.place(["name"]),
      inputBucket: document.place(["input_s3_name"]),
      outputBucket: document.place(["output_s3_name"]),
      suspend: document.place(["suspend"]),
      ignore: document.place(["ignore"]),
    },
  };
}

/** Empty texts in files of today's users mean "unset". */
function present<Name extends string>(name: Name, value: string | number | undefined): { [Key in Name]?: string } {
  return value === undefined || value === "" ? {} : ({ [name]: String(value) } as { [Key in Name]: string });
}

function nameFromFile(file: string): string {
  return (file.split(/[/\\]/).at(-1) ?? "").replace(/\.json$/, "");
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
