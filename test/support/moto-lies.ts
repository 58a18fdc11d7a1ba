/**
 * What another cloud is seen to get wrong, probed at the start of each suite with the plain SDK: it is written and read
 * back, and only what is proven to be dropped is exempted, or skipped. Nothing in the product knows of this.
 */
import type { AccountFacts } from "../../src/core/resource.ts";
import type { Sdk } from "./sdk.ts";

/** A field that is accepted and not kept. */
export interface Lie {
  /** As `PIPEWRIGHT_IGNORE` has it: `kind/*:path`. */
  readonly entry: string;
  readonly why: string;
}

/** Something that cannot be done there at all. */
export interface Gap {
  readonly name: GapName;
  readonly why: string;
}

interface Probe {
  /** Is it so? Cleans up behind itself. */
  readonly seen: (sdk: Sdk, account: AccountFacts) => Promise<boolean>;
  readonly why: string;
}

const LIES: readonly (Probe & { readonly entries: readonly string[] })[] = [];

const GAPS = {} as const satisfies Record<string, Probe>;

export type GapName = keyof typeof GAPS;

export async function probeLies(sdk: Sdk, account: AccountFacts): Promise<Lie[]> {
  const found: Lie[] = [];
  for (const { entries, why, seen } of LIES) {
    if (await seen(sdk, account)) found.push(...entries.map((entry) => ({ entry, why })));
  }
  return found;
}

export async function probeGaps(sdk: Sdk, account: AccountFacts): Promise<Gap[]> {
  const found: Gap[] = [];
  for (const [name, { why, seen }] of Object.entries(GAPS) as [GapName, Probe][]) {
    if (await seen(sdk, account)) found.push({ name, why });
  }
  return found;
}
