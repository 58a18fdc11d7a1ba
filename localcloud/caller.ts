import type { Call } from "./service.ts";

/** Who calls, as AWS names it in answers and refusals. Every access key is a user's of the call's account. */
export function callerArn(call: Pick<Call, "account">): string {
  return `arn:aws:iam::${call.account}:user/local`;
}
