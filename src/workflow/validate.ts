/** Checks a document against its schema and puts each problem in its place. */
import { z } from "zod";
import type { Document, Path } from "./document.ts";
import { pathText } from "./document.ts";
import type { Problem } from "./problem.ts";
import { didYouMean } from "./suggest.ts";

/** Nobody reads more at once, and a file of another kind could have a hundred thousand. */
const MOST_PROBLEMS = 100;

/** The problems of the document's form; its value, with defaults, only where there is none. */
export function validate<Schema extends z.ZodType>(
  document: Document,
  schema: Schema,
): { value?: z.output<Schema>; problems: Problem[] } {
  const result = schema.safeParse(document.value);
  if (result.success) return { value: result.data, problems: [] };
  const issues = result.error.issues.flatMap(onePerField);
  const problems = issues.slice(0, MOST_PROBLEMS).map((issue) => toProblem(issue, document, schema));
  const left = issues.length - problems.length;
  if (left > 0) problems.push(document.error([], `has ${left} more problems like these; correct these first`));
  return { problems };
}

/**
 * Those fields of a group that are good by themselves. Checks that compare fields with one another use it, so that they
 * speak up even when other fields are still wrong.
 */
export function goodFields<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  value: unknown,
): Partial<z.output<z.ZodObject<Shape>>> {
  if (typeof value !== "object" || value === null) return {};
  const given = value as Readonly<Record<string, unknown>>;
  const good = Object.entries(schema.shape).flatMap(([name, field]) => {
    const result = z.safeParse(field as z.ZodType, given[name]);
    return result.success ? [[name, result.data] as const] : [];
  });
  return Object.fromEntries(good) as Partial<z.output<z.ZodObject<Shape>>>;
}

type Issue = { readonly path: Path } & ({ readonly message: string } | { readonly unknownField: string });

/** Zod reports all unknown fields of a group in one issue; each has its own place. */
function onePerField(issue: z.core.$ZodIssue): Issue[] {
  const path = issue.path as Path;
  if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({ path, unknownField: key }));
}

function toProblem(issue: Issue, document: Document, schema: z.ZodType): Problem {
  if ("message" in issue) return document.error(issue.path, issue.message);
  const path = [...issue.path, issue.unknownField];
  const siblings = fieldNames(schemaAt(schema, issue.path));
  const message = unknownField(issue.unknownField, issue.path, siblings, schema);
  return { ...document.error(path, message), ...document.placeOfName(path) };
}

function unknownField(key: string, path: Path, siblings: readonly string[], schema: z.ZodType): string {
  const elsewhere = fieldPaths(schema, []).find((other) => other.at(-1) === key);
  if (elsewhere) return `is not known here; it belongs at ${pathText(elsewhere)}`;
  const meant = didYouMean(key, siblings);
  const known = siblings.filter((name) => name !== "$schema").join(", ");
  return `is not known${path.length === 0 ? "" : " here"}${meant === "" ? `; known are ${known}` : meant}`;
}

function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let at: z.ZodType | undefined = bare(schema);
  for (const part of path) {
    if (at instanceof z.ZodArray) at = bare(at.element as z.ZodType);
    else if (at instanceof z.ZodObject) at = bare(at.shape[String(part)] as z.ZodType | undefined);
    else return undefined;
  }
  return at;
}

const fieldNames = (schema: z.ZodType | undefined): string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];

/** The paths of all fields that do not lie in a list, where a hint would not know which entry is meant. */
function fieldPaths(schema: z.ZodType | undefined, above: Path): Path[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const path = [...above, name];
    return [path, ...fieldPaths(bare(field as z.ZodType), path)];
  });
}

/** The schema below "optional" and defaults. */
function bare(schema: z.ZodType | undefined): z.ZodType | undefined {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}
