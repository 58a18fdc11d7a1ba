import { AwsError } from "../../service.ts";

type Test = (value: unknown) => boolean;

/** Compiles a rule's pattern to a test of events. Throws InvalidEventPatternException in AWS's words. */
export function compilePattern(text: string): Test {
  if (text.length > LONGEST) throw invalid(`Event pattern must have at most ${LONGEST} characters`);
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalid("Invalid JSON");
  }
  if (!isObject(pattern)) throw invalid("Filter is not an object");
  return objectTest(pattern);
}

const LONGEST = 4096;

function objectTest(pattern: Record<string, unknown>): Test {
  const fields = Object.entries(pattern);
  if (fields.length === 0) throw invalid("Empty objects are not allowed");
  const tests = fields.map(([name, value]): Test => {
    if (name === "$or") return orTest(value);
    const test = fieldTest(name, value);
    return (event) => test(isObject(event) ? event[name] : undefined);
  });
  return (event) => tests.every((test) => test(event));
}

function orTest(alternatives: unknown): Test {
  if (!Array.isArray(alternatives) || alternatives.length < 2 || !alternatives.every(isObject)) {
    throw invalid("$or must be an array of at least two objects");
  }
  const tests = alternatives.map(objectTest);
  return (event) => tests.some((test) => test(event));
}

function fieldTest(name: string, pattern: unknown): Test {
  if (isObject(pattern)) {
    const test = objectTest(pattern);
    // Of a list of objects, one that fits is enough.
    return (value) => (Array.isArray(value) ? value.some(test) : test(value));
  }
  if (!Array.isArray(pattern)) throw invalid(`"${name}" must be an object or an array`);
  if (pattern.length === 0) throw invalid("Empty arrays are not allowed");
  const tests = pattern.map(valueTest);
  return (value) => {
    const values = Array.isArray(value) && value.length > 0 ? value : [value];
    return tests.some((test) => values.some(test));
  };
}

function valueTest(pattern: unknown): Test {
  if (Array.isArray(pattern)) throw invalid("Match value must be String, number, true, false, or null");
  if (!isObject(pattern)) return (value) => value === pattern;
  const [[type, operand] = ["", undefined], ...more] = Object.entries(pattern);
  if (more.length > 0) throw invalid("Only one key allowed in match expression");
  const matcher = MATCHERS[type];
  if (matcher === undefined) throw invalid(`Unrecognized match type ${type}`);
  return matcher(operand);
}

const MATCHERS: Readonly<Record<string, (operand: unknown) => Test>> = {
  exists: (operand) => {
    if (typeof operand !== "boolean") throw invalid("exists match pattern must be either true or false.");
    return (value) => (value !== undefined) === operand;
  },
  prefix: (operand) => {
    const start = textOf("prefix", operand);
    return (value) => typeof value === "string" && value.startsWith(start);
  },
  suffix: (operand) => {
    const end = textOf("suffix", operand);
    return (value) => typeof value === "string" && value.endsWith(end);
  },
  "equals-ignore-case": (operand) => {
    const wanted = textOf("equals-ignore-case", operand).toLowerCase();
    return (value) => typeof value === "string" && value.toLowerCase() === wanted;
  },
  wildcard: (operand) => {
    const parts = textOf("wildcard", operand).split("*");
    const expression = new RegExp(`^${parts.map((part) => RegExp.escape(part)).join("[^]*")}$`);
    return (value) => typeof value === "string" && expression.test(value);
  },
  numeric: numericTest,
  "anything-but": (operand) => {
    const refused = isObject(operand)
      ? [valueTest(operand)]
      : (Array.isArray(operand) ? operand : [operand]).map((one) => (value: unknown) => value === one);
    if (refused.length === 0) throw invalid("Empty arrays are not allowed");
    return (value) => value !== undefined && !refused.some((test) => test(value));
  },
};

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  "=": (a, b) => a === b,
  ">=": (a, b) => a >= b,
  ">": (a, b) => a > b,
};

/** `["<", 10]` or a range: `[">=", 0, "<", 10]`. */
function numericTest(operand: unknown): Test {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw invalid("Invalid member in numeric match: []");
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const compare = COMPARISONS[String(operand[index])];
    const bound: unknown = operand[index + 1];
    if (compare === undefined) throw invalid(`Unrecognized numeric range operator: ${operand[index]}`);
    if (typeof bound !== "number") throw invalid(`Value of ${operand[index]} must be numeric`);
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

function textOf(type: string, operand: unknown): string {
  if (typeof operand === "string") return operand;
  throw invalid(`${type} match pattern must be a string`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(reason: string): AwsError {
  return new AwsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
}
