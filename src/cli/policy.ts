/** `policy files|machines`: what the identity that the daemon and the commands run under has to be allowed. */
import { type DaemonPolicy, daemonPolicies } from "../desired/daemon-policy.ts";
import { type Context, EXIT } from "./context.ts";

export const POLICIES: readonly DaemonPolicy[] = ["files", "machines"];

export function policy(
  { environment, terminal }: Context,
  name: DaemonPolicy,
  { buckets = ["*"] }: { buckets?: readonly string[] },
): number {
  const policies = daemonPolicies(environment.PIPEWRIGHT_OWNER, buckets);
  terminal.line(JSON.stringify(policies[name], undefined, 2));
  return EXIT.ok;
}
