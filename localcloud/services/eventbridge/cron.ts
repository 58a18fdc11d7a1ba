/**
 * EventBridge's `cron(minutes hours day-of-month month day-of-week year)`, in UTC: whether a minute is one of its minutes.
 * Undefined where the expression is none. Source: EventBridge User Guide, "Schedule pattern".
 */
export function cronMatcher(expression: string): ((minute: Date) => boolean) | undefined {
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
  if (fields?.length !== FIELDS.length) return undefined;
  // Day of month and day of week cannot both be said: one of them is `?`.
  if ((fields[2] === "?") === (fields[4] === "?")) return undefined;
  const tests = fields.map((field, index) => fieldTest(field, FIELDS[index]!));
  if (!tests.every((test) => test !== undefined)) return undefined;
  return (minute) => tests.every((test) => test(minute));
}

type Test = (minute: Date) => boolean;

interface Field {
  readonly low: number;
  readonly high: number;
  /** Names that may stand for numbers; the first stands for `low`. */
  readonly names?: readonly string[];
  of(minute: Date): number;
  /** What this field can say besides numbers. */
  special?(element: string): Test | undefined;
}

const FIELDS: readonly Field[] = [
  { low: 0, high: 59, of: (minute) => minute.getUTCMinutes() },
  { low: 0, high: 23, of: (minute) => minute.getUTCHours() },
  { low: 1, high: 31, of: (minute) => minute.getUTCDate(), special: dayOfMonth },
  {
    low: 1,
    high: 12,
    names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    of: (minute) => minute.getUTCMonth() + 1,
  },
  {
    low: 1,
    high: 7,
    names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    of: (minute) => minute.getUTCDay() + 1,
    special: dayOfWeek,
  },
  { low: 1970, high: 2199, of: (minute) => minute.getUTCFullYear() },
];

/** Any of the elements between its commas. */
function fieldTest(field: string, kind: Field): Test | undefined {
  const tests = field.split(",").map((element) => kind.special?.(element.toUpperCase()) ?? rangeTest(element, kind));
  return tests.every((test) => test !== undefined) ? (minute) => tests.some((test) => test!(minute)) : undefined;
}

/** `*`, `5`, `5-10`, each with a step: `5/10` goes on to the end of the field. */
function rangeTest(element: string, { low, high, names = [], of }: Field): Test | undefined {
  const [, first, last, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(element) ?? [];
  if (first === undefined || step === "0" || (first === "*" && last !== undefined)) return undefined;
  const number = (text: string) => (/^\d+$/.test(text) ? Number(text) : names.indexOf(text.toUpperCase()) + low);
  const from = first === "*" ? low : number(first);
  const to = last !== undefined ? number(last) : first === "*" || step !== undefined ? high : from;
  const named = [first, last].every((text) => !text || text === "*" || /^\d+$/.test(text) || isName(text, names));
  if (!named || from < low || to > high || from > to) return undefined;
  return (minute) => of(minute) >= from && of(minute) <= to && (of(minute) - from) % Number(step ?? 1) === 0;
}

function isName(text: string, names: readonly string[]): boolean {
  return names.includes(text.toUpperCase());
}

/** The last day, the last weekday, or the weekday nearest to a day and of the same month. */
function dayOfMonth(element: string): Test | undefined {
  if (element === "?") return () => true;
  if (element === "L") return (minute) => minute.getUTCDate() === lastDay(minute);
  if (element === "LW") return (minute) => minute.getUTCDate() === nearestWeekday(minute, lastDay(minute));
  const day = Number(/^(\d{1,2})W$/.exec(element)?.[1]);
  if (!(day >= 1 && day <= 31)) return undefined;
  return (minute) => day <= lastDay(minute) && minute.getUTCDate() === nearestWeekday(minute, day);
}

/** `L` is Saturday, `6L` the month's last Friday, `3#2` its second Tuesday. */
function dayOfWeek(element: string): Test | undefined {
  if (element === "?") return () => true;
  const [, day = "7", place] = /^([1-7])?L$/.exec(element) ?? /^([1-7])#([1-5])$/.exec(element) ?? [];
  if (!element.includes("L") && place === undefined) return undefined;
  const isDay: Test = (minute) => minute.getUTCDay() + 1 === Number(day);
  if (element === "L") return isDay;
  return (minute) =>
    isDay(minute) &&
    (place === undefined
      ? minute.getUTCDate() > lastDay(minute) - 7
      : Math.ceil(minute.getUTCDate() / 7) === Number(place));
}

function lastDay(minute: Date): number {
  return new Date(Date.UTC(minute.getUTCFullYear(), minute.getUTCMonth() + 1, 0)).getUTCDate();
}

function nearestWeekday(minute: Date, day: number): number {
  const weekday = new Date(Date.UTC(minute.getUTCFullYear(), minute.getUTCMonth(), day)).getUTCDay();
  // Never over the end of the month: then it is the weekday on the other side.
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === lastDay(minute) ? day - 2 : day + 1;
  return day;
}
