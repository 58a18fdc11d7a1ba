import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Snapshot, TaskNow } from "../../lambda/snapshot.ts";
import { record, retryMs, witness } from "../../lambda/troubles.ts";
import { EMPTY_REPORT, type ScalerReport } from "../../src/desired/scaler-report.ts";
import { MINUTE_MS, machine, NOW_MS, report, snapshot, step, task } from "./samples.ts";

const KEY = "plants/grey";
const ago = (minutes: number): number => NOW_MS - minutes * MINUTE_MS;
const stopped = (code: string, minutes: number, exitCode?: number): Pick<TaskNow, "stopped"> => ({
  stopped: { atMs: ago(minutes), code, reason: `${code}!`, exitCode },
});
const NOT_STARTED = { startedMs: undefined, ...stopped("TaskFailedToStart", 1) };

const seen = (known: ScalerReport, more: Partial<Snapshot>) =>
  witness(known, snapshot({ steps: [step()], ...more })).steps[KEY];

describe("how tasks that do not start are judged", () => {
  it("a failure is counted once, however often it is seen", () => {
    const now = snapshot({ steps: [step()], tasks: [task("t1", NOT_STARTED), task("t2", NOT_STARTED)] });
    const once = witness(EMPTY_REPORT, now);
    assert.equal(once.steps[KEY]!.troubles.start!.count, 1);
    assert.equal(witness(once, { ...now, nowMs: NOW_MS + MINUTE_MS }).steps[KEY]!.troubles.start!.count, 1);
  });

  it("a task whose worker could not even be unpacked did not start, though ECS says that its container exited", () => {
    const given = { ...stopped("EssentialContainerExited", 1, 143), startedMs: undefined };
    const { start } = seen(EMPTY_REPORT, { tasks: [task("t1", given)] })!.troubles;
    assert.deepEqual([start!.count, start!.reason, start!.ran], [1, "EssentialContainerExited!", undefined]);
  });

  it("failures in a row wait longer and longer", () => {
    const waits = [1, 2, 3, 4, 20].map((count) => retryMs("start", count) / MINUTE_MS);
    assert.deepEqual(waits, [1, 3, 9, 27, 360]);
  });

  it("the youngest that tells anything decides", () => {
    const good = task("good", { createdMs: ago(5), startedMs: ago(4) });
    const bad = task("bad", { createdMs: ago(3), ...NOT_STARTED });
    const open = task("open", { createdMs: ago(0.5), startedMs: undefined });
    assert.ok(seen(EMPTY_REPORT, { tasks: [good, bad, open] })!.troubles.start);
    assert.deepEqual(seen(EMPTY_REPORT, { tasks: [bad, { ...good, createdMs: ago(2) }, open] })!.troubles, {});
  });

  it("of a batch in which one fails, the others clear the step as soon as they have run for a minute", () => {
    const good = task("good", { createdMs: ago(1), startedMs: ago(0.5) });
    const bad = task("bad", { createdMs: ago(1), ...NOT_STARTED });
    const first = witness(EMPTY_REPORT, snapshot({ steps: [step()], tasks: [good, bad] }));
    assert.ok(first.steps[KEY]!.troubles.start);
    const later = snapshot({ nowMs: NOW_MS + MINUTE_MS, steps: [step()], tasks: [good, bad] });
    const second = witness(first, later);
    assert.deepEqual(second.steps[KEY]!.troubles, {});
    assert.equal(second.steps[KEY]!.proven, true);
    assert.deepEqual(witness(second, later).steps[KEY]!.troubles, {}, "and what failed then is not brought up again");
  });

  it("an old task that still runs well does not excuse new ones that do not start", () => {
    const tasks = [task("old", { createdMs: ago(90), startedMs: ago(89) }), task("new", NOT_STARTED)];
    const first = witness(EMPTY_REPORT, snapshot({ steps: [step()], tasks }));
    const second = witness(first, snapshot({ nowMs: NOW_MS + MINUTE_MS, steps: [step()], tasks }));
    assert.ok(second.steps[KEY]!.troubles.start);
  });

  const failedAfter = (minutes: number): TaskNow =>
    task("bad", {
      createdMs: ago(minutes + 2),
      startedMs: ago(minutes + 1),
      ...stopped("EssentialContainerExited", 1, 1),
    });

  it("where tasks fail after a while, others have to last twice as long to show that they work", () => {
    const running = (minutes: number) => task("running", { createdMs: ago(minutes), startedMs: ago(minutes) });
    const first = witness(EMPTY_REPORT, snapshot({ steps: [step()], tasks: [failedAfter(5), running(3)] }));
    const { start } = first.steps[KEY]!.troubles;
    assert.match(start!.reason, /exit code 1, 300 s after its start/);
    const later = (minutes: number) =>
      seen(first, { nowMs: NOW_MS + minutes * MINUTE_MS, tasks: [failedAfter(5), running(3)] })!.troubles;
    assert.deepEqual(later(6), { start });
    assert.deepEqual(later(7), {});
  });

  it("where they fail and files come to an end all the same, the step is not held up", () => {
    const waiting = (count: number) => [step({}, { waiting: count, inFlight: 10, backlog: count + 20 })];
    const first = witness(EMPTY_REPORT, snapshot({ steps: waiting(80), tasks: [failedAfter(5)] }));
    assert.ok(first.steps[KEY]!.troubles.start);
    assert.ok(seen(first, { steps: waiting(70) })!.troubles.start, "counts of SQS are not exact");
    assert.deepEqual(seen(first, { steps: waiting(69) })!.troubles, {});
    const unstarted = witness(EMPTY_REPORT, snapshot({ steps: waiting(80), tasks: [task("t1", NOT_STARTED)] }));
    assert.ok(
      seen(unstarted, { steps: waiting(0) })!.troubles.start,
      "others that run do not excuse what never starts",
    );
  });

  it("a queue that does not tell how full it is has not become empty", () => {
    const first = witness(EMPTY_REPORT, snapshot({ steps: [step({}, { waiting: 80 })], tasks: [failedAfter(5)] }));
    const untold = [step({}, { backlog: undefined })];
    const second = witness(first, snapshot({ nowMs: NOW_MS + MINUTE_MS, steps: untold, tasks: [failedAfter(5)] }));
    assert.deepEqual(second.steps[KEY]!.troubles, first.steps[KEY]!.troubles);
    const again = task("again", { ...failedAfter(5), createdMs: NOW_MS + 1 });
    const third = witness(second, snapshot({ nowMs: NOW_MS + MINUTE_MS, steps: untold, tasks: [again] }));
    assert.deepEqual(
      [third.steps[KEY]!.troubles.start!.count, third.steps[KEY]!.troubles.start!.ran!.backlog],
      [2, 80],
      "by what was known last, the next look tells whether files came to an end",
    );
  });

  it("one that has worked for twenty minutes did start, whatever its end", () => {
    assert.deepEqual(seen(EMPTY_REPORT, { tasks: [failedAfter(20)] })!.troubles, {});
    assert.ok(seen(EMPTY_REPORT, { tasks: [failedAfter(19)] })!.troubles.start);
  });

  it("a task that was stopped, or whose instance went, tells nothing", () => {
    const short = { startedMs: ago(1.5) };
    const tasks = [
      task("t1", { ...short, ...stopped("UserInitiated", 1, 143) }),
      task("t2", { ...short, ...stopped("SpotInterruption", 1) }),
      task("t3", { ...short, ...stopped("TerminationNotice", 1) }),
    ];
    assert.equal(seen(EMPTY_REPORT, { tasks }), undefined);
  });

  it("a worker that finds nothing to do and leaves with 0 has started well", () => {
    const idle = task("t1", { startedMs: ago(1.5), ...stopped("EssentialContainerExited", 1, 0) });
    assert.equal(seen(EMPTY_REPORT, { tasks: [idle] })!.proven, true);
  });
});

