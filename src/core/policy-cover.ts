/** What a policy that a person made lacks of one that we want: more than ours, or ours in other words, is no lack. */
import { type Policy, type Statement, sameStatement } from "./policy.ts";

/**
 * Statements of `want` that all of `have` together do not allow. Compared as text: `s3:*` covers `s3:GetObject`, a
 * statement without condition covers one with; what only AWS's simulator could tell counts as missing.
 */
export function uncovered(want: Policy, have: readonly Policy[]): Statement[] {
  const theirs = have.flatMap((document) => document.Statement);
  return want.Statement.filter((one) => !isCovered(one, theirs));
}

function isCovered(wanted: Statement, theirs: readonly Statement[]): boolean {
  if (theirs.some((one) => sameStatement({ ...wanted, Sid: "" }, { ...one, Sid: "" }))) return true;
  if (wanted.Effect !== "Allow" || wanted.Action === undefined) return false;
  const allowing = theirs.filter(
    (one) => one.Effect.toLowerCase() === "allow" && (!one.Condition || sameCondition(one, wanted)),
  );
  return piecesOf(wanted).every((piece) => allowing.some((one) => piecesOf(one).some((wide) => includes(wide, piece))));
}

/** One action on one resource by one principal. */
interface Piece {
  readonly action: string;
  readonly resource: string;
  readonly principal: string;
}

function piecesOf(statement: Statement): Piece[] {
  const principals = principalsOf(statement.Principal);
  // What is said the other way round (NotAction, NotResource, NotPrincipal) covers nothing that we can be sure of.
  if (statement.NotAction ?? statement.NotResource ?? statement.NotPrincipal) return [];
  return listed(statement.Action).flatMap((action) =>
    listed(statement.Resource ?? "").flatMap((resource) =>
      principals.map((principal) => ({ action: action.toLowerCase(), resource, principal })),
    ),
  );
}

const includes = (wide: Piece, piece: Piece): boolean =>
  matches(wide.action, piece.action) && matches(wide.resource, piece.resource) && wide.principal === piece.principal;

/** Does the pattern match the text, in which a wildcard is a letter like any other? Then it matches all that the text stands for. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", "[^*]");
  return new RegExp(`^${source}$`).test(text);
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal !== "object" || principal === null) return [String(principal ?? "")];
  return Object.entries(principal as Record<string, string | string[]>).flatMap(([type, ids]) =>
    listed(ids).map((id) => `${type} ${id}`),
  );
}

const sameCondition = (one: Statement, other: Statement): boolean =>
  sameStatement(conditionOnly(one), conditionOnly(other));

const conditionOnly = ({ Condition }: Statement): Statement => ({
  Effect: "Allow",
  ...(Condition ? { Condition } : {}),
});

const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;
