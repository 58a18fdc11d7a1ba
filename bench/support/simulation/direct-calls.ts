/**
 * The SDK's clients without the wire: a call goes straight to the local cloud's service, takes its time by the world's
 * clock, is throttled at the published rates, and is tried again as the SDK does it.
 */

import { createHash } from "node:crypto";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient } from "@aws-sdk/client-ecs";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createQuotas, publishedQuotas } from "../../../localcloud/quotas.ts";
import { AwsError, type Call } from "../../../localcloud/service.ts";
import { type Payload, payloadOf } from "../../../localcloud/wire/payload.ts";
import type { OwnedWorld } from "../../../localcloud/world.ts";

export interface Tally {
  /** Requests, those that were throttled included. */
  calls: number;
  throttled: number;
}

export type DirectCalls = ReturnType<typeof createDirectCalls>;

export interface DirectCallDeps {
  readonly world: OwnedWorld;
  /** From 0 up to and without 1. */
  readonly random: () => number;
  /** From a request to its answer. */
  readonly latencyMs: number;
  /** Refuses a call as AWS would, for a reason that the world does not know. @default nothing is refused */
  readonly refusal?: ((service: string, operation: string) => AwsError | undefined) | undefined;
}

/** The SDK's standard mode (`@smithy/util-retry`): three tries, half a second doubled and drawn, 20 s at most. */
const TRIES = 3;
const RETRY_BASE_MS = 500;
const RETRY_MOST_MS = 20_000;

export function createDirectCalls({ world, random, latencyMs, refusal }: DirectCallDeps) {
  const tallies = new Map<string, Tally>();
  const quotas = createQuotas(publishedQuotas, world.now);
  const who: Call = { account: world.account, region: world.defaultRegion, accessKeyId: "local", requestId: "" };

  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void world.after(ms, resolve));

  const tallyOf = (service: string, operation: string): Tally => {
    const name = `${service}:${operation}`;
    const tally = tallies.get(name) ?? { calls: 0, throttled: 0 };
    tallies.set(name, tally);
    return tally;
  };

  async function call(service: string, operation: string, input: object): Promise<object> {
    const tally = tallyOf(service, operation);
    for (let attempt = 0; ; attempt += 1) {
      tally.calls += 1;
      await sleep(latencyMs);
      const refused = refusal?.(service, operation);
      if (refused) throw asSdkError(refused);
      if (quotas.take(service, operation)) return perform(service, operation, input);
      tally.throttled += 1;
      if (attempt + 1 === TRIES) throw asSdkError(new AwsError("ThrottlingException", "Rate exceeded"));
      await sleep(random() * Math.min(RETRY_MOST_MS, 2 ** attempt * RETRY_BASE_MS));
    }
  }

  async function perform(service: string, operation: string, input: object): Promise<object> {
    try {
      const handler = world.service(service).operations[operation];
      if (!handler) throw new AwsError("NotImplemented", `${service}:${operation}`, { status: 501 });
      const output = (await handler(withPayload(input), who)) as object;
      return withStream(output);
    } catch (error) {
      throw error instanceof AwsError ? asSdkError(error) : error;
    }
  }

  /** All that goes through a client is answered here; nothing of it is written, signed or sent. */
  function connected<C extends { readonly middlewareStack: unknown }>(client: C, service: string): C {
    const stack = client.middlewareStack as Stack;
    stack.add(
      (_next, { commandName = "" }) =>
        async ({ input }) => ({
          response: {},
          output: { $metadata: {}, ...(await call(service, commandName.replace(/Command$/, ""), input)) },
        }),
      { step: "initialize", priority: "high", name: "directCall" },
    );
    return client;
  }

  const place = { region: world.defaultRegion, credentials: { accessKeyId: "local", secretAccessKey: "local" } };
  return {
    call,
    sleep,
    /** By `service:operation`. */
    tallies: tallies as ReadonlyMap<string, Tally>,
    /** Counts a call that is not made: one that would have no effect on what is looked at. */
    count(service: string, operation: string): void {
      tallyOf(service, operation).calls += 1;
    },
    clear: () => tallies.clear(),
    clients: {
      s3: connected(new S3Client(place), "s3"),
      sqs: connected(new SQSClient(place), "sqs"),
      ecs: connected(new ECSClient(place), "ecs"),
      ec2: connected(new EC2Client(place), "ec2"),
      cloudwatch: connected(new CloudWatchClient(place), "cloudwatch"),
      lambda: connected(new LambdaClient(place), "lambda"),
    },
  };
}

interface Stack {
  add(
    middleware: (
      next: unknown,
      context: { readonly commandName?: string },
    ) => (args: { readonly input: object }) => Promise<object>,
    options: object,
  ): void;
}

/** Bodies come from the wire as payloads. */
function withPayload(input: object): object {
  const { Body } = input as { Body?: unknown };
  if (typeof Body !== "string") return input;
  return { ...input, Body: payloadOf(Buffer.from(Body), createHash("md5").update(Body).digest("hex")) };
}

function withStream(output: object): object {
  const { Body } = output as { Body?: Payload };
  if (Body === undefined) return output;
  return { ...output, Body: { transformToString: async () => Body.bytes().toString("utf8") } };
}

function asSdkError(error: AwsError): Error {
  return Object.assign(new Error(error.message), {
    name: error.code,
    $metadata: { httpStatusCode: error.status },
  });
}
