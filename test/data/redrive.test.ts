import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { Clients } from "../../src/aws/clients.ts";
import { readBundles } from "../../src/bundles.ts";
import { takeAll } from "../../src/data/receive.ts";
import { redrive } from "../../src/data/redrive.ts";
import { sendAll } from "../../src/data/send.ts";
import type { EnqueueSettings } from "../../src/desired/function-settings.ts";
import { sequence } from "../desired/samples.ts";
import { createFakeClock } from "../engine/fake-clock.ts";
import { ODD_KEYS, openStage, type Stage } from "./stage.ts";

const letter = (key: string) => ({ bucket: "plants-in", key, attempt: 1, reason: "exit-code", detail: "3", tries: 3 });

async function bury(stage: Stage, keys: readonly string[], index = 0): Promise<void> {
  for (const key of keys) await stage.send(stage.steps[index]!.deadLetters.url, letter(key));
}

const keysIn = async (stage: Stage, index = 0) =>
  (await stage.drain(stage.steps[index]!.queue.url)).map(({ key }) => key).sort();

describe("redrive", () => {
  it("moves the dead letters of every step back into that step's queue", async (t) => {
    const stage = await openStage(t);
    await bury(stage, ODD_KEYS, 0);
    await bury(stage, ["later.png"], 2);

    const { moved } = await stage.plants.redrive();

    assert.deepEqual(Object.values(moved), [ODD_KEYS.length, 0, 1]);
    assert.deepEqual(await keysIn(stage, 0), [...ODD_KEYS].sort());
    assert.deepEqual(await keysIn(stage, 2), ["later.png"]);
    for (const { deadLetters } of stage.steps) {
      assert.deepEqual(await stage.depth(deadLetters.url), { visible: 0, hidden: 0 });
    }
    assert.equal(stage.cloud.calls.count({ operation: "SendMessageBatch" }), 0, "SQS moves them by itself");
  });

  it("tells of dead letters that somebody has just looked at, and that stay hidden for a while", async (t) => {
    const stage = await openStage(t);
    await bury(stage, ["a.png"]);
    const [{ deadLetters }] = stage.steps as [(typeof stage.steps)[0]];
    await stage.sdk.sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetters.url, VisibilityTimeout: 30 }));

    const { moved, hidden } = await stage.plants.redrive();

    assert.deepEqual(
      [Object.values(moved), Object.values(hidden)],
      [
        [0, 0, 0],
        [1, 0, 0],
      ],
    );
    stage.cloud.world.clock.step(30_000);
    const again = await stage.plants.redrive();
    assert.deepEqual(
      [Object.values(again.moved), Object.values(again.hidden)],
      [
        [1, 0, 0],
        [0, 0, 0],
      ],
    );
  });

  it("moves message by message where the endpoint has no move tasks, and loses none", async (t) => {
    const stage = await openStage(t);
    stage.cloud.faults.add({ kind: "error", service: "sqs", operation: "StartMessageMoveTask" });
    const keys = Array.from({ length: 23 }, (_, index) => `${index} ${ODD_KEYS[index % ODD_KEYS.length]}`);
    await bury(stage, keys);

    const { moved } = await stage.plants.redrive();

    assert.equal(Object.values(moved)[0], 23);
    assert.deepEqual(await keysIn(stage), keys.sort());
    assert.deepEqual(await stage.depth(stage.steps[0]!.deadLetters.url), { visible: 0, hidden: 0 });
  });

  it("leaves a dead letter where it is when it cannot be sent", async (t) => {
    const stage = await openStage(t);
    stage.cloud.faults.add({ kind: "error", service: "sqs", operation: "StartMessageMoveTask" });
    await bury(stage, ["a.png"]);
    stage.cloud.faults.add({ kind: "denied", service: "sqs", operation: "SendMessage*" });
    await assert.rejects(stage.plants.redrive(), /sqs:SendMessage/);
    const { visible, hidden } = await stage.depth(stage.steps[0]!.deadLetters.url);
    assert.equal(visible + hidden, 1);
  });

  it("tells which permission is missing, instead of moving by hand", async (t) => {
    const stage = await openStage(t);
    stage.cloud.faults.add({ kind: "denied", service: "sqs", operation: "StartMessageMoveTask" });
    await bury(stage, ["a.png"]);
    await assert.rejects(stage.plants.redrive(), /sqs:StartMessageMoveTask/);
    assert.deepEqual(await keysIn(stage), []);
  });

  it("gives undelivered events to the enqueuer once more", async (t) => {
    const stage = await openStage(t, sequence(), { run: true });
    const { queue, undelivered } = stage.steps[0]!;
    await makeEnqueuer(stage, queue.name, { queueUrl: queue.url, scaler: "none" });
    const bucket = { name: "plants-in" };
    const Records = ODD_KEYS.map((key) => ({ s3: { bucket, object: { key: encodeURIComponent(key), eTag: "e" } } }));
    await stage.send(undelivered.url, { version: "1.0", requestPayload: { Records } });

    const { delivered } = await stage.plants.redrive();

    assert.deepEqual(Object.values(delivered), [1, 0, 0]);
    assert.deepEqual(await keysIn(stage), [...ODD_KEYS].sort());
    assert.deepEqual(await stage.depth(undelivered.url), { visible: 0, hidden: 0 });
  });

  it("keeps an undelivered event until the enqueuer has taken it", async (t) => {
    const stage = await openStage(t);
    const { undelivered } = stage.steps[0]!;
    await stage.send(undelivered.url, { version: "1.0", requestPayload: { Records: [] } });
    // There is no function in this cloud.
    await assert.rejects(stage.plants.redrive(), /lambda:InvokeFunction/);
    const { visible, hidden } = await stage.depth(undelivered.url);
    assert.equal(visible + hidden, 1);
  });
});

