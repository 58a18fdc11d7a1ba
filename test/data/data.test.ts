import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { createClients } from "../../src/aws/clients.ts";
import { UNLIMITED } from "../../src/aws/limits.ts";
import { createData } from "../../src/data/data.ts";
import { controlBucket } from "../../src/desired/names.ts";
import { facts, openStage } from "./stage.ts";

describe("the data of a workflow", () => {
  it("is found without any folder, and only by its owner", async (t) => {
    const { cloud, data, plants, clock } = await openStage(t);
    assert.deepEqual(await data.workflows(), ["plants"]);
    assert.equal(await data.of("plant"), undefined);
    assert.deepEqual([plants.inputBucket, plants.outputBucket], ["plants-in", "plants-out"]);
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const settings = { endpoint: cloud.endpoint, region: facts.region, credentials, clock, limiter: UNLIMITED };
    const clients = createClients(settings);
    const others = createData({ clients, clock, account: facts, owner: "somebody-else" });
    assert.deepEqual(await others.workflows(), []);
    assert.equal(await others.of("plants"), undefined);
    const elsewhere = createData({ clients, clock, account: { ...facts, account: "210987654321" }, owner: "default" });
    assert.deepEqual(await elsewhere.workflows(), []);
    for (const client of Object.values(clients)) client.destroy();
  });

  it("tells what waits, is worked on and was given up in each step", async (t) => {
    const { plants, steps, send, sdk } = await openStage(t);
    await sdk.ecs.send(new CreateClusterCommand({ clusterName: steps[0]!.cluster }));
    const { queue, deadLetters, undelivered } = steps[1]!;
    await send(queue.url, {});
    await send(queue.url, {});
    await send(deadLetters.url, {});
    await send(undelivered.url, {});
    const states = await plants.states();
    assert.deepEqual(
      states.map(({ step }) => step),
      steps.map(({ step }) => step),
    );
    const nothing = { tasks: { running: 0, starting: 0 }, instances: 0, troubles: [] };
    const { step, algorithm } = steps[1]!;
    assert.deepEqual(states[1], { step, algorithm, queued: 2, inFlight: 0, dead: 1, undelivered: 1, ...nothing });
    assert.deepEqual([states[0]!.queued, states[0]!.dead], [0, 0]);
  });

  it("tells what waits in the queues of every workflow, for samples: three calls a step and nothing else of SQS", async (t) => {
    const { cloud, data, steps, send } = await openStage(t);
    await send(steps[2]!.queue.url, {});
    await send(steps[0]!.deadLetters.url, {});
    cloud.calls.clear();
    const counts = await Array.fromAsync(data.counts(), async ({ count, ...one }) => ({ ...one, ...(await count()) }));
    assert.deepEqual(
      counts.map(({ workflow, step, queued, dead }) => [workflow, step, queued, dead]),
      steps.map(({ step }, index) => ["plants", step, index === 2 ? 1 : 0, index === 0 ? 1 : 0]),
    );
    assert.equal(cloud.calls.count({ service: "sqs" }), 9);
    assert.equal(cloud.calls.count({ write: true }), 0);
  });

  it("tells of all others where another version has left a step that cannot be read, and of that one why not", async (t) => {
    const { data, sdk, steps } = await openStage(t);
    const Bucket = controlBucket(facts);
    const Key = "steps/pipewright/herbs/grey.json";
    await sdk.s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify({ version: 0, workflow: "herbs" }) }));
    assert.deepEqual(await data.workflows(), ["plants"]);
    assert.equal((await Array.fromAsync(data.counts())).length, steps.length);
    await assert.rejects(data.of("herbs"), /version/);
  });

  it("answers zeros where queues and cluster are not there yet", async (t) => {
    const { plants, steps, sdk } = await openStage(t);
    for (const { url } of [steps[0]!.queue, steps[0]!.deadLetters]) {
      await sdk.sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    }
    const [state] = await plants.states();
    assert.deepEqual([state!.queued, state!.dead, state!.tasks.running], [0, 0, 0]);
  });
});
