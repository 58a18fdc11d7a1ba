import { invalidParameter } from "./errors.ts";

/**
 * ECS's cluster query language, in placement constraints and in the filter of ListContainerInstances:
 * `attribute:ecs.instance-type == c5.large and not(agentConnected == false)`.
 */
export type Expression = (subjects: Subjects) => boolean;

/** Values by subject: `attribute:NAME`, `ec2InstanceId`, `agentConnected`, … Undefined for what an instance has not. */
export type Subjects = (subject: string) => string | undefined;

/** @throws InvalidParameterException where the text is no expression. */
export function parseExpression(text: string): Expression {
  const tokens = text.match(TOKEN) ?? [];
  if (tokens.join("") !== text.replace(/\s+(?=(?:[^"']*["'][^"']*["'])*[^"']*$)/g, "")) throw invalid(text);
  const reader = { tokens, at: 0, text };
  const expression = either(reader);
  if (reader.at < tokens.length) throw invalid(text);
  return expression;
}

const TOKEN = /"[^"]*"|'[^']*'|&&|\|\||==|!=|>=|<=|=~|!~|!(?=\s*(?:in|exists)\b)|[()[\],!<>]|[^\s()[\],!<>=&|"']+/g;

interface Reader {
  readonly tokens: readonly string[];
  readonly text: string;
  at: number;
}

function either(reader: Reader): Expression {
  const parts = [both(reader)];
  while (accept(reader, "or", "||")) parts.push(both(reader));
  return (subjects) => parts.some((part) => part(subjects));
}

function both(reader: Reader): Expression {
  const parts = [term(reader)];
  while (accept(reader, "and", "&&")) parts.push(term(reader));
  return (subjects) => parts.every((part) => part(subjects));
}

function term(reader: Reader): Expression {
  if (accept(reader, "not", "!")) {
    const inner = term(reader);
    return (subjects) => !inner(subjects);
  }
  if (accept(reader, "(")) {
    const inner = either(reader);
    if (!accept(reader, ")")) throw invalid(reader.text);
    return inner;
  }
  return comparison(reader);
}

function comparison(reader: Reader): Expression {
  const subject = word(reader);
  const negated = accept(reader, "!");
  const operator = next(reader);
  const test = comparator(reader, negated ? `!${operator}` : operator);
  return (subjects) => test(subjects(subject));
}

function comparator(reader: Reader, operator: string): (value: string | undefined) => boolean {
  switch (operator) {
    case "exists":
      return (value) => value !== undefined;
    case "!exists":
    case "not_exists":
      return (value) => value === undefined;
    case "in": {
      const list = listOf(reader);
      return (value) => value !== undefined && list.includes(value);
    }
    case "!in":
    case "not_in": {
      const list = listOf(reader);
      return (value) => value === undefined || !list.includes(value);
    }
  }
  const operand = word(reader);
  switch (operator) {
    case "==":
    case "equals":
      return (value) => value === operand;
    case "!=":
    case "not_equals":
      return (value) => value !== operand;
    case "=~":
    case "matches": {
      const pattern = regularExpression(operand, reader.text);
      return (value) => value !== undefined && pattern.test(value);
    }
    case "!~":
    case "not_matches": {
      const pattern = regularExpression(operand, reader.text);
      return (value) => value === undefined || !pattern.test(value);
    }
    case ">":
    case "greater_than":
      return (value) => value !== undefined && Number(value) > Number(operand);
    case ">=":
    case "greater_than_equal":
      return (value) => value !== undefined && Number(value) >= Number(operand);
    case "<":
    case "less_than":
      return (value) => value !== undefined && Number(value) < Number(operand);
    case "<=":
    case "less_than_equal":
      return (value) => value !== undefined && Number(value) <= Number(operand);
  }
  throw invalid(reader.text);
}

function regularExpression(source: string, text: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    throw invalid(text);
  }
}

function listOf(reader: Reader): string[] {
  if (!accept(reader, "[")) throw invalid(reader.text);
  const list = [word(reader)];
  while (accept(reader, ",")) list.push(word(reader));
  if (!accept(reader, "]")) throw invalid(reader.text);
  return list;
}

function word(reader: Reader): string {
  const token = next(reader);
  if (/^[()[\],!<>=&|]/.test(token)) throw invalid(reader.text);
  return token.replace(/^(["'])(.*)\1$/, "$2");
}

function next(reader: Reader): string {
  const token = reader.tokens[reader.at++];
  if (token === undefined) throw invalid(reader.text);
  return token;
}

function accept(reader: Reader, ...alternatives: string[]): boolean {
  if (!alternatives.includes(reader.tokens[reader.at] ?? "")) return false;
  reader.at++;
  return true;
}

function invalid(text: string) {
  return invalidParameter(`Invalid expression: ${text}`);
}
