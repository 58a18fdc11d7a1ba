import assert from "node:assert/strict";
import { test } from "node:test";
import { accountOf, doublesIn } from "./account.ts";
import { eventually, startDaemon } from "./program.ts";
import { undisturbed } from "./undisturbed.ts";
import { createWorld, example, localOnly } from "./world.ts";

const KILLS = 10;

test(
  "killed at ten random moments of a convergence, it ends as an undisturbed run does, nothing twice",
  { skip: localOnly },
  async (t) => {
    const file = await example("change123");
    const { account: wanted, writes } = await undisturbed(t, file);
    const needed = writes.length;

    const world = await createWorld(t);
    await world.write("change123.json", file);
    const { calls, latency } = world.backend.cloud!;
    // So that the moments lie apart: a write is seen, and the next ones are on their way.
    latency.set({ ms: 30 });
    const random = seeded(20_260_301);
    const moments: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const soFar = calls.count({ write: true });
      const share = (needed - soFar) / (KILLS + 1 - kill);
      const target = soFar + 1 + Math.floor(random() * share);
      const daemon = startDaemon(world, t);
      await eventually(`${target} writes`, () => calls.count({ write: true }) >= target, 60_000, 2);
      await daemon.stop("SIGKILL");
      moments.push(calls.count({ write: true }));
    }
    latency.clear();
    const inTheMiddle = new Set(moments.filter((moment) => moment < needed)).size;
    assert.ok(inTheMiddle > KILLS / 2, `only ${inTheMiddle} kills in the middle: ${moments}`);
    const daemon = startDaemon(world, t);
    await eventually(
      "all stands",
      async () => {
        assert.deepEqual(await accountOf(world.sdk), wanted);
        return true;
      },
      40_000,
    );
    await daemon.logged(({ msg }) => msg === "watching", "that it watches");
    assert.equal(await daemon.stop(), 0);
    assert.deepEqual(doublesIn(await accountOf(world.sdk)), []);
    const { result } = await world.plan();
    assert.deepEqual(
      result.workflows.flatMap((one) => one.steps),
      [],
    );
    console.log(`killed after ${moments.join(", ")} writes; an undisturbed run has ${needed}`);
  },
);

/** The same numbers in every run: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
