import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorkQueue, PRIORITY } from "../../src/engine/work-queue.ts";
import { createFakeClock } from "./fake-clock.ts";

function world(concurrency: number, lastsMs = 100) {
  const clock = createFakeClock();
  const runs: string[] = [];
  const queue = createWorkQueue({
    clock,
    concurrency,
    async run(key) {
      runs.push(`${key}@${clock.monotonic()}`);
      await clock.sleep(lastsMs);
    },
  });
  return { clock, queue, runs };
}

test("a name added twice while it waits runs once, added while it runs once more", async () => {
  const { clock, queue, runs } = world(1);
  queue.add("a");
  queue.add("b");
  queue.add("b");
  await clock.step(50);
  queue.add("a");
  queue.add("a");
  await clock.step(1_000);
  assert.deepEqual(runs, ["a@0", "b@100", "a@200"]);
});

test("never two runs of one name at a time", async () => {
  const { clock, queue, runs } = world(5);
  queue.add("a");
  await clock.step(10);
  queue.add("a");
  await clock.step(1_000);
  assert.deepEqual(runs, ["a@0", "a@100"]);
});

test("the shortest delay wins, whichever came first", async () => {
  const { clock, queue, runs } = world(1);
  queue.add("a", { delayMs: 5_000 });
  queue.add("a", { delayMs: 1_000 });
  queue.add("a", { delayMs: 9_000 });
  await clock.step(20_000);
  assert.deepEqual(runs, ["a@1000"]);
  assert.equal(queue.due("a"), undefined);
});

test("a change goes before a retry, a retry before a resync", async () => {
  const { clock, queue, runs } = world(1);
  queue.add("running");
  await clock.step(1);
  queue.add("resync", { priority: PRIORITY.resync });
  queue.add("retry", { priority: PRIORITY.retry });
  queue.add("raised", { priority: PRIORITY.resync });
  queue.add("raised", { priority: PRIORITY.change });
  assert.equal(queue.depth, 3);
  await clock.step(1_000);
  assert.deepEqual(runs, ["running@0", "raised@100", "retry@200", "resync@300"]);
});

test("drained, it lets the running end, drops the rest and takes in nothing more", async () => {
  const { clock, queue, runs } = world(1);
  queue.add("a");
  queue.add("b");
  queue.add("c", { delayMs: 10 });
  await clock.step(1);
  await clock.until(queue.drain());
  assert.equal(clock.monotonic(), 100);
  queue.add("d");
  await clock.step(1_000);
  assert.deepEqual(runs, ["a@0"]);
  assert.equal(queue.depth, 0);
});

test("a name that is forgotten does not run, and what waits is told in numbers", async () => {
  const { clock, queue, runs } = world(1);
  queue.add("a");
  queue.add("b");
  await clock.step(30);
  assert.equal(queue.longestRunningMs, 30);
  assert.deepEqual(queue.running, ["a"]);
  queue.forget("b");
  await clock.step(1_000);
  assert.deepEqual(runs, ["a@0"]);
});
