/** What holds for the scaler's decisions whatever happens: in any snapshot, and over any history of a pretend cluster. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Action, decide, INSTANCES_PER_CLUSTER } from "../../lambda/capacity.ts";
import { isAlive, isLive, type Machine, type Snapshot } from "../../lambda/snapshot.ts";
import { witness } from "../../lambda/troubles.ts";
import { EMPTY_REPORT, TRACKS } from "../../src/desired/scaler-report.ts";
import { type Mishaps, PretendCluster } from "./pretend-cluster.ts";
import { description, MINUTE_MS, machine, NOW_MS, report, snapshot, step, task } from "./samples.ts";

const KEY = "plants/grey";
const small = fc.integer({ min: 0, max: 12 });

const steps = fc
  .record({
    waiting: fc.integer({ min: 0, max: 2_000 }),
    inFlight: fc.integer({ min: 0, max: 50 }),
    filesPerTask: fc.integer({ min: 1, max: 10 }),
    mostTasks: fc.integer({ min: 1, max: 60 }),
    mostInstances: fc.integer({ min: 1, max: 30 }),
    memoryMiB: fc.integer({ min: 64, max: 4_000 }),
    spot: fc.boolean(),
    hasPort: fc.boolean(),
  })
  .map(({ waiting, inFlight, filesPerTask, mostTasks, mostInstances, memoryMiB, spot, hasPort }) => ({
    more: {
      task: {
        filesPerTask,
        max: mostTasks,
        memoryMiB,
        ports: hasPort ? [{ port: 8080, protocol: "tcp" as const }] : [],
      },
      instances: { max: mostInstances, spot },
    },
    depth: { waiting, inFlight },
  }));

const machines = fc.record({
  isOurs: fc.boolean(),
  kind: fc.constantFrom("booting", "late", "ready", "draining", "ended"),
  tasks: fc.integer({ min: 0, max: 3 }),
  isGuarded: fc.boolean(),
  idleMinutes: fc.integer({ min: 0, max: 60 }),
  ofFirst: fc.boolean(),
});

const snapshots = fc
  .record({
    steps: fc.array(steps, { minLength: 1, maxLength: 3 }),
    machines: fc.array(machines, { maxLength: 12 }),
    troubled: fc.subarray([...TRACKS]),
    isProven: fc.boolean(),
  })
  .map(({ steps: some, machines: those, troubled, isProven }) => {
    const all = some.map(({ more, depth }, index) => step({ workflow: `w${index}`, ...more }, depth));
    const seen = those.map((one, index): Machine => {
      const id = `i-${index}`;
      const common = {
        ours: one.isOurs,
        step: one.isOurs ? (one.ofFirst ? all[0]! : all.at(-1)!).key : undefined,
        guarded: one.isGuarded,
      };
      const away = { ...common, joined: null, launchedMs: NOW_MS - (one.kind === "late" ? 20 : 1) * MINUTE_MS };
      if (one.kind === "ended") return machine(id, { ...away, ended: { code: "Server.InternalError", reason: "" } });
      if (one.kind === "booting" || one.kind === "late") return machine(id, away);
      const draining = one.kind === "draining";
      const free = { memoryMiB: 1900 - one.tasks * 500, cpuUnits: 2048 - one.tasks * 512, gpus: 0 };
      return machine(id, { ...common, joined: { draining, ready: !draining, tasks: one.tasks, free } });
    });
    const tasks = seen.flatMap(({ joined, step: key }, index) =>
      Array.from({ length: joined?.tasks ?? 0 }, (_, number) =>
        task(`t-${index}-${number}`, {
          family: (all.find((one) => one.key === key) ?? all[0]!).description.task.family,
          containerInstanceArn: joined!.arn,
        }),
      ),
    );
    const wait = { count: 1, reason: "no", sinceMs: NOW_MS, retryAtMs: NOW_MS + MINUTE_MS };
    const known = {
      ...EMPTY_REPORT,
      steps: Object.fromEntries(
        all.flatMap(({ key }) =>
          Object.entries(
            report({ proven: isProven, troubles: Object.fromEntries(troubled.map((track) => [track, wait])) }, {}, key)
              .steps,
          ),
        ),
      ),
      machines: Object.fromEntries(
        those.map((one, index) => [
          `i-${index}`,
          { step: "", launchedMs: 0, joined: true, idleSinceMs: NOW_MS - one.idleMinutes * MINUTE_MS },
        ]),
      ),
    };
    return { now: snapshot({ steps: all, machines: seen, tasks }), known, troubled };
  });

const ofKind = <Do extends Action["do"]>(actions: readonly Action[], kind: Do) =>
  actions.filter((action): action is Extract<Action, { do: Do }> => action.do === kind);

function assertCaps({ steps: all, tasks, machines: those }: Snapshot, actions: readonly Action[]): void {
  const launches = ofKind(actions, "launch").length;
  assert.ok(
    launches === 0 || those.filter(isLive).length + launches <= INSTANCES_PER_CLUSTER,
    "more than a cluster takes",
  );
  for (const { key, description: of, waiting, inFlight } of all) {
    const alive = tasks.filter((one) => one.family === of.task.family && isAlive(one)).length;
    const started = ofKind(actions, "start").filter((action) => action.step.key === key);
    const count = started.reduce((sum, action) => sum + action.count, 0);
    assert.ok(count === 0 || alive + count <= of.task.max, `${alive} + ${count} tasks of at most ${of.task.max}`);
    assert.ok(count <= waiting, `${count} tasks for ${waiting} files`);
    const live = those.filter((one) => one.ours && one.step === key && isLive(one)).length;
    const launched = ofKind(actions, "launch").filter((action) => action.step.key === key).length;
    assert.ok(launched === 0 || live + launched <= of.instances.max, `${live} + ${launched} instances`);
    assert.ok(launched === 0 || waiting > 0, "an instance for nothing");
    // Each new instance is for a task that finds no room.
    const wanted = Math.ceil((waiting + inFlight) / of.task.filesPerTask);
    assert.ok(count + launched <= Math.max(0, wanted - alive), `${count} + ${launched} for ${wanted} less ${alive}`);
  }
}

describe("in any snapshot, the scaler", () => {
  it("passes no cap, and starts nothing for nothing", () => {
    fc.assert(fc.property(snapshots, ({ now, known }) => assertCaps(now, decide(now, known))));
  });

  it("puts no more than 5,000 instances into a cluster, whatever its steps may have", () => {
    const crowd = fc.integer({ min: INSTANCES_PER_CLUSTER - 30, max: INSTANCES_PER_CLUSTER + 5 });
    fc.assert(
      fc.property(crowd, fc.integer({ min: 1, max: 3 }), (standing, count) => {
        const many = { task: { max: 5_000 }, instances: { max: 5_000 } };
        const all = Array.from({ length: count }, (_, at) =>
          step({ workflow: `w${at}`, ...many }, { waiting: 50_000 }),
        );
        const full = { tasks: 3, free: { memoryMiB: 0, cpuUnits: 0, gpus: 0 } };
        const those = Array.from({ length: standing }, (_, at) =>
          machine(`i-${at}`, { step: all[at % count]!.key, joined: full }),
        );
        const proven = Object.assign({}, ...all.map(({ key }) => report({}, {}, key).steps));
        const now = snapshot({ steps: all, machines: those });
        const launched = ofKind(decide(now, { ...EMPTY_REPORT, steps: proven }), "launch").length;
        assert.ok(standing + launched <= Math.max(standing, INSTANCES_PER_CLUSTER), `${standing} + ${launched}`);
        assert.ok(launched > 0 || standing >= INSTANCES_PER_CLUSTER, "there is room for one more");
      }),
      { numRuns: 10 },
    );
  });

  it("buys a step one instance, and no second, until a task has run well", () => {
    fc.assert(
      fc.property(snapshots, ({ now, known }) => {
        for (const { key } of now.steps) {
          const launched = ofKind(decide(now, known), "launch").filter((action) => action.step.key === key).length;
          const live = now.machines.filter((one) => one.ours && one.step === key && isLive(one)).length;
          if (!known.steps[key]?.proven) assert.ok(launched === 0 || live + launched === 1, `${live} + ${launched}`);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("does nothing where nothing waits, runs or is left", () => {
    fc.assert(
      fc.property(snapshots, ({ now, known }) => {
        const steps = now.steps.map((one) => ({ ...one, waiting: 0, inFlight: 0 }));
        const gone = now.machines.filter((one) => !isLive(one) && !one.guarded);
        assert.deepEqual(decide({ ...now, steps, tasks: [], machines: gone }, { ...known, machines: {} }), []);
      }),
    );
  });

  it("says the same of the same", () => {
    fc.assert(fc.property(snapshots, ({ now, known }) => assert.deepEqual(decide(now, known), decide(now, known))));
  });

  it("neither drains nor ends an instance that has a task, is to get one, or is somebody else's", () => {
    fc.assert(
      fc.property(snapshots, ({ now, known }) => {
        for (const { machine: one } of [
          ...ofKind(decide(now, known), "drain"),
          ...ofKind(decide(now, known), "terminate"),
        ]) {
          assert.ok(one.ours && isLive(one));
          assert.equal(one.joined?.tasks ?? 0, 0);
        }
      }),
    );
  });

  it("ends no member of the cluster that was not drained before", () => {
    fc.assert(
      fc.property(snapshots, ({ now, known }) => {
        for (const { machine: one } of ofKind(decide(now, known), "terminate")) {
          assert.ok(one.joined === undefined || one.joined.draining);
        }
      }),
    );
  });

  it("leaves no live instance of ours without an alarm, and no ended one with it", () => {
    fc.assert(
      fc.property(snapshots, ({ now, known }) => {
        const actions = decide(now, known);
        const guarded = new Set(ofKind(actions, "guard").map((action) => action.machine.id));
        const unguarded = new Set(ofKind(actions, "unguard").map((action) => action.machine.id));
        for (const one of now.machines.filter(({ ours }) => ours)) {
          assert.equal((one.guarded || guarded.has(one.id)) && !unguarded.has(one.id), isLive(one), one.id);
        }
      }),
    );
  });

  it("tries nothing before the wait for it is over", () => {
    fc.assert(
      fc.property(snapshots, ({ now, known, troubled }) => {
        const actions = decide(now, known);
        if (troubled.includes("start")) assert.equal(ofKind(actions, "start").length, 0);
        if (troubled.length > 0) assert.equal(ofKind(actions, "launch").length, 0);
      }),
    );
  });

  it("learns nothing from the same snapshot twice but that time passes", () => {
    fc.assert(
      fc.property(snapshots, ({ now, known }) => {
        const once = witness(known, now);
        assert.deepEqual(witness(once, now), once);
      }),
    );
  });
});

const mishaps = fc.record(
  {
    imageIsWrong: fc.boolean(),
    instancesNeverJoin: fc.boolean(),
    noCapacity: fc.boolean(),
    terminateIsRefused: fc.boolean(),
    workersDoNothing: fc.boolean(),
  },
  { requiredKeys: [] },
);

const histories = fc.record({
  mostInstances: fc.integer({ min: 1, max: 5 }),
  mostTasks: fc.integer({ min: 1, max: 12 }),
  filesPerTask: fc.integer({ min: 1, max: 8 }),
  /** Larger tasks than what the type is known to register are refused before they come here. */
  memoryMiB: fc.integer({ min: 100, max: 1_779 }),
  /** Minute by minute: how many files come, and what is wrong in that minute, where it is not the same all the time. */
  minutes: fc.array(
    fc.record({
      files: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: small }),
      mishap: fc.oneof({ weight: 3, arbitrary: fc.constant<Mishaps>({}) }, { weight: 1, arbitrary: mishaps }),
      anInstanceDies: fc.oneof(
        { weight: 9, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
    }),
    { maxLength: 60 },
  ),
  /** What is wrong all the while. */
  lasting: fc.oneof(fc.constant(undefined), mishaps),
  extraRuns: fc.boolean(),
});

