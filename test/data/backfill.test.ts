import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { createClients } from "../../src/aws/clients.ts";
import { UNLIMITED } from "../../src/aws/limits.ts";
import { backfill } from "../../src/data/backfill.ts";
import { backfillKey, controlBucket } from "../../src/desired/names.ts";
import { systemClock } from "../../src/io/clock.ts";
import { facts, openStage, type Stage } from "./stage.ts";

describe("back-fill", () => {
  it("sends each file that was there and has no result, turn by turn, and then nothing ever again", async (t) => {
    const { steps, put, putResult, drain, turn } = await opened(t);
    for (const key of ["a", "b", "c", "d", "e"]) await put("plants-in", `${key} +.png`);
    // This one is through.
    let source = await put("plants-in", "through.png");
    for (const step of steps) source = await putResult(step, source);

    assert.deepEqual([await turn(2), await turn(2), await turn(2)], [2, 4, 6]);
    assert.equal(await turn(2), "done");
    const keys = (await drain(steps[0]!.queue.url)).map(({ key }) => key);
    assert.deepEqual(keys.sort(), ["a +.png", "b +.png", "c +.png", "d +.png", "e +.png"]);

    await put("plants-in", "later.png");
    assert.equal(await turn(2), "done");
    assert.deepEqual(await drain(steps[0]!.queue.url), []);
  });

  it("killed at any write, goes on where it was: every file is sent at least once, and few of them twice", async (t) => {
    const { steps, put, drain, turn } = await opened(t);
    const keys = Array.from({ length: 24 }, (_, index) => `${String(index).padStart(2, "0")}.png`);
    for (const key of keys) await put("plants-in", key);
    let kills = 0;
    const finish = async (writes: number): Promise<void> => {
      for (;;) {
        const answer = await turn(8, writes).catch(() => "killed");
        if (answer === "killed") kills += 1;
        if (answer === "done") return;
        // The next process lives a little longer, as long as it takes to get anywhere.
        writes += 1;
      }
    };
    await finish(0);
    const sent = (await drain(steps[0]!.queue.url)).map(({ key }) => key);
    assert.deepEqual([...new Set(sent)].sort(), keys);
    assert.ok(kills >= 2);
    assert.ok(sent.length <= keys.length + kills * 8, `${sent.length} sent`);
  });

  it("begins anew with another filter, and where what it remembers is gone", async (t) => {
    const { steps, put, drain, turn, sdk } = await opened(t);
    await put("plants-in", "a.png");
    assert.equal(await turn(2), "done");
    const filtered = steps.map((step) => ({ ...step, input: { ...step.input, suffix: ".png" } }));
    assert.equal(await turn(2, undefined, filtered), "done");
    await sdk.s3.send(new DeleteObjectCommand({ Bucket: controlBucket(facts), Key: backfillKey("plants") }));
    assert.equal(await turn(2, undefined, filtered), "done");
    assert.equal((await drain(steps[0]!.queue.url)).length, 3);
  });

  it("counts what it lists, not what it takes: of many files that do not fit, each turn lists some", async (t) => {
    const { steps, put, drain, turn } = await opened(t);
    for (const key of ["a.txt", "b.txt", "c.png", "d.txt", "e.txt"]) await put("plants-in", key);
    const filtered = steps.map((step) => ({ ...step, input: { ...step.input, suffix: ".png" } }));
    const one = () => turn(2, undefined, filtered);
    assert.deepEqual([await one(), await one(), await one()], [0, 1, "done"]);
    assert.equal((await drain(steps[0]!.queue.url)).length, 1);
  });

  it("of an empty bucket is done at once", async (t) => {
    const { turn } = await opened(t);
    assert.equal(await turn(2), "done");
  });
});

/** Each turn is a process of its own, and can be killed after so many writes. */
async function opened(t: Parameters<typeof openStage>[0]) {
  const stage = await openStage(t);
  const turn = async (
    filesATurn: number,
    writesLeft = Number.POSITIVE_INFINITY,
    steps: Stage["steps"] = stage.steps,
  ): Promise<number | "done"> => {
    const clients = createClients({
      ...{ endpoint: stage.cloud.endpoint, region: facts.region, clock: systemClock, limiter: UNLIMITED },
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      mayWrite() {
        writesLeft -= 1;
        if (writesLeft < 0) throw new Error("killed");
      },
    });
    try {
      const { done, checked } = await backfill(steps, { clients, account: facts }, filesATurn);
      return done ? "done" : checked;
    } finally {
      for (const client of Object.values(clients)) client.destroy();
    }
  };
  return { ...stage, turn };
}