describe("how instances that do not serve are judged", () => {
  it("an agent is silent since it was first seen so, until it answers again", () => {
    const seenWith = (known: ScalerReport, connected: boolean, minutes: number) => {
      const machines = [machine("i-1", { joined: { connected, tasks: 1 } })];
      return witness(known, snapshot({ nowMs: NOW_MS + minutes * MINUTE_MS, steps: [step()], machines }));
    };
    const later = seenWith(seenWith(EMPTY_REPORT, false, 0), false, 5);
    assert.equal(later.machines["i-1"]!.silentSinceMs, NOW_MS);
    assert.equal(seenWith(later, true, 6).machines["i-1"]!.silentSinceMs, undefined);
  });

  it("one that ends by itself before it joined is a failure, with EC2's reason", () => {
    const ended = { code: "Client.InternalError", reason: "Client.InternalError: Client error on launch" };
    const lost = machine("i-1", { joined: null, ended });
    assert.match(seen(EMPTY_REPORT, { machines: [lost] })!.troubles.boot!.reason, /^i-1 ended: Client.InternalError/);
  });

  it("one that somebody ended, that Spot took back, or that had served before, is none", () => {
    const served = report({}, { "i-3": { step: KEY, launchedMs: 0, joined: true, idleSinceMs: null } });
    const machines = [
      machine("i-1", { joined: null, ended: { code: "Client.UserInitiatedShutdown", reason: "" } }),
      machine("i-2", { joined: null, ended: { code: "Server.SpotInstanceTermination", reason: "" } }),
      machine("i-3", { joined: null, ended: { code: "Server.InternalError", reason: "" } }),
    ];
    assert.deepEqual(seen(served, { machines })!.troubles, {});
  });

  it("its subnet is shunned, also where others have joined meanwhile, until one joins there", () => {
    const late = machine("i-1", { joined: null, launchedMs: ago(11), subnetId: "subnet-a" });
    const fine = machine("i-2", { launchedMs: ago(11), subnetId: "subnet-b" });
    const after = witness(EMPTY_REPORT, snapshot({ steps: [step()], machines: [late, fine] }));
    assert.deepEqual(after.steps[KEY]!.shunned, { "subnet-a": NOW_MS });
    assert.deepEqual(after.steps[KEY]!.troubles, {});
    const again = machine("i-3", { launchedMs: NOW_MS + MINUTE_MS, subnetId: "subnet-a" });
    assert.deepEqual(seen(after, { nowMs: NOW_MS + 3 * MINUTE_MS, machines: [late, fine, again] })!.shunned, {});
  });

  it("the next one that joins ends the trouble", () => {
    const boot = { count: 3, reason: "no", sinceMs: ago(500), retryAtMs: ago(10) };
    const known = report({ troubles: { boot }, heedFromMs: { start: 0, boot: ago(30) } });
    assert.ok(seen(known, { machines: [machine("i-1", { launchedMs: ago(40) })] })!.troubles.boot);
    assert.deepEqual(seen(known, { machines: [machine("i-1", { launchedMs: ago(5) })] })!.troubles, {});
  });
});

