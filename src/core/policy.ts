/** Policy documents, compared by meaning (AWS rewrites them on the way). */
import { canonical, same } from "./compare.ts";

export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | boolean | readonly string[]>>>>;
}

export interface Policy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

export const policy = (...statements: readonly Statement[]): Policy => ({
  Version: "2012-10-17",
  Statement: statements,
});

/** Reads a document as AWS answers it: IAM's are URL-encoded, a single statement may stand without its list. */
export function readPolicy(text: string | undefined): Policy | undefined {
  if (text === undefined || text === "") return undefined;
  const document = JSON.parse(text.startsWith("%") ? decodeURIComponent(text) : text);
  return { Version: document.Version ?? "2012-10-17", Statement: asList(document.Statement) as Statement[] };
}

/** Same meaning: order of statements, of lists, and one-element lists do not matter; none at all says as little as an empty one. */
export function samePolicy(one: Policy | undefined, other: Policy | undefined): boolean {
  const texts = (document: Policy | undefined) => (document?.Statement ?? []).map(normal).sort();
  return same(texts(one), texts(other));
}

export const sameStatement = (one: Statement, other: Statement): boolean => normal(one) === normal(other);

/** `have` with the wanted statements in it: those with an equal Sid are replaced, the rest stays. */
export function mergedPolicy(want: Policy, have: Policy | undefined): Policy {
  const replaced = new Set(want.Statement.map((one) => one.Sid).filter((sid) => sid !== undefined));
  const kept = (have?.Statement ?? []).filter(
    (one) =>
      !(one.Sid !== undefined && replaced.has(one.Sid)) && !want.Statement.some((other) => sameStatement(one, other)),
  );
  return { Version: "2012-10-17", Statement: [...kept, ...want.Statement] };
}

function normal(statement: Statement): string {
  return canonical({
    // The console writes an empty one where it means none.
    Sid: statement.Sid || undefined,
    Effect: statement.Effect.toLowerCase(),
    Principal: principals(statement.Principal),
    NotPrincipal: principals(statement.NotPrincipal),
    Action: actions(statement.Action),
    NotAction: actions(statement.NotAction),
    Resource: set(statement.Resource),
    NotResource: set(statement.NotResource),
    Condition: conditions(statement.Condition),
  });
}

const asList = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

const set = (value: unknown): unknown =>
  value === undefined ? undefined : [...new Set(asList(value).map((one) => String(one)))].sort();

/** Action names are case-insensitive. */
const actions = (value: unknown): unknown =>
  value === undefined ? undefined : [...new Set(asList(value).map((one) => String(one).toLowerCase()))].sort();

function principals(value: unknown): unknown {
  // Everybody, in the shorter of two spellings.
  if (value === "*") return principals({ AWS: "*" });
  if (value === undefined || typeof value === "string") return value;
  return Object.fromEntries(
    Object.entries(value as Record<string, unknown>).map(([type, ids]) => [
      type,
      [...new Set(asList(ids).map((id) => (type === "AWS" ? accountOf(String(id)) : String(id))))].sort(),
    ]),
  );
}

/** An account's bare id and its root ARN, of whatever partition, mean the same principal. */
const accountOf = (id: string): string => /^arn:[\w-]+:iam::(\d{12}):root$/.exec(id)?.[1] ?? id;

function conditions(value: Statement["Condition"]): unknown {
  if (!value) return undefined;
  return Object.fromEntries(
    Object.entries(value).map(([operator, tests]) => [
      operator,
      Object.fromEntries(Object.entries(tests).map(([key, wanted]) => [key.toLowerCase(), set(wanted)])),
    ]),
  );
}
