/** What a scenario of bad luck is measured by: the same file in an account of its own, where nothing goes wrong. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { LoggedCall } from "../../localcloud/call-log.ts";
import { type Account, accountOf } from "./account.ts";
import { createWorld } from "./world.ts";

export interface Undisturbed {
  readonly account: Account;
  readonly writes: readonly LoggedCall[];
}

/** Only in the local cloud. */
export async function undisturbed(t: TestContext, content: object): Promise<Undisturbed> {
  const world = await createWorld(t);
  await world.write("change123.json", content);
  assert.equal((await world.apply()).result.ok, true);
  return { account: await accountOf(world.sdk), writes: world.backend.cloud!.calls.list({ write: true }) };
}
