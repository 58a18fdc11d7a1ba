/**
 * Functions in this process instead of processes of their own, at Lambda's published concurrency. What takes time in them
 * takes it by the world's clock.
 */
import { AwsError } from "../../../localcloud/service.ts";
import type { FunctionRecord } from "../../../localcloud/services/lambda/functions.ts";
import type { FunctionHost } from "../../../localcloud/world/functions/function-host.ts";

export type Handler = (event: never) => Promise<unknown>;

export interface FunctionsHereDeps {
  /** What a new container runs; it lives on from invocation to invocation, as a module does. */
  readonly handlerOf: (record: Readonly<FunctionRecord>) => Handler;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => number;
}

export interface Invocations {
  count: number;
  failed: number;
  /** Refused for want of concurrency; each is tried again by Lambda's queue. */
  throttled: number;
  mostAtOnce: number;
  longestMs: number;
}

/** Of an account in a region, unless it asked for more (Lambda quotas). */
export const CONCURRENCY = 1_000;
const COLD_START_MS = 300;

export function createFunctionsHere({ handlerOf, sleep, now }: FunctionsHereDeps) {
  const idle = new Map<string, Handler[]>();
  const running = new Map<string, number>();
  const invocations = new Map<string, Invocations>();
  let atOnce = 0;

  const countOf = (name: string): Invocations => {
    const counts = invocations.get(name) ?? { count: 0, failed: 0, throttled: 0, mostAtOnce: 0, longestMs: 0 };
    invocations.set(name, counts);
    return counts;
  };

  const host: FunctionHost = {
    async invoke(record, payload) {
      const counts = countOf(record.name);
      const own = running.get(record.arn) ?? 0;
      if (own >= (record.reservedConcurrency ?? CONCURRENCY) || atOnce >= CONCURRENCY) {
        counts.throttled += 1;
        throw new AwsError("TooManyRequestsException", "Rate Exceeded.", { status: 429 });
      }
      running.set(record.arn, own + 1);
      atOnce += 1;
      counts.count += 1;
      counts.mostAtOnce = Math.max(counts.mostAtOnce, own + 1);
      const startedMs = now();
      const revision = `${record.arn} ${record.revisionId}`;
      const pool = idle.get(revision) ?? [];
      idle.set(revision, pool);
      const warm = pool.pop();
      const handler = warm ?? handlerOf(record);
      try {
        if (!warm) await sleep(COLD_START_MS);
        await handler(JSON.parse(payload) as never);
        return { payload: "null", failed: false, tail: "" };
      } catch (error) {
        counts.failed += 1;
        return { payload: JSON.stringify({ errorMessage: String(error) }), failed: true, tail: "" };
      } finally {
        pool.push(handler);
        counts.longestMs = Math.max(counts.longestMs, now() - startedMs);
        running.set(record.arn, running.get(record.arn)! - 1);
        atOnce -= 1;
      }
    },
    get inFlight() {
      return atOnce;
    },
    // A run waits for the clock: whoever waited for it before a step would wait for ever.
    settled: () => Promise.resolve(),
    end: () => idle.clear(),
  };
  return { host, invocations: invocations as ReadonlyMap<string, Readonly<Invocations>> };
}
