import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Log } from "../../src/core/ports.ts";
import type { StepCounts } from "../../src/data/data.ts";
import { createQueueSamples } from "../../src/data/queue-samples.ts";
import { createFakeClock } from "../engine/fake-clock.ts";
import { counts } from "../server/stage.ts";

const log = { warn() {} } as unknown as Log;

/** Samples of what `look` answers, once a minute. */
function sampling(look: () => readonly StepCounts[]) {
  const clock = createFakeClock();
  let calls = 0;
  let rounds = 0;
  const samples = createQueueSamples({
    ...{ clock, log },
    async *counts() {
      for (const one of look()) {
        yield {
          ...one,
          async count() {
            calls += 1;
            if (one.queued < 0) throw new Error("AccessDenied");
            return one;
          },
        };
      }
    },
    everyMs: 60_000,
  });
  samples.subscribe(() => rounds++);
  samples.start();
  return { clock, samples, calls: () => calls, rounds: () => rounds };
}

describe("samples of the queues", () => {
  it("are taken at once and then once a minute, and told when a round is over", async () => {
    const { calls, clock, rounds, samples } = sampling(() => [counts(), counts({ step: "edges" })]);
    await clock.step(1_000);
    assert.deepEqual([calls(), rounds()], [2, 1]);
    await clock.step(58_000);
    assert.equal(calls(), 2);
    await clock.step(2_000);
    assert.equal(calls(), 4);
    assert.deepEqual(
      samples.of("plants").map(({ step, samples }) => [step, samples.length]),
      [
        ["grey", 2],
        ["edges", 2],
      ],
    );
    samples.stop();
  });

  it("of many steps take longer than a minute instead of more than ten calls a second", async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => counts({ step: `s${index}` }));
    const { calls, clock, samples } = sampling(() => many);
    await clock.step(60_000);
    // Three calls a step.
    assert.ok(calls() * 3 <= 10 * 60 + 3, `${calls() * 3} calls in a minute`);
    await clock.step(241_000);
    assert.ok(calls() > 1_000, "a second round has begun");
    samples.stop();
  });

  it("are kept for two hours", async () => {
    let queued = 0;
    const { clock, samples } = sampling(() => [counts({ queued: queued++ })]);
    await clock.step(10 * 3_600_000);
    const kept = samples.of("plants")[0]!.samples;
    assert.equal(kept.length, 120);
    assert.ok(kept.at(-1)!.queued > 590);
    samples.stop();
  });

  it("of what is not set up any more are forgotten", async () => {
    let there = [counts(), counts({ workflow: "stars" })];
    const { clock, samples } = sampling(() => there);
    await clock.step(1_000);
    there = [counts()];
    await clock.step(60_000);
    assert.deepEqual(samples.of("stars"), []);
    assert.equal(samples.of("plants")[0]!.samples.length, 2);
    samples.stop();
  });

  it("that could not be taken leave the plot as it is, and no number that looks like today's", async () => {
    let works = true;
    const { clock, rounds, samples } = sampling(() => {
      if (!works) throw new Error("no answer");
      return [counts()];
    });
    await clock.step(1_000);
    assert.equal(samples.latest().length, 1);
    works = false;
    await clock.step(60_000);
    assert.equal(rounds(), 2);
    assert.deepEqual(samples.latest(), []);
    assert.equal(samples.of("plants")[0]!.samples.length, 1);
    works = true;
    await clock.step(60_000);
    assert.equal(samples.latest("plants").length, 1);
    samples.stop();
  });

  it("of one step that cannot be counted hide none of those behind it", async () => {
    let queued = 1;
    const { clock, samples } = sampling(() => [counts({ queued }), counts({ step: "edges" })]);
    await clock.step(1_000);
    queued = -1;
    await clock.step(60_000);
    const told = samples.latest().map(({ step }) => step);
    assert.deepEqual(told, ["edges"]);
    assert.deepEqual(
      samples.of("plants").map(({ step, samples }) => [step, samples.length]),
      [
        ["grey", 1],
        ["edges", 2],
      ],
    );
    samples.stop();
  });

  it("end with the server, in the middle of a round too", async () => {
    const { calls, clock, samples } = sampling(() => [counts(), counts({ step: "edges" })]);
    await clock.step(100);
    samples.stop();
    await clock.step(600_000);
    assert.equal(calls(), 1);
  });
});
