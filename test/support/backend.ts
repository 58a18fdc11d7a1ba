/**
 * The cloud that a suite runs against, chosen by `PIPEWRIGHT_TEST_BACKEND`: `local` (the default: the local cloud, in this
 * process), or `moto` or `localstack` (already running at `PIPEWRIGHT_TEST_ENDPOINT`, see test/moto/run.ts and
 * test/localstack/run.ts).
 */
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../../localcloud/server.ts";
import { type Gap, type GapName, type Lie, probeGaps, probeLies } from "./lies.ts";
import { assertLoopback } from "./loopback.ts";
import { createSdk, type Place } from "./sdk.ts";
import type { World } from "./world.ts";

/** Its `sdk` is for the tests' own doings; the product has clients of its own. */
export interface Backend extends Place, World {
  readonly name: "local" | "moto" | "localstack";
  /** Fields that this backend was seen to drop. */
  readonly lies: readonly Lie[];
  /** The same as entries of `PIPEWRIGHT_IGNORE`. */
  readonly ignore: readonly string[];
  /** What this backend was seen not to be able to do: the reason to skip what needs it. */
  cannot(what: GapName): string | undefined;
  /** Faults, clock and call log, where the backend is the local cloud. */
  readonly cloud: LocalCloud | undefined;
  stop(): Promise<void>;
}

const REGION = "us-east-1";
/** LocalStack takes a key id of twelve digits for the account's number. */
const CREDENTIALS = {
  local: { accessKeyId: "test", secretAccessKey: "test" },
  moto: { accessKeyId: "test", secretAccessKey: "test" },
  localstack: { accessKeyId: "123456789012", secretAccessKey: "test" },
} as const satisfies Record<Backend["name"], Place["credentials"]>;

/**
 * @param run what happens by itself in the local cloud; left out: nothing
 * @throws when the backend is unknown, or its endpoint is not loopback
 */
export async function startBackend(
  environment: NodeJS.ProcessEnv = process.env,
  run: LocalCloudOptions["run"] = false,
): Promise<Backend> {
  const name = environment.PIPEWRIGHT_TEST_BACKEND ?? "local";
  if (name === "local") {
    const cloud = await startLocalCloud({ region: REGION, run });
    return open("local", cloud.endpoint, cloud);
  }
  if (name === "moto" || name === "localstack")
    return open(name, assertLoopback(environment.PIPEWRIGHT_TEST_ENDPOINT), undefined);
  throw new Error(`PIPEWRIGHT_TEST_BACKEND is ${name}; known are local, moto and localstack`);
}

async function open(name: Backend["name"], endpoint: string, cloud: LocalCloud | undefined): Promise<Backend> {
  const place = { endpoint, region: REGION, credentials: CREDENTIALS[name] };
  const sdk = createSdk(place);
  const identity = await sdk.sts.send(new GetCallerIdentityCommand({}));
  const account = { account: identity.Account!, region: REGION, partition: "aws" };
  const world: World = { sdk, account, passTime: (ms) => cloud?.world.clock.step(ms) };
  // Our own cloud is exempted from nothing: test/contract/registry.test.ts sees that it drops no field.
  const lies = cloud ? [] : await probeLies(world);
  const gaps: readonly Gap[] = cloud ? [] : await probeGaps(world);
  for (const lie of lies) console.log(`${name} ${lie.why}: not compared: ${lie.entry}`);
  return {
    ...place,
    ...world,
    name,
    lies,
    ignore: lies.map((lie) => lie.entry),
    cannot: (what) => gaps.find((gap) => gap.name === what)?.why,
    cloud,
    async stop() {
      for (const client of Object.values(sdk)) client.destroy();
      await cloud?.stop();
    },
  };
}
