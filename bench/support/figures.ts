/** Figures as text. */
import { loadavg } from "node:os";

/** A heading, and how busy the machine was: wall times are worth little on a busy one. */
export function heading(title: string): void {
  console.log(`\n${title}  (load ${loadavg()[0]!.toFixed(1)})`);
}

export function line(what: string, measured: string, aim = ""): void {
  console.log(`  ${what.padEnd(58)} ${measured.padStart(14)}  ${aim}`);
}

/** Counts by `service:operation`, per pass, most first. */
export function table(counts: ReadonlyMap<string, number>, passes: number): void {
  for (const [operation, count] of [...counts].sort((one, other) => other[1] - one[1])) {
    console.log(`    ${operation.padEnd(56)} ${(count / passes).toFixed(3).padStart(10)}`);
  }
}

export function countsOf(
  calls: readonly { readonly service: string; readonly operation: string }[],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { service, operation } of calls) {
    const name = `${service}:${operation}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

export const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);

export const round = (number: number, digits = 1): string => number.toFixed(digits);
