import type { Call, World } from "../../service.ts";
import type { ServiceEntry } from "../../wire/catalog.ts";
import type { Need } from "../policy/evaluate.ts";

/** A call whose permission is in question. */
export interface Ask {
  readonly world: World;
  readonly service: Pick<ServiceEntry, "id" | "signingName">;
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: every operation has its own input, and the readers below know which
  readonly input: any;
  readonly call: Call;
}

/** What the operations of one service need, where that is more than "this action on the named resource". */
export type NeedsOf = Readonly<Record<string, (ask: Ask) => readonly Need[]>>;

/** `aws:RequestTag/KEY` and `aws:TagKeys`, of tags that a request sets. */
export function requestTags(tags: ReadonlyMap<string, string>): Need["context"] {
  const entries = [...tags].map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, [value]] as const);
  return { ...Object.fromEntries(entries), ...(tags.size > 0 && { "aws:tagkeys": [...tags.keys()] }) };
}
