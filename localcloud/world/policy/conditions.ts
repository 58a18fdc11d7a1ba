import { notImplemented } from "../../failures.ts";
import { listOf } from "../../services/policy-document.ts";
import { wildcard } from "./wildcard.ts";

/** What a call's context holds under a key (in lower case); undefined where it does not have that key. */
export type Context = (key: string) => readonly string[] | undefined;

type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Whether every condition of a statement holds: operators and keys are joined by "and", the values of a key by "or". */
export function conditionsHold(conditions: Conditions | undefined, context: Context): boolean {
  return Object.entries(conditions ?? {}).every(([operator, keys]) => {
    const test = operatorTest(operator);
    return Object.entries(keys).every(([key, wanted]) =>
      // JSON's own booleans and numbers stand for their texts.
      test(context(key.toLowerCase()), listOf(wanted).map(String)),
    );
  });
}

type Test = (actual: readonly string[] | undefined, wanted: readonly string[]) => boolean;

function operatorTest(operator: string): Test {
  const [, quantifier, name = "", ifExists] = /^(ForAllValues:|ForAnyValue:)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  if (name === "Null") return (actual, wanted) => wanted.includes(String(actual === undefined));
  const negated = /Not/.test(name);
  const matcher = MATCHERS[name.replace("Not", "")];
  if (!matcher) throw notImplemented("iam", `the condition operator ${operator}`);
  const fits = (value: string, wanted: readonly string[]) => wanted.some((one) => matcher(one, value)) !== negated;
  return (actual, wanted) => {
    if (quantifier === "ForAllValues:") return (actual ?? []).every((value) => fits(value, wanted));
    // What is not there equals nothing, and so differs from everything.
    if (actual === undefined) return ifExists !== undefined || (negated && quantifier === undefined);
    if (quantifier === "ForAnyValue:" || !negated) return actual.some((value) => fits(value, wanted));
    return actual.every((value) => fits(value, wanted));
  };
}

const arnLike = (pattern: string, arn: string): boolean => {
  // Each of the six parts is compared by itself, so that a wildcard never reaches over a colon into the next.
  const [patterns, parts] = [sixParts(pattern), sixParts(arn)];
  return patterns.length === parts.length && patterns.every((part, index) => wildcard(part)(parts[index]!));
};

const MATCHERS: Readonly<Record<string, (wanted: string, actual: string) => boolean>> = {
  StringEquals: (wanted, actual) => wanted === actual,
  StringEqualsIgnoreCase: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(),
  StringLike: (wanted, actual) => wildcard(wanted)(actual),
  ArnEquals: arnLike,
  ArnLike: arnLike,
  Bool: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(),
  NumericEquals: (wanted, actual) => Number(actual) === Number(wanted),
  NumericLessThan: (wanted, actual) => Number(actual) < Number(wanted),
  NumericLessThanEquals: (wanted, actual) => Number(actual) <= Number(wanted),
  NumericGreaterThan: (wanted, actual) => Number(actual) > Number(wanted),
  NumericGreaterThanEquals: (wanted, actual) => Number(actual) >= Number(wanted),
};

function sixParts(arn: string): string[] {
  const parts = arn.split(":");
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}
