/** The product in this process, wired as `src/session.ts` does it. */
import { readFileSync } from "node:fs";
import { readAccount } from "../../src/aws/account.ts";
import { createAws } from "../../src/aws/aws.ts";
import type { SentCall } from "../../src/aws/clients.ts";
import { isWrite } from "../../src/aws/clients.ts";
import { createLimiter, type Limiter, UNLIMITED } from "../../src/aws/limits.ts";
import { readBundles } from "../../src/bundles.ts";
import { createCatalog } from "../../src/catalog.ts";
import { readEnvironment } from "../../src/config.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { createFlow } from "../../src/flow.ts";
import { systemClock } from "../../src/io/clock.ts";
import { createLog } from "../../src/io/log.ts";
import { createStore } from "../../src/io/store.ts";
import { createWorkflowFolder } from "../../src/io/workflow-folder.ts";
import { createRegistry } from "../../src/kinds/index.ts";
import { type Cloud, CREDENTIALS, OWNER, REGION, ROOT } from "./cloud.ts";
import type { BenchFolder } from "./folder.ts";

/** One attempt, by this process's monotonic clock in milliseconds. */
export interface TracedCall extends SentCall {
  readonly from: number;
  readonly to: number;
  readonly write: boolean;
}

export interface Product {
  readonly engine: Engine;
  /** Every attempt since the last `clear`. */
  readonly calls: readonly TracedCall[];
  clear(): void;
  /** Half the quotas, as in life, or no limit. */
  limit(on: boolean): void;
  /** Resolves when each of these has ended a pass that began after now and found, or made, everything as declared. */
  synced(names: Iterable<string>): Promise<void>;
  stop(): Promise<void>;
}

export async function startProduct(cloud: Pick<Cloud, "endpoint">, folder: BenchFolder): Promise<Product> {
  const bundles = readBundles(`${ROOT}/src`);
  const calls: TracedCall[] = [];
  const half = createLimiter(systemClock);
  let limiter: Limiter = UNLIMITED;
  const aws = createAws({
    region: REGION,
    endpoint: cloud.endpoint,
    credentials: CREDENTIALS,
    clock: systemClock,
    limiter: { take: (service, operation, signal) => limiter.take(service, operation, signal) },
    code: bundles.zips,
    onCall(call) {
      const to = performance.now();
      calls.push({ ...call, to, from: to - call.seconds * 1_000, write: isWrite(call.operation) });
    },
  });
  // The same facts as the bundled daemon has, so that what the one sets up is in sync for the other.
  const facts = {
    ...(await readAccount(aws.clients, REGION)),
    owner: OWNER,
    plainHttp: true,
    initImage: readEnvironment({}).PIPEWRIGHT_INIT_IMAGE,
    workerVersion: JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8")).version,
    functions: bundles.functions,
  };
  const engine = createEngine({
    registry: createRegistry(aws),
    account: facts,
    owner: facts.owner,
    ignore: [],
    catalog: createCatalog(facts, aws.clients.s3),
    flow: createFlow({ clients: aws.clients, clock: systemClock, facts }),
    folder: createWorkflowFolder(folder.pipelines),
    store: createStore(folder.data),
    clock: systemClock,
    log: createLog("warn"),
    random: Math.random,
  });
  return {
    engine,
    calls,
    clear: () => void calls.splice(0),
    limit(on) {
      limiter = on ? half : UNLIMITED;
    },
    synced(names) {
      const open = new Set(names);
      const begun = new Set<string>();
      return new Promise((resolve) => {
        const unsubscribe = engine.subscribe((event) => {
          if (event.type === "pass-started") begun.add(event.workflow);
          if (event.type !== "pass-done" || event.outcome.is !== "synced" || !begun.has(event.workflow)) return;
          open.delete(event.workflow);
          if (open.size > 0) return;
          unsubscribe();
          resolve();
        });
      });
    },
    async stop() {
      await engine.stop({ graceMs: 5_000 });
      for (const client of Object.values(aws.clients)) client.destroy();
    },
  };
}
