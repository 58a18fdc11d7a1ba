/** A policy as the local cloud keeps and evaluates it: statements always a list. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly NotPrincipal?: unknown;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** `trust`: who may assume a role; `identity`: what a role may do; `resource`: who may use a queue. */
export type PolicyUse = "trust" | "identity" | "resource";

/** Answers the document, or in AWS's words what is wrong with it. */
export function parsePolicy(text: string, use: PolicyUse): PolicyDocument | { readonly problem: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { problem: "This policy contains invalid Json" };
  }
  if (!isObject(parsed)) return { problem: "Syntax errors in policy." };
  const { Version, Statement } = parsed;
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17") {
    return { problem: "The policy failed legacy parsing" };
  }
  const statements = listOf(Statement);
  if (statements.length === 0) return { problem: "Syntax errors in policy." };
  for (const statement of statements) {
    const problem = statementProblem(statement, use);
    if (problem !== undefined) return { problem };
  }
  const sids = statements.map((statement) => (statement as PolicyStatement).Sid).filter((sid) => sid !== undefined);
  if (new Set(sids).size < sids.length) return { problem: "Statement IDs (SID) in a single policy must be unique." };
  return { ...parsed, Statement: statements as PolicyStatement[] };
}

/** One or many, as policies write it, always as a list. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

/** RFC 3986, as IAM encodes the documents that it answers: `encodeURIComponent` leaves five characters too many bare. */
export function urlEncoded(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const MEMBERS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

function statementProblem(statement: unknown, use: PolicyUse): string | undefined {
  if (!isObject(statement) || Object.keys(statement).some((key) => !MEMBERS.has(key))) {
    return "Syntax errors in policy.";
  }
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny") return "Syntax errors in policy.";
  if (statement.Action === undefined && statement.NotAction === undefined) {
    return "Policy statement must contain actions.";
  }
  if (statement.Condition !== undefined && !isObject(statement.Condition)) return "Syntax errors in policy.";
  const actions = [...listOf(statement.Action), ...listOf(statement.NotAction)];
  if (!actions.every((action) => typeof action === "string")) return "Syntax errors in policy.";
  const named = statement.Principal !== undefined || statement.NotPrincipal !== undefined;
  const aimed = statement.Resource !== undefined || statement.NotResource !== undefined;
  if (use === "identity") {
    if (named) return "Policy document should not specify a principal.";
    if (!aimed) return "Policy statement must contain resources.";
    return actionProblem(actions as string[]);
  }
  if (use === "trust") {
    if (aimed) return "Has prohibited field Resource";
    if (!named) return "Missing required field Principal cannot be empty!";
    if (
      !actions.every((action) => /^sts:(AssumeRole|TagSession|SetSourceIdentity|SetContext|\*)/.test(action as string))
    ) {
      return "AssumeRole policy may only specify STS AssumeRole actions.";
    }
    return principalProblem(statement.Principal);
  }
  if (!named) return "Missing required field Principal cannot be empty!";
  return principalProblem(statement.Principal);
}

function actionProblem(actions: readonly string[]): string | undefined {
  for (const action of actions) {
    if (action !== "*" && !/^[\w-]+:[\w*?]+$/.test(action)) {
      return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
    }
  }
  return undefined;
}

const PRINCIPAL_KINDS = new Set(["AWS", "Service", "Federated", "CanonicalUser"]);

function principalProblem(principal: unknown): string | undefined {
  if (principal === undefined || principal === "*") return undefined;
  if (!isObject(principal)) return "Syntax errors in policy.";
  for (const [kind, value] of Object.entries(principal)) {
    if (!PRINCIPAL_KINDS.has(kind)) return `Invalid principal in policy: "${kind}":"${String(value)}"`;
    for (const one of listOf(value)) {
      if (kind === "Service" && !/^[\w.-]+\.amazonaws\.com(\.cn)?$/.test(String(one))) {
        return `Invalid principal in policy: "SERVICE":"${String(one)}"`;
      }
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
