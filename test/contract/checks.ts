/** What several parts of the contract look at. */
import assert from "node:assert/strict";
import type { Case, Stage } from "./case.ts";
import type { Keeper } from "./stage.ts";

/** It is listed once, and where AWS would allow several of it, there is one. */
export async function standsOnce<S>(one: Case<S>, keeper: Keeper, stage: Stage): Promise<void> {
  assert.equal((await keeper.listed()).length, 1, "listed once");
  if (one.copies) assert.equal(await one.copies(stage), 1, "there is one of it");
}

/** Under what a call may name it: its name, or an id that AWS gave it. */
export async function namesOf<S>(one: Case<S>, stage: Stage): Promise<readonly string[]> {
  const ids = await one.alsoNamed?.(stage).catch(() => []);
  return [stage.name, ...(ids ?? [])];
}
