/** Whose credentials these are. */
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { backoffMs } from "../core/backoff.ts";
import { Failure, mayRetry } from "../core/failure.ts";
import type { Clock, Log, Random } from "../core/ports.ts";
import type { AccountFacts } from "../core/resource.ts";
import type { Clients } from "./clients.ts";

/** @throws a `Failure` that says what a person can do about it */
export async function readAccount(
  clients: Pick<Clients, "sts">,
  region: string,
  abortSignal?: AbortSignal,
): Promise<AccountFacts> {
  const asked = clients.sts.send(new GetCallerIdentityCommand({}), { abortSignal });
  const identity = await asked.catch(async (error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    const { hostname, port } = (await clients.sts.config.endpoint?.()) ?? { hostname: `sts in ${region}` };
    throw new Failure(nextStep(error, `${hostname}${port === undefined ? "" : `:${port}`}`), error, error.cause);
  });
  const partition = identity.Arn?.split(":")[1];
  if (!identity.Account || !partition) throw new Error("sts:GetCallerIdentity answered without an account");
  return { account: identity.Account, region, partition };
}

function nextStep(error: Failure, where: string): string {
  if (error.code === "CredentialsProviderError") {
    const why = (error.cause as Error).message;
    return `no credentials for AWS: ${why}; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  }
  if (error.class === "denied") return `AWS refuses these credentials: ${error.message}; renew them, or choose others`;
  return `AWS does not answer at ${where}: ${error.message}; see to the network, and to AWS_ENDPOINT_URL if it is set`;
}

/** Longest time between two questions of who starts before its network does, milliseconds. */
const PATIENCE = { firstMs: 500, mostMs: 10_000 };

/**
 * The same, asked until somebody answers: a daemon may be up before its network is.
 *
 * @throws what waiting does not mend, such as credentials that are good for nothing; and once the signal aborts
 */
export async function awaitAccount(
  deps: {
    clients: Pick<Clients, "sts">;
    clock: Clock;
    log: Log;
    random: Random;
    signal?: AbortSignal | undefined;
    /** Told each time why it goes on waiting. */
    waits(why: string): void;
  },
  region: string,
): Promise<AccountFacts> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readAccount(deps.clients, region, deps.signal);
    } catch (error) {
      if (!mayRetry(error) || deps.signal?.aborted) throw error;
      const retryMs = backoffMs(attempt, deps.random(), PATIENCE);
      const why = (error as Error).message;
      deps.waits(why);
      deps.log.warn({ error: why, retryMs }, "AWS does not answer yet");
      await deps.clock.sleep(retryMs, deps.signal);
    }
  }
}
