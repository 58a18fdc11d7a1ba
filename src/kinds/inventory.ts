/** How the kinds answer "what is ours?": by the tagging API where it answers, by the service itself where it does not. */
import { inventoried, type Tags } from "../core/owner.ts";
import type { Inventoried } from "../core/resource.ts";

export interface ByTags {
  listed(): Promise<readonly { arn: string; tags: Tags }[]>;
  /** The resource's name out of its ARN. */
  nameOf(arn: string): string;
  /** The slower way, for a tagging API that fails. */
  native(): AsyncIterable<Inventoried>;
}

export async function* byTags(ways: ByTags): AsyncGenerator<Inventoried> {
  const listed = await ways.listed().catch(() => undefined);
  if (!listed) return yield* ways.native();
  for (const { arn, tags } of listed) yield inventoried(ways.nameOf(arn), tags);
}
