/** Whose credentials these are. */
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { backoffMs } from "../core/backoff.ts";
import { mayRetry } from "../core/failure.ts";
import type { Clock, Log, Random } from "../core/ports.ts";
import type { AccountFacts } from "../core/resource.ts";
import type { Clients } from "./clients.ts";

export async function readAccount(
  clients: Pick<Clients, "sts">,
  region: string,
  abortSignal?: AbortSignal,
): Promise<AccountFacts> {
  const identity = await clients.sts.send(new GetCallerIdentityCommand({}), { abortSignal });
  const partition = identity.Arn?.split(":")[1];
  if (!identity.Account || !partition) throw new Error("sts:GetCallerIdentity answered without an account");
  return { account: identity.Account, region, partition };
}

/** Longest time between two questions of who starts before its network does, milliseconds. */
const PATIENCE = { firstMs: 500, mostMs: 10_000 };

/**
 * The same, asked until somebody answers: a daemon may be up before its network is.
 *
 * @throws what waiting does not mend, such as credentials that are good for nothing; and once the signal aborts
 */
export async function awaitAccount(
  deps: { clients: Pick<Clients, "sts">; clock: Clock; log: Log; random: Random; signal?: AbortSignal | undefined },
  region: string,
): Promise<AccountFacts> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readAccount(deps.clients, region, deps.signal);
    } catch (error) {
      if (!mayRetry(error) || deps.signal?.aborted) throw error;
      const retryMs = backoffMs(attempt, deps.random(), PATIENCE);
      deps.log.warn({ error: (error as Error).message, retryMs }, "AWS does not answer yet");
      await deps.clock.sleep(retryMs, deps.signal);
    }
  }
}
