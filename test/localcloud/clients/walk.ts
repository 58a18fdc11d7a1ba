/**
 * A walk through every operation that the product calls, in an order in which each finds what it needs. Every client that
 * people have takes the same walk, and must read the same answers.
 */
import type { ServiceId } from "../../../localcloud/wire/catalog.ts";
import { computeSteps } from "./walk-compute.ts";
import { messageSteps } from "./walk-messages.ts";
import { storageSteps } from "./walk-storage.ts";

export interface Step {
  readonly service: ServiceId;
  readonly operation: string;
  readonly input: Input | ((got: Got) => Input);
}

/** Or the world's time goes on by so much, and what was due has happened. */
export interface Pause {
  readonly advanceMs: number;
}

export type Input = Readonly<Record<string, unknown>>;
/** The last answer of an operation of the walk. */
// biome-ignore lint/suspicious/noExplicitAny: answers of a hundred shapes; the walk's own inputs say what they need of them
export type Got = (operation: string) => any;
export type Ask = (service: ServiceId, operation: string, input: Input) => Promise<unknown>;

export const walk: readonly (Step | Pause)[] = [...storageSteps, ...messageSteps, ...computeSteps];

/** Steps of one service, as `[operation, input]`. */
export function stepsOf(
  service: ServiceId,
  steps: readonly (readonly [operation: string, input: Step["input"]])[],
): readonly Step[] {
  return steps.map(([operation, input]) => ({ service, operation, input }));
}

export interface Taken {
  /** Its number, and what was asked. */
  readonly step: string;
  readonly service: ServiceId;
  readonly operation: string;
  readonly input: Input;
  readonly answer: unknown;
}

/** Takes the walk, or those of its steps that `takes` chooses; answers what each was answered. */
export async function take(
  ask: Ask,
  advance: (ms: number) => Promise<void>,
  takes: (step: Step) => boolean = () => true,
): Promise<readonly Taken[]> {
  const answers: Taken[] = [];
  const last = new Map<string, unknown>();
  for (const step of walk) {
    if ("advanceMs" in step) {
      await advance(step.advanceMs);
      continue;
    }
    if (!takes(step)) continue;
    const { service, operation } = step;
    const input = typeof step.input === "function" ? step.input((name) => last.get(name)) : step.input;
    const answer = await ask(service, operation, input).catch((cause: unknown) => {
      throw new Error(`${service}:${operation} ${JSON.stringify(input)} was refused: ${cause}`, { cause });
    });
    last.set(operation, answer);
    answers.push({ step: `${answers.length} ${service}:${operation}`, service, operation, input, answer });
  }
  return answers;
}
