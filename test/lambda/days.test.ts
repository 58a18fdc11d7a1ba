/** Where the scaler's decisions lead over a simulated day: money must not leak, whatever goes wrong. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Track } from "../../src/desired/scaler-report.ts";
import { type Mishaps, PretendCluster } from "./pretend-cluster.ts";
import { description } from "./samples.ts";

const DAY_MINUTES = 1_440;
const KEY = "plants/grey";

function day(mishaps: Mishaps, files = 1_000, minutes = DAY_MINUTES): PretendCluster {
  const cluster = new PretendCluster([description()], mishaps);
  cluster.upload(KEY, files);
  for (let minute = 0; minute < minutes; minute++) cluster.minute();
  return cluster;
}

const hours = ({ instanceMinutes }: PretendCluster): number => instanceMinutes / 60;

const reason = ({ report }: PretendCluster, track: Track): string =>
  report.steps[KEY]?.troubles[track]?.reason ?? "none";

describe("a day of the scaler", () => {
  it("works off a thousand files with the instances that it may have, and then keeps none", () => {
    const cluster = day({});
    assert.equal(cluster.backlog.get(KEY), 0);
    assert.equal(cluster.live().length, 0);
    assert.equal(cluster.running().length, 0);
    assert.equal(cluster.counts.launch, 4);
    assert.ok(hours(cluster) < 4 * 2, `${hours(cluster)} instance-hours`);
    assert.equal(cluster.machines.filter(({ guarded }) => guarded).length, 0, "no alarm is left");
    assert.deepEqual(cluster.report.steps[KEY]?.troubles, {});
  });

  it("with nothing uploaded starts nothing", () => {
    const cluster = day({}, 0);
    assert.deepEqual([cluster.tasks.length, cluster.machines.length], [0, 0]);
  });

  it("with a wrong image name costs an instance-hour at most, and says why", () => {
    const cluster = day({ imageIsWrong: true });
    assert.ok(hours(cluster) <= 1, `${hours(cluster)} instance-hours`);
    assert.ok(cluster.tasks.length <= 60, `${cluster.tasks.length} tasks`);
    assert.match(reason(cluster, "start"), /no such image/);
  });

  for (const tasksDieAfterMinutes of [2, 5, 9]) {
    it(`with tasks that fail after ${tasksDieAfterMinutes} minutes costs four instance-hours at most, and says why`, () => {
      const cluster = day({ tasksDieAfterMinutes, workersDoNothing: true });
      assert.ok(hours(cluster) <= 4, `${hours(cluster)} instance-hours`);
      assert.match(reason(cluster, "start"), new RegExp(`exit code 1, ${tasksDieAfterMinutes * 60} s after its start`));
    });
  }

  it("with tasks that fail after a while, but have worked meanwhile, works off all files in a few hours", () => {
    const cluster = day({ tasksDieAfterMinutes: 10 }, 1_000, 300);
    assert.equal(cluster.backlog.get(KEY), 0);
    assert.equal(cluster.live().length, 0);
  });

  it("with instances that never join costs an instance-hour at most, and says why", () => {
    const cluster = day({ instancesNeverJoin: true });
    assert.ok(hours(cluster) <= 1, `${hours(cluster)} instance-hours`);
    assert.match(reason(cluster, "boot"), /has not joined the cluster within 10 minutes/);
  });

  it("without capacity costs nothing but a few calls, and says why", () => {
    const cluster = day({ noCapacity: true });
    assert.equal(hours(cluster), 0);
    assert.ok(cluster.counts.launch <= 60, `${cluster.counts.launch} launches tried`);
    assert.match(reason(cluster, "launch"), /InsufficientInstanceCapacity/);
  });

  it("where terminate is refused, the alarm ends the instance: two instance-hours at most", () => {
    const cluster = day({ terminateIsRefused: true }, 4);
    assert.equal(cluster.live().length, 0);
    assert.ok(hours(cluster) <= 2, `${hours(cluster)} instance-hours`);
  });

  it("where terminate is refused and instances never join, no second instance is begun while the first lives", () => {
    const cluster = new PretendCluster([description()], { terminateIsRefused: true, instancesNeverJoin: true });
    cluster.upload(KEY, 1_000);
    for (let minute = 0; minute < DAY_MINUTES; minute++) {
      cluster.minute();
      assert.ok(cluster.live().length <= 1);
    }
    assert.match(reason(cluster, "boot"), /has not joined/);
  });

  it("once the image is mended, all files are worked off: the wait was never for good", () => {
    const cluster = day({ imageIsWrong: true }, 100, 60);
    cluster.mishaps = {};
    for (let minute = 0; minute < 120; minute++) cluster.minute();
    assert.equal(cluster.backlog.get(KEY), 0);
    assert.deepEqual(cluster.report.steps[KEY]?.troubles, {});
  });

  it("takes instances back that came for the first of two bursts and are of use in the second", () => {
    const cluster = day({}, 8, 20);
    const before = cluster.counts.launch;
    cluster.upload(KEY, 8);
    for (let minute = 0; minute < 20; minute++) cluster.minute();
    assert.equal(cluster.backlog.get(KEY), 0);
    assert.equal(cluster.counts.launch, before);
  });
});