const SETTLING_MINUTES = 1_500;

describe("over any history, the scaler", () => {
  it("passes no cap, works everything off once all is well, and then leaves nothing behind", () => {
    fc.assert(
      fc.property(histories, ({ mostInstances, mostTasks, filesPerTask, memoryMiB, minutes, lasting, extraRuns }) => {
        const of = description({
          task: { max: mostTasks, filesPerTask, memoryMiB },
          instances: { max: mostInstances },
        });
        const cluster = new PretendCluster([of]);
        for (const { files, mishap, anInstanceDies } of minutes) {
          cluster.mishaps = lasting ?? mishap;
          cluster.upload(KEY, files);
          if (anInstanceDies) cluster.killOne();
          cluster.minute(assertCaps);
          if (extraRuns) cluster.run(assertCaps);
          assert.ok(cluster.live().length <= mostInstances, `${cluster.live().length} instances`);
          assert.ok(cluster.running().length <= mostTasks, `${cluster.running().length} tasks`);
        }
        cluster.mishaps = {};
        // After an hour of trouble of every kind the waits are a few hours each; then come work, idling and the end.
        for (let minute = 0; minute < SETTLING_MINUTES; minute++) cluster.minute(assertCaps);
        assert.equal(cluster.backlog.get(KEY) ?? 0, 0);
        assert.deepEqual([cluster.running().length, cluster.live().length], [0, 0]);
        assert.equal(cluster.machines.filter(({ guarded }) => guarded).length, 0, "alarms are left");
      }),
      { numRuns: 60 },
    );
  });

  it("is done within a few runs after everything has come to rest, and writes nothing more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (files) => {
        const cluster = new PretendCluster([description()]);
        cluster.upload(KEY, files);
        for (let minute = 0; minute < 300; minute++) cluster.minute();
        const before = cluster.report;
        cluster.run((_, actions) => assert.deepEqual(actions, []));
        assert.deepEqual(cluster.report, before);
      }),
      { numRuns: 20 },
    );
  });
});
