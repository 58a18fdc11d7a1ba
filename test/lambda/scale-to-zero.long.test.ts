/** What is left when nothing comes any more: the functions' real bundles on the local cloud, by a clock that is stepped. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { simulate } from "../../bench/support/simulation/simulation.ts";

const MINUTE_MS = 60_000;

it("an hour of idling leaves no instance and no alarm, and another one changes nothing", async (t) => {
  const simulation = await simulate({ functions: "processes" });
  t.after(() => simulation.stop());
  const { instances, results, cloud } = simulation;
  const files = 40;

  simulation.upload(files);
  for (let minutes = 0; results.size < files && minutes < 30; minutes += 1) await simulation.advance(MINUTE_MS);
  assert.deepEqual([...results.values()], Array(files).fill(1));
  assert.ok(instances.live > 0, "somebody has done the work");
  assert.equal((await simulation.alarms()).length, instances.live);

  await simulation.advance(60 * MINUTE_MS);
  assert.equal(instances.live, 0);
  assert.deepEqual(await simulation.alarms(), []);

  const { launched } = instances;
  cloud.calls.clear();
  await simulation.advance(60 * MINUTE_MS);
  assert.equal(instances.launched, launched);
  assert.equal(instances.live, 0);
  assert.deepEqual(await simulation.alarms(), []);
  assert.equal(cloud.calls.count({ write: true }), 0);
  // A list, a queue and the instances, once a minute: what it costs to be ready.
  assert.ok(cloud.calls.count() <= 61 * 3, JSON.stringify(cloud.calls.counts()));
});
