/** A resource's stage: its name and tags, what it hangs on, and how the product brings it to where it should be. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { ownerTags } from "../../src/core/owner.ts";
import { plan, type Step } from "../../src/core/plan.ts";
import {
  type AnyResource,
  type Claim,
  type Desired,
  type Inventoried,
  keyOf,
  type Observed,
} from "../../src/core/resource.ts";
import type { Backend } from "../support/backend.ts";
import { createProduct, OWNER, type Product, type ProductOptions } from "../support/product.ts";
import type { Case, Stage } from "./case.ts";

/** Reads, plans and applies at most as often as the engine would before it gives up. */
const ROUNDS = 8;
/** Reads of something that AWS is still working on. */
const READS = 300;

/** The product, new as after a start, and the one resource that it looks after. */
export interface Keeper {
  readonly product: Product;
  readonly kind: AnyResource;
  /** What the product sees. */
  read(how?: "fresh" | "batched"): Promise<Observed>;
  /** What remains to be done. */
  plan(how?: "fresh" | "batched"): Promise<Step[]>;
  /** Reads, plans and writes until nothing remains. Answers the steps taken. */
  converge(): Promise<Step[]>;
  /** Deletes what it reads, or what it (or another instance) read before; does nothing where nothing is. */
  delete(actual?: unknown): Promise<unknown>;
  listed(): Promise<Inventoried[]>;
}

export interface KeeperOptions extends ProductOptions {
  /** @default "own" */
  readonly claim?: Claim;
  /** Entries beside those of the backend. */
  readonly ignore?: readonly string[];
}

export interface Theatre<S> {
  readonly stage: Stage;
  readonly spec: S;
  keeper(options?: KeeperOptions): Keeper;
  close(): Promise<void>;
}

export async function openTheatre<S>(
  backend: Backend,
  one: Case<S>,
  change: (spec: S) => S = (spec) => spec,
): Promise<Theatre<S>> {
  const stage = stageFor(backend, one);
  const tearDown = await one.prepare?.(stage);
  const spec = change(one.spec(stage));
  const products: Product[] = [];
  return {
    stage,
    spec,
    keeper({ claim = "own", ignore = [], ...options } = {}) {
      const product = createProduct(backend, { ...(one.code ? { code: one.code } : {}), ...options });
      products.push(product);
      const kind: AnyResource = one.make(product.aws);
      const desired: Desired = { key: stage.key, spec, needs: [], claim };
      return keeperOf({ backend, product, kind, desired, ignore: [...backend.ignore, ...ignore] });
    },
    async close() {
      // Whatever a test left behind; most leave nothing.
      await one.remove(stage).catch(() => {});
      await tearDown?.();
      for (const product of products) product.stop();
    },
  };
}

function stageFor<S>(backend: Backend, one: Case<S>): Stage {
  const unique = randomBytes(4).toString("hex");
  const { sdk, account, passTime } = backend;
  const arn = (service: string, resource: string) =>
    `arn:${account.partition}:${service}:${account.region}:${account.account}:${resource}`;
  const common = { backend, sdk, account, passTime, unique, arn };
  const name = one.name?.(common) ?? `pw-contract-${one.kind}-${unique}`;
  const key = keyOf(one.kind, name);
  const tags = ownerTags(key, { owner: OWNER, workflow: "contract", onDelete: "delete", userTags: { team: "plants" } });
  return { ...common, name, key, tags };
}

interface KeeperDeps {
  readonly backend: Backend;
  readonly product: Product;
  readonly kind: AnyResource;
  readonly desired: Desired;
  readonly ignore: readonly string[];
}

function keeperOf({ backend, product, kind, desired, ignore }: KeeperDeps): Keeper {
  const name = desired.key.slice(kind.kind.length + 1);

  const read = async (how: "fresh" | "batched" = "fresh"): Promise<Observed> => {
    for (let reads = 0; reads < READS; reads++) {
      const observed = await kind.read(name, product.pass(how));
      if (observed.is !== "settling") return observed;
      // Our own cloud's time can be told to pass; any other cloud is asked again.
      backend.passTime(observed.retryMs);
    }
    return assert.fail(`${desired.key} is still settling after ${READS} reads`);
  };

  const planned = async (how?: "fresh" | "batched"): Promise<Step[]> =>
    plan({
      desired: [desired],
      observed: new Map([[desired.key, await read(how)]]),
      registry: new Map([[kind.kind, kind]]),
      ignore,
      settling: new Map(),
    });

  return {
    product,
    kind,
    read,
    plan: planned,
    async converge() {
      const taken: Step[] = [];
      while (taken.length < ROUNDS) {
        const [step] = await planned();
        if (!step) return taken;
        taken.push(step);
        if (step.do === "create") await kind.create!(name, step.spec, product.pass());
        else if (step.do === "update") await kind.update!(name, step.spec, step.actual, step.changes, product.pass());
        else assert.fail(`the planner says: ${JSON.stringify(step)}`);
      }
      return assert.fail(`not done after ${ROUNDS} rounds: ${JSON.stringify(taken.at(-1))}`);
    },
    async delete(known) {
      const observed = known === undefined ? await read() : undefined;
      if (observed?.is === "absent") return undefined;
      const actual = observed && "actual" in observed ? observed.actual : known;
      await kind.delete!(name, actual, product.pass());
      return actual;
    },
    async listed() {
      const rows: Inventoried[] = [];
      for await (const row of kind.list(product.pass())) if (row.name === name) rows.push(row);
      return rows;
    },
  };
}
