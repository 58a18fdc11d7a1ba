import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { WaitProgress } from "../../src/data/data.ts";
import { controlBucket } from "../../src/desired/names.ts";
import { fingerprintOf, scalerReportKey, stepKey, writeScalerReport } from "../../src/desired/scaler-report.ts";
import { facts, openStage } from "./stage.ts";

const file = (key: string) => ({ bucket: "plants-in", key, attempt: 1 });

describe("wait", () => {
  it("goes on until the later steps have nothing left either", async (t) => {
    const { plants, steps, send, drain, whileSleeping } = await openStage(t);
    const queues = steps.map(({ queue }) => queue.url);
    await send(queues[0]!, file("a.png"));
    const seen: number[] = [];
    let done = 0;
    // One message a second; what a step has done, the next one gets a second later.
    whileSleeping(async () => {
      const [from, to] = [queues[done], queues[done + 1]];
      if (from === undefined || (await drain(from)).length === 0) return;
      done += 1;
      if (to) await send(to, file("a.png"));
    });
    const waited = await plants.wait({ quietMs: 5_000, onProgress: ({ queued }) => void seen.push(queued) });
    assert.deepEqual(waited, { died: 0, lost: 0 });
    assert.equal(done, 3);
    assert.equal(seen.at(-1), 0);
  });

  it("does not end while a worker has a file, and counts the most there ever was", async (t) => {
    const { plants, steps, send, sdk, drain, whileSleeping, cloud } = await openStage(t);
    const { url } = steps[1]!.queue;
    for (const key of ["a", "b", "c"]) await send(url, file(key));
    await sdk.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 1, VisibilityTimeout: 20 }));
    const progress: WaitProgress[] = [];
    whileSleeping(() => drain(url));
    const startMs = cloud.world.clock.now();
    await plants.wait({ quietMs: 0, onProgress: (one) => void progress.push(one) });
    assert.ok(cloud.world.clock.now() - startMs >= 20_000, "the lease of the one that is being worked on");
    const { queued, inFlight } = progress[0]!;
    assert.deepEqual({ queued, inFlight }, { queued: 2, inFlight: 1 });
    assert.equal(progress.at(-1)!.peak, 3);
  });

  it("waits for as long as an upload may take to become a message", async (t) => {
    const { plants, steps, send, drain, whileSleeping } = await openStage(t);
    let seconds = 0;
    let taken = 0;
    whileSleeping(async () => {
      seconds += 1;
      if (seconds === 8) await send(steps[0]!.queue.url, file("late.png"));
      if (seconds > 9) taken += (await drain(steps[0]!.queue.url)).length;
    });
    await plants.wait({ quietMs: 10_000 });
    assert.equal(taken, 1);
  });

  it("tells how many files were given up meanwhile, those from before left out", async (t) => {
    const { plants, steps, send, drain, whileSleeping } = await openStage(t);
    const { queue, deadLetters, undelivered } = steps[0]!;
    await send(deadLetters.url, file("old.png"));
    await send(queue.url, file("bad.png"));
    whileSleeping(async () => {
      for (const one of await drain(queue.url)) {
        await send(deadLetters.url, one);
        await send(undelivered.url, {});
      }
    });
    assert.deepEqual(await plants.wait({ quietMs: 1_000 }), { died: 1, lost: 1 });
  });

  it("tells what keeps the scaler from starting tasks, but not what did before the step was mended", async (t) => {
    const { plants, steps, sdk } = await openStage(t);
    const troubles = {
      start: { count: 2, reason: "CannotPullContainerError: no such image", sinceMs: 1, retryAtMs: 2 },
    };
    const fresh = { proven: false, troubles, shunned: {}, heedFromMs: { start: 0, boot: 0 } };
    const failing = { ...fresh, fingerprint: fingerprintOf(steps[1]!.generation, 1) };
    const mended = { ...fresh, fingerprint: fingerprintOf("another", 1) };
    const report = {
      ...{ version: 1 as const, machines: {} },
      steps: { [stepKey(steps[1]!)]: failing, [stepKey(steps[2]!)]: mended },
    };
    const Key = scalerReportKey(steps[1]!.cluster);
    await sdk.s3.send(new PutObjectCommand({ Bucket: controlBucket(facts), Key, Body: writeScalerReport(report) }));
    const told: WaitProgress["troubles"][] = [];
    await plants.wait({ quietMs: 0, onProgress: (progress) => void told.push(progress.troubles) });
    assert.deepEqual(told.at(-1), [{ step: steps[1]!.step, track: "start", ...troubles.start }]);
    const states = await plants.states();
    assert.deepEqual(
      states.map((one) => one.troubles.length),
      [0, 1, 0],
    );
  });
});
