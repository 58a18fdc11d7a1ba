import { globMatcher } from "./glob.ts";
import { createRandom } from "./random.ts";

/**
 * What can be made to go wrong with a call:
 * - `throttle`: the service's own throttling error, nothing done
 * - `error`: the service's own internal error (5xx), nothing done
 * - `denied`: the service's own "not authorized", naming action and resource, nothing done
 * - `drop`: the call **takes effect**, then the connection breaks without an answer
 * - `stale`: a read is answered as the same read was answered the time before (a read never made before is answered truly)
 */
export type FaultKind = (typeof faultKinds)[number];

export const faultKinds = ["throttle", "error", "denied", "drop", "stale"] as const;

export interface FaultRule {
  readonly kind: FaultKind;
  /** Service ids that it strikes, `*` allowed. @default "*" */
  readonly service?: string;
  /** Operation names that it strikes, `*` allowed. @default "*" */
  readonly operation?: string;
  /**
   * Chance to strike a matching call, 0–1, drawn from the world's seed for each operation by itself: the same seed strikes
   * the same calls of an operation, counted from its first, whatever other calls come between. @default 1
   */
  readonly probability?: number;
  /** Ends after that many strikes. @default unlimited */
  readonly count?: number;
  /** Lets that many matching calls pass first. @default 0 */
  readonly after?: number;
}

export interface Fault extends FaultRule {
  readonly id: string;
  /** How often it has struck. */
  readonly strikes: number;
}

export interface Faults {
  /** Answers the new fault's id. */
  add(rule: FaultRule): string;
  list(): Fault[];
  /** Without an id: all. */
  clear(id?: string): void;
  /** Which fault strikes this call, if any. The earliest added wins. */
  strike(service: string, operation: string, isRead: boolean): FaultKind | undefined;
}

interface Active {
  readonly id: string;
  readonly rule: FaultRule;
  readonly matchesService: (id: string) => boolean;
  readonly matchesOperation: (name: string) => boolean;
  readonly draws: Map<string, () => number>;
  passes: number;
  strikes: number;
}

export function createFaults(seed: number): Faults {
  const active: Active[] = [];
  let added = 0;
  const draw = ({ id, draws }: Active, name: string): number => {
    const next = draws.get(name) ?? createRandom(seed, `${id} ${name}`);
    draws.set(name, next);
    return next();
  };
  return {
    add(rule) {
      added += 1;
      const id = `fault-${added}`;
      active.push({
        id,
        rule,
        matchesService: globMatcher(rule.service ?? "*"),
        matchesOperation: globMatcher(rule.operation ?? "*"),
        draws: new Map(),
        passes: rule.after ?? 0,
        strikes: 0,
      });
      return id;
    },
    list: () => active.map(({ id, rule, strikes }) => ({ ...rule, id, strikes })),
    clear(id) {
      for (let index = active.length - 1; index >= 0; index--) {
        if (id === undefined || active[index]!.id === id) active.splice(index, 1);
      }
    },
    strike(service, operation, isRead) {
      for (const fault of active) {
        const { rule } = fault;
        if (fault.strikes >= (rule.count ?? Number.POSITIVE_INFINITY)) continue;
        if (rule.kind === "stale" && !isRead) continue;
        if (!fault.matchesService(service) || !fault.matchesOperation(operation)) continue;
        if (fault.passes > 0) {
          fault.passes -= 1;
        } else if (rule.probability === undefined || draw(fault, `${service}:${operation}`) < rule.probability) {
          fault.strikes += 1;
          return rule.kind;
        }
      }
      return undefined;
    },
  };
}
