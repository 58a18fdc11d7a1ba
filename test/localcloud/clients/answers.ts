/** What a client reads on the walk, in a cloud of its own. */
import assert from "node:assert/strict";
import { createStandingClock } from "../../../bench/support/simulation/standing-clock.ts";
import { type LocalCloud, startLocalCloud } from "../../../localcloud/server.ts";
import type { ServiceId } from "../../../localcloud/wire/catalog.ts";
import { assertLoopback } from "../../support/loopback.ts";
import { startBridge } from "./bridge.ts";
import { comparable } from "./comparable.ts";
import { type Ask, type Input, take } from "./walk.ts";

/** By step. */
export type Answers = ReadonlyMap<string, unknown>;

export function bySdk(): Promise<Answers> {
  return answersOf(async ({ endpoint }) => openSdk(endpoint));
}

/** Asks through the SDK's clients, by their names. */
export function openSdk(endpoint: string): { ask: Ask; close(): void } {
  const clients = new Map<ServiceId, { send(command: unknown): Promise<object>; destroy(): void }>();
  const ask: Ask = async (service, operation, input) => {
    const sdk = await import(`@aws-sdk/client-${service}`);
    if (!clients.has(service)) {
      const Client = Object.entries(sdk).find(([name]) => /^[A-Z]\w+Client$/.test(name))![1] as new (
        o: object,
      ) => never;
      const credentials = { accessKeyId: "local", secretAccessKey: "local" };
      const place = { endpoint: assertLoopback(endpoint), region: "us-east-1", credentials };
      clients.set(service, new Client({ ...place, forcePathStyle: true, useQueueUrlAsEndpoint: false }));
    }
    return clients.get(service)!.send(new sdk[`${operation}Command`](input));
  };
  return { ask, close: () => clients.forEach((client) => void client.destroy()) };
}

export function byPython(python: string, client: "boto3" | "aws"): Promise<Answers> {
  return answersOf(async ({ endpoint }) => {
    const bridge = await startBridge(python, endpoint);
    const ask: Ask = (service, operation, input) =>
      bridge.ask(carriesBytes(operation, input) ? "boto3" : client, service, operation, input);
    return { ask, close: bridge.stop };
  });
}

/** Step by step, so that a failure names the step and shows no more. */
export function assertSame(answers: Answers, expected: Answers): void {
  for (const [step, answer] of expected) assert.deepEqual(answers.get(step), answer, step);
}

type Open = (cloud: LocalCloud) => Promise<{ ask: Ask; close(): Promise<void> | void }>;

async function answersOf(open: Open): Promise<Answers> {
  // The same seed, so that every cloud gives the same names to the same things; and no time but the walk's, which a slow
  // client would see more of.
  const cloud = await startLocalCloud({ run: true, clock: createStandingClock(Date.now()) });
  const client = await open(cloud);
  try {
    const answers = new Map<string, unknown>();
    for (const { step, answer } of await take(client.ask, cloud.advance)) {
      answers.set(step, await comparable(answer, cloud.endpoint));
    }
    return answers;
  } finally {
    await client.close();
    await cloud.stop();
  }
}

/** Bytes come to the `aws` command and from it in files, which is another test's affair. */
function carriesBytes(operation: string, input: Input): boolean {
  if (/^(GetObject|ReceiveMessage|Invoke)$/.test(operation)) return true;
  return JSON.stringify(input, (_, value) => (value instanceof Uint8Array ? { type: "Buffer" } : value)).includes(
    '{"type":"Buffer"',
  );
}
