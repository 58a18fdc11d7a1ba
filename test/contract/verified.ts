/** The shorter contract of what is a person's, or AWS's own: looked at, never changed, never deleted, never listed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Aws } from "../../src/aws/aws.ts";
import { Failure } from "../../src/core/failure.ts";
import { plan, type Step } from "../../src/core/plan.ts";
import { type Claim, keyOf, type Observed, type Resource } from "../../src/core/resource.ts";
import type { Backend } from "../support/backend.ts";
import { createProduct, type Product } from "../support/product.ts";

export interface VerifiedCase<S> {
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a kind observes is its own affair
  readonly make: (aws: Aws) => Resource<S, any>;
  readonly spec: S;
  readonly claim: Claim;
  /** Makes one by hand. Answers its name, and how it goes. */
  there(): Promise<{ name: string; gone: () => Promise<unknown> }>;
  /** A name that nothing bears. */
  readonly notThere: string;
}

export interface Seen {
  readonly product: Product;
  readonly observed: Observed;
  readonly steps: readonly Step[];
}

/** What a new instance of the product sees and would do. */
export async function look<S>(
  backend: Backend,
  { kind, make, spec, claim }: Pick<VerifiedCase<S>, "kind" | "make" | "spec" | "claim">,
  name: string,
  how: "fresh" | "batched" = "fresh",
): Promise<Seen> {
  const product = createProduct(backend);
  const resource = make(product.aws);
  const key = keyOf(kind, name);
  const observed = await resource.read(name, product.pass(how)).finally(product.stop);
  const steps = plan({
    desired: [{ key, spec, needs: [], claim }],
    observed: new Map([[key, observed]]),
    registry: new Map([[kind, resource]]),
    ignore: backend.ignore,
    settling: new Map(),
  });
  return { product, observed, steps };
}

export function verifiedContract<S>(backend: Backend, one: VerifiedCase<S>): void {
  describe(`a ${one.kind} on ${backend.name}`, () => {
    it("is found and left alone", async () => {
      const { name, gone } = await one.there();
      for (const how of ["fresh", "batched"] as const) {
        const { observed, steps, product } = await look(backend, one, name, how);
        assert.equal(observed.is, "foreign");
        assert.deepEqual(steps, []);
        assert.deepEqual(product.writes, []);
      }
      await gone();
    });

    it("is never listed, and there is no way to change or delete it", async () => {
      const { name, gone } = await one.there();
      const product = createProduct(backend);
      const resource = one.make(product.aws);
      for await (const row of resource.list(product.pass())) assert.fail(`listed: ${row.name} (looking for ${name})`);
      assert.equal(resource.update, undefined);
      assert.equal(resource.delete, undefined);
      product.stop();
      await gone();
    });

    it(
      "never takes a denied read for an absence",
      {
        skip: backend.cloud ? false : "only the local cloud denies on demand",
      },
      async () => {
        const { name, gone } = await one.there();
        const { product } = await look(backend, one, name);
        for (const { operation } of product.calls) {
          const fault = backend.cloud!.faults.add({ kind: "denied", operation });
          await assert.rejects(
            look(backend, one, name),
            (error) => error instanceof Failure && error.class === "denied" && error.action.endsWith(`:${operation}`),
          );
          backend.cloud!.faults.clear(fault);
        }
        await gone();
      },
    );
  });
}
