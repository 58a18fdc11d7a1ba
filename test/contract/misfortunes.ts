/** The part of the contract that only the local cloud can play: calls that are denied, answers that are lost. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FaultRule } from "../../localcloud/faults.ts";
import { iamAction } from "../../src/aws/actions.ts";
import { Failure } from "../../src/core/failure.ts";
import type { Backend } from "../support/backend.ts";
import type { Call } from "../support/product.ts";
import type { Case } from "./case.ts";
import { namesOf, standsOnce } from "./checks.ts";
import { type Keeper, openTheatre } from "./stage.ts";

export function misfortunes<S>(backend: Backend, one: Case<S>): void {
  describe("when a call is denied", () => {
    const skip = backend.cloud ? false : "only the local cloud denies on demand";

    it("says which action on which resource, for each write of its creation", { skip }, async () => {
      const { writes } = await callsOf("nothing", (keeper) => keeper.converge());
      for (const { operation, service } of distinct(writes)) {
        const { stage, keeper, close } = await openTheatre(backend, one);
        const { resource } = await deniedWhile({ service, operation }, () => keeper().converge());
        const names = await namesOf(one, stage);
        assert.ok(
          names.some((name) => resource?.includes(name)),
          `${operation} names ${resource}`,
        );
        await close();
      }
    });

    it("never takes a denied read for an absence", { skip }, async () => {
      const { calls } = await callsOf("what stands", (keeper) => keeper.read());
      for (const { operation, service } of distinct(calls)) {
        if (one.dispensable?.[operation] !== undefined) continue;
        const { keeper, close } = await openTheatre(backend, one);
        await keeper().converge();
        await deniedWhile({ service, operation }, () => keeper().read());
        await close();
      }
    });

    it("never takes a denied deletion for done", { skip }, async () => {
      const { writes } = await callsOf("what stands", (keeper) => keeper.delete());
      for (const { operation, service } of distinct(writes)) {
        if (one.dispensable?.[operation] !== undefined) continue;
        const { keeper, close } = await openTheatre(backend, one);
        await keeper().converge();
        await deniedWhile({ service, operation }, () => keeper().delete());
        await close();
      }
    });

    it("never takes an inventory that nobody answers for an empty one", { skip }, async () => {
      const { keeper, close } = await openTheatre(backend, one);
      await keeper().converge();
      await during({ kind: "denied" }, () =>
        assert.rejects(keeper().listed(), (error) => error instanceof Failure && error.class === "denied"),
      );
      await close();
    });

    /** What the product sends for something. */
    async function callsOf(on: "nothing" | "what stands", act: (keeper: Keeper) => Promise<unknown>) {
      const { keeper, close } = await openTheatre(backend, one);
      if (on === "what stands") await keeper().converge();
      const acting = keeper();
      await act(acting);
      await close();
      return acting.product;
    }
  });

  it(
    "is made once, though the answer to each of its writes is lost",
    { skip: backend.cloud ? false : "only the local cloud loses answers on demand" },
    async () => {
      const theatre = await openTheatre(backend, one);
      const made = theatre.keeper();
      await made.converge();
      await theatre.close();
      for (const { operation } of distinct(made.product.writes)) {
        const { stage, keeper, close } = await openTheatre(backend, one);
        await during({ kind: "drop", operation, count: 1 }, () => comingBack(keeper()));
        await standsOnce(one, keeper(), stage);
        await close();
      }
    },
  );

  /** As the engine does after a failure that may go away. The SDK itself does not send again what is read from a stream. */
  async function comingBack(keeper: Keeper): Promise<void> {
    await keeper.converge().catch((error: unknown) => {
      if (!(error instanceof Failure) || !error.retry) throw error;
      return keeper.converge();
    });
  }

  /** Only the local cloud can be told what is to go wrong. */
  async function during(fault: FaultRule, act: () => Promise<unknown>): Promise<void> {
    const id = backend.cloud!.faults.add(fault);
    try {
      await act();
    } finally {
      backend.cloud!.faults.clear(id);
    }
  }

  /** What the action says of itself when it is denied. */
  async function deniedWhile(
    { service, operation }: Pick<Call, "service" | "operation">,
    act: () => Promise<unknown>,
  ): Promise<Failure> {
    let error: unknown;
    await during({ kind: "denied", operation }, async () => {
      error = await act()
        .then(() => `${operation} was denied, and nobody said so`)
        .catch((thrown: unknown) => thrown);
    });
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.class, "denied");
    assert.equal(error.action, iamAction(service, operation));
    return error;
  }
}

/** One call of each operation. */
const distinct = (calls: readonly Call[]): Call[] => [...new Map(calls.map((call) => [call.operation, call])).values()];
