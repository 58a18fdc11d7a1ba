/** What may be asked for over HTTP, by those who know the token. Without a token configured: nothing. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Data, Redriven } from "../data/data.ts";
import type { Engine } from "../engine/engine.ts";
import { unknownWorkflow, workflowOf } from "./overview.ts";

export interface Actions {
  /** False: no token is configured, and all is read-only. */
  readonly enabled: boolean;
  allows(token: string | undefined): boolean;
  /** Asks for a pass soon. */
  reconcile(workflow: string): Asked<object>;
  /** Brings back what was given up. */
  redrive(workflow: string): Promise<Asked<Redriven>>;
}

export type Asked<T> =
  | { readonly is: "done"; readonly result: T }
  | { readonly is: "unknown" | "watching"; readonly why: string };

export function createActions(deps: {
  readonly engine: Pick<Engine, "status" | "reconcileNow">;
  readonly data: Pick<Data, "of">;
  readonly token: string | undefined;
}): Actions {
  const { engine, data, token } = deps;
  // Digests are of one length, so that the comparison tells nothing of the token's.
  const expected = token === undefined ? undefined : digest(token);

  function refusal(workflow: string): Exclude<Asked<never>, { is: "done" }> | undefined {
    const status = engine.status();
    if (status.awsProblem !== undefined)
      return { is: "watching", why: `AWS has not answered yet: ${status.awsProblem}` };
    if (!status.leader)
      return { is: "watching", why: "this daemon watches: another one holds the lease and acts. Ask that one" };
    if (!workflowOf(status, workflow)) return { is: "unknown", why: unknownWorkflow(workflow) };
    return undefined;
  }

  return {
    enabled: expected !== undefined,
    allows: (given) => expected !== undefined && given !== undefined && timingSafeEqual(digest(given), expected),
    reconcile(workflow) {
      const refused = refusal(workflow);
      if (refused) return refused;
      engine.reconcileNow(workflow);
      return { is: "done", result: {} };
    },
    async redrive(workflow) {
      const refused = refusal(workflow);
      if (refused) return refused;
      const found = await data.of(workflow);
      if (!found) return { is: "unknown", why: `"${workflow}" is not set up yet, so nothing of it was given up` };
      return { is: "done", result: await found.redrive() };
    },
  };
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
