/** Whose credentials these are. */
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { AccountFacts } from "../core/resource.ts";
import type { Clients } from "./clients.ts";

export async function readAccount(clients: Pick<Clients, "sts">, region: string): Promise<AccountFacts> {
  const identity = await clients.sts.send(new GetCallerIdentityCommand({}));
  const partition = identity.Arn?.split(":")[1];
  if (!identity.Account || !partition) throw new Error("sts:GetCallerIdentity answered without an account");
  return { account: identity.Account, region, partition };
}
