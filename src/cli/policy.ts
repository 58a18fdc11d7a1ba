/** `policy files|machines`: what the identity that the daemon and the commands run under has to be allowed. */
import { type Context, EXIT } from "./context.ts";

export const POLICIES = ["files", "machines"] as const;

export function policy(
  { policies, terminal }: Context,
  part: (typeof POLICIES)[number],
  { buckets = ["*"] }: { buckets?: readonly string[] },
): number {
  terminal.line(JSON.stringify(policies(buckets)[part], undefined, 2));
  return EXIT.ok;
}
