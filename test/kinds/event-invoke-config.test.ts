import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { mayRetry } from "../../src/core/failure.ts";
import { eventInvokeConfig } from "../../src/kinds/event-invoke-config.ts";
import { allowFunction, makeFunction } from "../support/hangers-on.ts";
import { eachDifferenceIsOneChange, offline } from "./diff-table.ts";
import { startInCloud } from "./in-cloud.ts";

const undelivered = "arn:aws:sqs:us-east-1:123456789012:pw-plants-grey-undelivered";
const spec = { maximumEventAgeSeconds: 21_600, maximumRetryAttempts: 2, onFailureArn: undelivered };

describe("event-invoke configs, compared", () => {
  eachDifferenceIsOneChange(eventInvokeConfig(offline), spec, spec, {
    maximumEventAgeSeconds: (actual) => ({ ...actual, maximumEventAgeSeconds: 60 }),
    maximumRetryAttempts: (actual) => ({ ...actual, maximumRetryAttempts: 0 }),
    onFailureArn: (actual) => ({ ...actual, onFailureArn: `${undelivered}-other` }),
    "onFailureArn (none)": (actual) => ({ ...actual, onFailureArn: null }),
  });
});

it("an event-invoke config waits for the queue, and for the function's right to send to it, which IAM may tell Lambda late", async () => {
  const { cloud, aws, pass, converge, stop } = await startInCloud();
  try {
    const world = { sdk: aws.clients, account: pass.account, passTime: (ms: number) => cloud.world.clock.step(ms) };
    const name = "pw-plants-grey";
    await makeFunction(world, name, {});
    const kind = eventInvokeConfig(aws);
    const create = async () => kind.create?.(name, spec, pass);
    await assert.rejects(create, (error) => /does not have permissions/.test(String(error)) && mayRetry(error));
    await allowFunction(world, name, "sqs:SendMessage");
    await assert.rejects(create, (error) => /destination ARN/.test(String(error)) && mayRetry(error));
    await aws.clients.sqs.send(new CreateQueueCommand({ QueueName: `${name}-undelivered` }));
    assert.deepEqual(await converge(kind, name, spec), ["PutFunctionEventInvokeConfig"]);
  } finally {
    await stop();
  }
});
