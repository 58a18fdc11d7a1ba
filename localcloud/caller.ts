import type { Call } from "./service.ts";

/** Who calls, as AWS names it in answers and refusals: a session of a role, or else a user of the call's account. */
export function callerArn(call: Pick<Call, "account" | "role">): string {
  if (call.role) {
    const name = call.role.roleArn.slice(call.role.roleArn.lastIndexOf("/") + 1);
    return `arn:aws:sts::${call.account}:assumed-role/${name}/${call.role.name}`;
  }
  return `arn:aws:iam::${call.account}:user/local`;
}