/** The real one, which may do everything. */
async function makeEnqueuer({ sdk }: Stage, FunctionName: string, settings: EnqueueSettings): Promise<void> {
  const RoleName = "enqueuer";
  const document = (statement: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
  const trust = document({ Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } });
  const { Role } = await sdk.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  const PolicyDocument = document({ Action: "*", Resource: "*" });
  await sdk.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "All", PolicyDocument }));
  const { functions, zips } = readBundles(join(import.meta.dirname, "../../src"));
  await sdk.lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: Role!.Arn,
      Code: { ZipFile: zips.get(functions.enqueue(settings)) },
    }),
  );
}

it("a stop does not wait until SQS has moved them all", async (t) => {
  const { steps } = await openStage(t);
  const sqs = { send: async () => ({ Results: [{ Status: "RUNNING" }] }) };
  const clock = createFakeClock();
  const stopping = new AbortController();
  const clients = { sqs } as unknown as Clients;
  const account = { account: "123456789012", region: "eu-central-1", partition: "aws" };
  const redriving = redrive(steps, { clients, clock, account, stopping: stopping.signal });
  const rejected = assert.rejects(redriving, /stopped/);
  stopping.abort(new Error("stopped"));
  await rejected;
  assert.equal(clock.waiting, 0);
});

describe("taking messages out of a queue", () => {
  it("ends though those that nobody takes come back before the last one has come", async () => {
    const messages = Array.from({ length: 12 }, (_, index) => ({ MessageId: `m${index}`, ReceiptHandle: "r" }));
    let received = 0;
    const sqs = {
      async send() {
        assert.ok(received < 100, "it goes on for ever");
        return { Messages: Array.from({ length: 10 }, () => messages[received++ % messages.length]!) };
      },
    };
    const seen: string[] = [];
    const taken = await takeAll({ sqs: sqs as unknown as Clients["sqs"], url: "url" }, async (some) => {
      seen.push(...some.map(({ MessageId = "" }) => MessageId));
      return [];
    });
    assert.equal(taken, 0);
    assert.deepEqual(
      seen,
      messages.map(({ MessageId }) => MessageId),
    );
  });
});

describe("a batch of messages", () => {
  it("is not taken for sent while SQS refuses one of them", async () => {
    const refusing = {
      send: async ({ input }: { input: { Entries: { Id: string }[] } }) => ({
        Failed: input.Entries.filter(({ Id }) => Id === "1").map(({ Id }) => ({
          Id,
          Code: "InternalError",
          Message: "no",
        })),
      }),
    };
    await assert.rejects(sendAll(refusing as never, "http://127.0.0.1/q", ["a", "b", "c"]), /1 of 3 messages/);
  });
});

describe("messages that are moved one by one", () => {
  it("are moved no further once the program stops, and what has begun is whole", async (t) => {
    const stage = await openStage(t);
    const keys = Array.from({ length: 25 }, (_, index) => `${index}.png`);
    await bury(stage, keys);
    const [{ deadLetters }] = stage.steps as [(typeof stage.steps)[0]];
    const stop = new AbortController();
    const taken: string[] = [];
    const taking = takeAll({ sqs: stage.sdk.sqs, url: deadLetters.url, stopping: stop.signal }, async (messages) => {
      taken.push(...messages.map(({ MessageId = "" }) => MessageId));
      stop.abort(new Error("stopped"));
      return messages;
    });
    await assert.rejects(taking, /stopped/);
    assert.ok(taken.length > 0 && taken.length <= 10);
    assert.deepEqual(await stage.depth(deadLetters.url), { visible: 25 - taken.length, hidden: 0 });
  });
});
