import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import type { Clock } from "../../src/core/ports.ts";
import { systemClock } from "../../worker/clock.ts";
import { createLog } from "../../worker/log.ts";
import { drain } from "../../worker/poll.ts";
import { openStage, type Stage } from "./stage.ts";

describe("draining a queue", () => {
  let stage: Stage;
  let clock: Clock;
  beforeEach(async () => {
    stage = await openStage();
    const { world } = stage.cloud;
    // One time for the cloud, which holds long polls open, and for the worker.
    clock = { ...systemClock, monotonic: () => world.now(), sleep: async (ms) => world.clock.step(ms) };
  });
  afterEach(() => stage.stop());

  const start = (over: { stop?: AbortSignal; handle?: Parameters<typeof drain>[0]["handle"] } = {}) =>
    drain({
      settings: stage.settings,
      sqs: stage.sdk.sqs,
      clock,
      log: createLog({ clock, write: () => {} }),
      stop: over.stop ?? new AbortController().signal,
      handle: over.handle ?? ((message) => stage.handle(message)),
    });

  /** Steps the cloud's time while a poll is open, until the promise settles. */
  const pass = async (promise: Promise<void>) => {
    let hasEnded = false;
    promise.finally(() => (hasEnded = true)).catch(() => {});
    while (!hasEnded) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      stage.pass(0.5);
    }
    return await promise;
  };

  it("takes one file after the other and ends after half a minute without any", async () => {
    for (const name of ["a", "b", "c"]) await stage.upload(name, name);
    const endedMs: number[] = [];
    const draining = start({
      handle: async (message) => {
        const ending = await stage.handle(message);
        endedMs.push(clock.monotonic());
        return ending;
      },
    });
    await pass(draining);
    assert.deepEqual(
      (await stage.results()).map(({ body }) => body.toString()),
      ["A", "B", "C"],
    );
    const idleMs = clock.monotonic() - endedMs.at(-1)!;
    assert.ok(idleMs >= 30_000 && idleMs < 33_000, `ended after ${idleMs} ms`);
  });

  it("ends at once when the task is stopped, and takes nothing more", async () => {
    const stop = new AbortController();
    const draining = start({ stop: stop.signal });
    stop.abort();
    await draining;
    await stage.upload("a", "a");
    assert.deepEqual(await stage.waiting(), [1, 0, 0]);
  });

  it("outlasts a queue that is out of reach for minutes", async () => {
    await stage.upload("a", "a");
    stage.cloud.faults.add({ kind: "denied", operation: "ReceiveMessage", count: 50 });
    await pass(start());
    assert.equal((await stage.results()).length, 1);
  });

  it("gives up a queue that stays out of reach, and says which", async () => {
    await stage.sdk.sqs.send(new DeleteQueueCommand({ QueueUrl: stage.settings.queueUrl }));
    await assert.rejects(start(), /cannot receive from .*pw-plants-grey/);
  });

  it("ends with the reason when the algorithm cannot be started, leaving the other files in the queue", async () => {
    await stage.upload("a", "a");
    await stage.upload("b", "b");
    const handle = (message: Parameters<Stage["handle"]>[0]) =>
      stage.handle(message, { command: ["/nowhere/program"] });
    await assert.rejects(start({ handle }), /cannot start \/nowhere\/program/);
    assert.deepEqual(await stage.waiting(), [1, 0, 1]);
    assert.deepEqual(await stage.deadLetters(), []);
  });
});