describe("since when an instance idles", () => {
  const idleSince = (known: ScalerReport, more: Partial<Snapshot>) =>
    witness(known, snapshot({ steps: [step()], machines: [machine("i-1")], ...more })).machines["i-1"]!.idleSinceMs;
  const before = (idleSinceMs: number | null) =>
    report({}, { "i-1": { step: KEY, launchedMs: ago(60), joined: true, idleSinceMs } });

  it("since it joined, where it never had a task", () => assert.equal(idleSince(EMPTY_REPORT, {}), ago(58)));

  it("since its last task ended, which may have come and gone between two runs", () => {
    const gone = task("t1", { ...stopped("EssentialContainerExited", 7, 0) });
    assert.equal(idleSince(before(ago(20)), { tasks: [gone] }), ago(7));
  });

  it("as before, where nothing happened, however long ago that was", () => {
    assert.equal(idleSince(before(ago(500)), {}), ago(500));
  });

  it("since now, where it had a task when it was last looked at", () => {
    assert.equal(idleSince(before(null), {}), NOW_MS);
  });

  it("a task that never started does not count as work", () => {
    assert.equal(idleSince(before(ago(20)), { tasks: [task("t1", NOT_STARTED)] }), ago(20));
  });

  it("not at all, while it has one", () => {
    assert.equal(idleSince(before(ago(20)), { machines: [machine("i-1", { joined: { tasks: 1 } })] }), null);
  });
});

describe("what becomes of a run's actions", () => {
  const now = snapshot({ steps: [step()] });

  it("an answer that never came is held against nobody", () => {
    const after = record(EMPTY_REPORT, [{ step: KEY, track: "launch", is: "unclear", reason: "TimeoutError" }], now);
    assert.deepEqual(after, EMPTY_REPORT);
  });

  it("several refusals of one run count as one", () => {
    const refused = { step: KEY, track: "launch", is: "refused", reason: "no" } as const;
    assert.equal(record(EMPTY_REPORT, [refused, refused], now).steps[KEY]!.troubles.launch!.count, 1);
  });

  it("an instance that cannot be ended holds up launches for an hour, however often it is tried meanwhile", () => {
    const refused = { step: KEY, track: "upkeep", is: "refused", reason: "no" } as const;
    const first = record(EMPTY_REPORT, [refused], now);
    const { upkeep } = first.steps[KEY]!.troubles;
    assert.equal(upkeep!.retryAtMs, NOW_MS + 60 * MINUTE_MS);
    const later = record(first, [refused], { ...now, nowMs: NOW_MS + 5 * MINUTE_MS });
    assert.deepEqual(later.steps[KEY]!.troubles.upkeep, upkeep);
    const ended = record(later, [{ step: KEY, track: "upkeep", is: "done" }], now);
    assert.deepEqual(ended.steps[KEY]!.troubles, {});
  });

  it("a step that is gone is forgotten", () => {
    assert.deepEqual(witness(report({ troubles: {} }), snapshot()).steps, {});
  });

  it("a step that was mended starts with a clean sheet, whatever still lies around", () => {
    const start = { count: 5, reason: "no", sinceMs: ago(50), retryAtMs: NOW_MS + 60 * MINUTE_MS };
    const mended = step({}, { fingerprint: "b:1" });
    const after = witness(
      report({ troubles: { start } }),
      snapshot({ steps: [mended], tasks: [task("t1", NOT_STARTED)] }),
    );
    assert.deepEqual(after.steps[KEY]!.troubles, {});
  });
});
