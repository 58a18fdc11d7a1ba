/** What tests and probes touch with their own hands. */
import type { AccountFacts } from "../../src/core/resource.ts";
import type { Sdk } from "./sdk.ts";

export interface World {
  readonly sdk: Sdk;
  readonly account: AccountFacts;
  /** Time passes for what the cloud prepares meanwhile; nothing happens on a cloud whose clock cannot be told. */
  passTime(ms: number): void;
}
