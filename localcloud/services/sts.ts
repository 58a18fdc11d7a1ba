import type * as api from "@aws-sdk/client-sts";
import { callerArn } from "../caller.ts";
import type { Call, Service } from "../service.ts";

export function createSts(): Service {
  return {
    id: "sts",
    operations: {
      GetCallerIdentity(_input: api.GetCallerIdentityCommandInput, call: Call) {
        return {
          Account: call.account,
          Arn: callerArn(call),
          UserId: call.role ? `AROALOCALCLOUDROLE000:${call.role.name}` : USER_ID,
        };
      },
    },
  };
}

/** Ids of users begin with AIDA; nothing in the local cloud depends on the rest. */
const USER_ID = "AIDALOCALCLOUDUSER000";
