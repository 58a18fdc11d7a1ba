import { cronMatcher } from "./cron.ts";
import { validation } from "./errors.ts";

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(5 minutes)`: one in the singular, more in the plural. `cron(…)`: six fields. Throws ValidationException. */
export function checkSchedule(expression: string): void {
  if (rateMs(expression) === undefined && cronMatcher(expression) === undefined) {
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
