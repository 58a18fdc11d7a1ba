import { validation } from "./errors.ts";

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(5 minutes)`: one in the singular, more in the plural. `cron(…)`: six fields. Throws ValidationException. */
export function checkSchedule(expression: string): void {
  if (rateMs(expression) === undefined && !isCron(expression)) {
    throw validation("Parameter ScheduleExpression is not valid.");
  }
}

/** Milliseconds between two ticks of a `rate(…)`; undefined for anything else. */
export function rateMs(expression: string): number | undefined {
  const match = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression);
  if (match === null) return undefined;
  const [, count, unit, plural] = match as unknown as [string, string, keyof typeof UNIT_MS, string];
  if ((count === "1") !== (plural === "")) return undefined;
  return Number(count) * UNIT_MS[unit];
}

const MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC";
const DAYS = "SUN|MON|TUE|WED|THU|FRI|SAT";
/** Minutes, hours, day of month, month, day of week, year: what one element of each may look like, and its bounds. */
const FIELDS: readonly {
  readonly value: string;
  readonly extra?: string;
  readonly low: number;
  readonly high: number;
}[] = [
  { value: "\\d{1,2}", low: 0, high: 59 },
  { value: "\\d{1,2}", low: 0, high: 23 },
  { value: "\\d{1,2}", extra: "\\?|L|LW|\\d{1,2}W", low: 1, high: 31 },
  { value: `\\d{1,2}|${MONTHS}`, low: 1, high: 12 },
  { value: `\\d|${DAYS}`, extra: "\\?|L|[1-7]L|[1-7]#[1-5]", low: 1, high: 7 },
  { value: "\\d{4}", low: 1970, high: 2199 },
];

function isCron(expression: string): boolean {
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
  if (fields?.length !== FIELDS.length) return false;
  // Day of month and day of week cannot both be said: one of them is `?`.
  if ((fields[2] === "?") === (fields[4] === "?")) return false;
  return fields.every((field, index) => field.split(",").every((element) => elementFits(element, FIELDS[index]!)));
}

function elementFits(element: string, field: (typeof FIELDS)[number]): boolean {
  if (field.extra !== undefined && new RegExp(`^(${field.extra})$`, "i").test(element)) return true;
  const shape = new RegExp(`^(\\*|(${field.value})(-(${field.value}))?)(/\\d+)?$`, "i");
  if (!shape.test(element)) return false;
  const numbers = element
    .split("/")[0]!
    .split("-")
    .filter((part) => /^\d+$/.test(part));
  return numbers.every((text) => Number(text) >= field.low && Number(text) <= field.high);
}
