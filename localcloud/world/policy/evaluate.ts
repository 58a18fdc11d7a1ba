import { listOf, type PolicyDocument, type PolicyStatement } from "../../services/policy-document.ts";
import { type Context, conditionsHold } from "./conditions.ts";
import { wildcard } from "./wildcard.ts";

/** One thing that a call must be allowed; a call may need several. */
export interface Need {
  /** `sqs:SendMessage`. */
  readonly action: string;
  /** An ARN, or `*` where the action knows no resources. */
  readonly resource: string;
  /** Condition keys (in lower case) beside those that every call has. */
  readonly context?: Readonly<Record<string, readonly string[] | undefined>>;
}

/** `none`: no statement speaks for it. */
export type Verdict = "allow" | "deny" | "none";

/** As AWS decides: one Deny outweighs every Allow, and what nobody allows is refused. */
export function evaluate(policies: readonly PolicyDocument[], need: Need, context: Context): Verdict {
  const effects = policies
    .flatMap(({ Statement }) => Statement)
    .filter((statement) => speaksOf(statement, need) && conditionsHold(statement.Condition, context))
    .map(({ Effect }) => Effect);
  if (effects.includes("Deny")) return "deny";
  return effects.includes("Allow") ? "allow" : "none";
}

function speaksOf(statement: PolicyStatement, { action, resource }: Need): boolean {
  const named = (patterns: string | readonly string[] | undefined, text: string, anyCase: boolean) =>
    listOf(patterns).some((pattern) => wildcard(pattern, { anyCase })(text));
  const aboutAction =
    statement.NotAction === undefined
      ? named(statement.Action, action, true)
      : !named(statement.NotAction, action, true);
  const aboutResource =
    statement.NotResource === undefined
      ? named(statement.Resource, resource, false)
      : !named(statement.NotResource, resource, false);
  return aboutAction && aboutResource;
}
