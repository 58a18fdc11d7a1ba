import { globMatcher } from "./glob.ts";

export interface LatencyRule {
  /** @default "*" */
  readonly service?: string;
  /** @default "*" */
  readonly operation?: string;
  /** How long every matching call waits before it takes effect, milliseconds. */
  readonly ms: number;
}

export interface Latency {
  /** The rule added last wins for the calls that it matches. */
  set(rule: LatencyRule): void;
  list(): LatencyRule[];
  /** Back to the latency that the cloud was started with. */
  clear(): void;
  of(service: string, operation: string): number;
}

export function createLatency(defaultMs: number): Latency {
  let rules: { rule: LatencyRule; matches(service: string, operation: string): boolean }[] = [];
  return {
    set(rule) {
      const matchesService = globMatcher(rule.service ?? "*");
      const matchesOperation = globMatcher(rule.operation ?? "*");
      const matches = (service: string, operation: string) => matchesService(service) && matchesOperation(operation);
      rules = [{ rule, matches }, ...rules];
    },
    list: () => [...rules.map(({ rule }) => rule), { ms: defaultMs }],
    clear: () => {
      rules = [];
    },
    of: (service, operation) => rules.find(({ matches }) => matches(service, operation))?.rule.ms ?? defaultMs,
  };
}
