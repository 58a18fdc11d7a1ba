import assert from "node:assert/strict";
import { test } from "node:test";
import { LeftBehind } from "../../src/core/failure.ts";
import { fault } from "./fake-cloud.ts";
import { condition, createWorld, type World } from "./world.ts";

const once = (world: World) => world.clock.until(world.engine.once());

test("a file becomes resources, and a second pass writes nothing and reads each resource once", async () => {
  const world = createWorld();
  world.write("plants.json", { steps: ["grey", "edge"] });
  const report = await once(world);
  assert.equal(report.ok, true);
  assert.deepEqual([...world.cloud.things.keys()].sort(), [
    "bucket/control",
    "bucket/plants-in",
    "bucket/plants-out",
    "function/pw-plants-edge",
    "function/pw-plants-grey",
    "group/shared",
    "notification/plants",
    "queue/pw-plants-edge",
    "queue/pw-plants-grey",
    "role/lambda_exec_role",
  ]);
  assert.equal(world.cloud.thing("function/pw-plants-grey").fields.queue, world.cloud.thing("queue/pw-plants-grey").id);
  assert.equal(condition(report.status, "plants", "Ready").status, "True");

  world.cloud.calls.length = 0;
  world.restart();
  assert.equal((await once(world)).ok, true);
  assert.deepEqual(world.cloud.writes(), []);
  const reads = world.cloud.calls.filter((call) => call.operation === "read").map((call) => call.key);
  // The security group is read by the foundation, and by the workflow that refers to it.
  assert.equal(reads.length, new Set(reads).size + 1);
});

test("the event source comes last, after everything that it feeds is complete", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  world.cloud.before = (call) => {
    if (call.operation !== "create" || call.key !== "notification/plants") return;
    const { fields } = world.cloud.thing("function/pw-plants-grey");
    assert.deepEqual(Object.keys(fields).sort(), ["group", "handler", "queue"]);
    assert.equal(world.cloud.thing("bucket/plants-in").fields.encryption, "AES256");
  };
  assert.equal((await once(world)).ok, true);
});

test("steps that do not need each other run at the same time", async () => {
  const world = createWorld();
  world.write("plants.json", { steps: ["a", "b", "c"] });
  let running = 0;
  let most = 0;
  world.cloud.before = async (call) => {
    if (call.operation !== "create") return;
    most = Math.max(most, ++running);
    await world.clock.sleep(30);
    running--;
  };
  await once(world);
  // Two buckets and three queues.
  assert.equal(most, 5);
});

test("a workflow that is refused gets nothing written, the foundation included", async () => {
  for (const file of [{ keyPair: "gone" }, { account: "999999999999" }]) {
    const world = createWorld();
    world.write("plants.json", file);
    const report = await once(world);
    assert.equal(report.ok, false);
    assert.deepEqual(world.cloud.writes(), []);
    assert.equal(condition(report.status, "plants", "Stalled").status, "True");
  }
});

test("a foreign thing is never touched, says what to do, and holds up its own workflow only", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  world.write("stars.json", {});
  world.cloud.put("function/pw-plants-grey", { fields: { handler: "theirs" } });
  const report = await once(world);
  assert.equal(report.ok, false);
  assert.equal(condition(report.status, "plants", "Ready").reason, "Foreign");
  assert.match(condition(report.status, "plants", "Ready").message, /"adopt": \["function\/pw-plants-grey"\]/);
  assert.equal(condition(report.status, "stars", "Ready").status, "True");
  assert.deepEqual(world.cloud.thing("function/pw-plants-grey").fields, { handler: "theirs" });
  assert.equal(world.cloud.things.has("queue/pw-plants-grey"), false);
});

test("what the file adopts becomes ours, and a used bucket stays as it is", async () => {
  const world = createWorld();
  world.write("plants.json", { adopt: ["function/pw-plants-grey"] });
  world.cloud.put("function/pw-plants-grey");
  world.cloud.put("bucket/plants-in", { fields: { private: false } });
  assert.equal((await once(world)).ok, true);
  assert.equal(world.cloud.thing("function/pw-plants-grey").adopted, true);
  assert.equal(world.cloud.thing("bucket/plants-in").owner, undefined);
  assert.deepEqual(world.cloud.thing("bucket/plants-in").fields, { private: false });
  const events = (await world.engine.history("plants")).filter((entry) => entry.key.startsWith("function/"));
  assert.ok(events.length > 0 && events.every((entry) => entry.event === "adopted"));
});

test("a denied step names action, resource and the statement that would allow it; what needs it waits, the rest goes on", async () => {
  const world = createWorld();
  world.write("plants.json", { steps: ["a", "b"] });
  world.cloud.before = (call) => {
    if (call.operation === "create" && call.key === "queue/pw-plants-a")
      throw fault("denied", "arn:queue:a", "AccessDenied");
  };
  const report = await once(world);
  const ready = condition(report.status, "plants", "Ready");
  assert.equal(ready.reason, "AccessDenied");
  assert.match(ready.message, /"Action":"fake:Call","Resource":"arn:queue:a"/);
  assert.equal(world.cloud.things.has("function/pw-plants-a"), false);
  assert.equal(world.cloud.things.has("function/pw-plants-b"), true);
  assert.equal(world.cloud.things.has("notification/plants"), false);
});

test("what is denied in many places is told once, with one statement for all of them", async () => {
  const world = createWorld();
  world.write("plants.json", { steps: ["a", "b", "c"] });
  world.cloud.before = (call) => {
    if (call.operation === "create" && call.key.startsWith("queue/")) throw fault("denied", call.key, "AccessDenied");
  };
  const { message } = condition((await once(world)).status, "plants", "Ready");
  assert.equal(message.match(/this policy statement would allow it/g)?.length, 1);
  assert.match(message, /; likewise 2 more; /);
  assert.deepEqual(JSON.parse(message.slice(message.indexOf("{"))).Resource, [
    "queue/pw-plants-a",
    "queue/pw-plants-b",
    "queue/pw-plants-c",
  ]);
});

test("what fails for a while is tried again with growing distance, and nothing is made twice", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  const tried: number[] = [];
  world.cloud.before = (call) => {
    if (call.operation !== "create" || call.key !== "function/pw-plants-grey") return;
    tried.push(world.clock.monotonic());
    if (tried.length < 5) throw fault("throttled", call.key);
  };
  assert.equal((await once(world)).ok, true);
  const gaps = tried.slice(1).map((at, index) => at - tried[index]!);
  assert.deepEqual(gaps, [500, 1_000, 2_000, 4_000]);
  const creations = world.cloud.writes().filter((write) => write.startsWith("create "));
  assert.equal(
    creations.filter((write) => write !== "create function/pw-plants-grey").length,
    new Set(creations).size - 1,
  );
});

test("run --once that is asked to stop ends the steps that have begun and no more, and says that it is not done", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  world.cloud.before = (call) => {
    if (call.key === "queue/pw-plants-grey" && call.operation === "create") throw fault("transient", call.key);
  };
  const reporting = world.engine.once();
  await world.clock.step(2_000);
  const [stoppedMs, writes] = [world.clock.monotonic(), world.cloud.writes().length];
  const [report] = await world.clock.until(Promise.all([reporting, world.engine.stop()]));
  assert.deepEqual([report.ok, world.clock.monotonic() - stoppedMs, world.cloud.writes().length], [false, 0, writes]);
});

test("a folder that cannot be read is no success, files named one by one are", async () => {
  const world = createWorld();
  world.folder.complete = false;
  assert.equal((await world.clock.until(world.engine.apply())).ok, false);
  world.write("plants.json", {});
  world.folder.list = async () => ({ files: ["plants.json"], complete: false });
  const report = await world.clock.until(world.restart().apply());
  assert.deepEqual([report.ok, report.status.folderProblem], [true, undefined]);
});

test("run --once gives up when nothing has moved for ten minutes", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  world.cloud.before = (call) => {
    if (call.key === "queue/pw-plants-grey") throw fault("transient", call.key);
  };
  const started = world.clock.monotonic();
  const report = await once(world);
  assert.equal(report.gaveUp, true);
  assert.equal(report.ok, false);
  assert.ok(world.clock.monotonic() - started < 700_000);
});

test("a role made by hand that lacks something shows, and does not hold up the rest", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  world.cloud.put("role/lambda_exec_role", { fields: { trust: "ec2", clusters: ["shared"] } });
  const report = await once(world);
  assert.equal(report.ok, false);
  assert.equal(condition(report.status, "plants", "Ready").reason, "RoleIncomplete");
  assert.equal(condition(report.status, "plants", "Synced").status, "True");
  assert.equal(world.cloud.things.has("notification/plants"), true);
  assert.equal(world.cloud.thing("role/lambda_exec_role").fields.trust, "ec2");
});

test("a stale answer makes nothing be written: absence and difference are confirmed", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  await once(world);
  world.restart();
  world.cloud.calls.length = 0;
  const old = structuredClone(world.cloud.thing("function/pw-plants-grey"));
  world.cloud.stale.set("queue/pw-plants-grey", [{ is: "absent" }]);
  world.cloud.stale.set("function/pw-plants-grey", [{ is: "owned", actual: { ...old, fields: { handler: "old" } } }]);
  assert.equal((await once(world)).ok, true);
  assert.deepEqual(world.cloud.writes(), []);
  const second = world.cloud.calls.filter((call) => call.fresh && call.operation === "read").map((call) => call.key);
  assert.deepEqual(second.sort(), ["function/pw-plants-grey", "queue/pw-plants-grey"]);
});

test("a field that AWS answers late after our write is not judged before it can be true", async () => {
  const world = createWorld();
  world.write("plants.json", { visibility: 300 });
  await world.clock.until(world.engine.start());
  await world.clock.step(10_000);
  world.write("plants.json", { visibility: 600 });
  world.engine.changed("plants.json");
  let late = true;
  world.cloud.after = (call) => {
    const thing = world.cloud.things.get("queue/pw-plants-grey");
    if (late && call.operation === "update" && call.key === "queue/pw-plants-grey") thing!.fields.visibility = 300;
  };
  await world.clock.step(50_000);
  assert.equal(world.cloud.writes().filter((write) => write === "update queue/pw-plants-grey").length, 2);
  assert.equal(condition(world.engine.status(), "plants", "Synced").status, "True");
  // It never became true: once the lag is over, that is a difference like any other.
  late = false;
  await world.clock.step(60_000);
  assert.equal(world.cloud.thing("queue/pw-plants-grey").fields.visibility, 600);
  await world.clock.until(world.engine.stop());
});

test("a field that the endpoint drops is written once and named, not written again and again", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  world.cloud.after = (call) => {
    if (call.operation === "update" && call.key === "bucket/plants-in") {
      delete world.cloud.thing("bucket/plants-in").fields.encryption;
    }
  };
  const report = await once(world);
  assert.equal(condition(report.status, "plants", "Ready").reason, "DoesNotStick");
  assert.match(
    condition(report.status, "plants", "Ready").message,
    /bucket\/plants-in: encryption is unset, wanted AES256/,
  );
  assert.equal(world.cloud.writes().filter((write) => write === "update bucket/plants-in").length, 1);

  world.write("plants.json", { ignore: ["bucket/*:encryption"] });
  world.restart();
  assert.equal((await once(world)).ok, true);
});

test("a thing that settles is waited for within the pass, without reading everything again", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  let reads = 0;
  world.cloud.after = (call) => {
    if (call.operation === "create" && call.key === "function/pw-plants-grey") {
      const settling = Array.from({ length: 3 }, () => ({ is: "settling", retryMs: 1_000 }) as const);
      world.cloud.settle("function/pw-plants-grey", settling);
    }
    if (call.operation === "read" && call.key === "bucket/plants-in") reads++;
  };
  assert.equal((await once(world)).ok, true);
  // Before anything, after its creation, after its update.
  assert.equal(reads, 3);
});

test("plan says what would be done and writes nothing, not even history", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  const preview = await world.clock.until(world.engine.plan());
  assert.deepEqual(
    preview.workflows.map((one) => [one.name, one.steps.map((step) => `${step.do} ${step.key}`)]),
    [
      ["@foundation", ["create role/lambda_exec_role", "create bucket/control", "create group/shared"]],
      [
        "plants",
        [
          "create bucket/plants-in",
          "create bucket/plants-out",
          "create queue/pw-plants-grey",
          "wait function/pw-plants-grey",
          "wait notification/plants",
        ],
      ],
    ],
  );
  await world.clock.step(60_000);
  assert.deepEqual(world.cloud.writes(), []);
  assert.equal(world.documents.size, 0);
  assert.equal(world.folder.marker, undefined);
});

test("apply sets up what the files ask for, takes nothing away, and leaves no marker", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  assert.equal((await world.clock.until(world.engine.apply())).ok, true);
  assert.equal(world.cloud.things.has("notification/plants"), true);
  world.remove("plants.json");
  await world.clock.until(world.restart().apply());
  assert.equal(world.cloud.things.has("notification/plants"), true);
  assert.equal(world.folder.marker, undefined);
});

test("resources of no file converge by themselves", async () => {
  const world = createWorld();
  const role = {
    key: "role/lambda_exec_role",
    spec: { workflow: "@foundation", onDelete: "retain-data", adopted: true, fields: { trust: "lambda" } },
    needs: [],
    claim: "adopt",
  } as const;
  world.cloud.put("role/lambda_exec_role", { fields: { trust: "ec2", extra: true } });
  const result = await world.clock.until(world.engine.applyDesired([role]));
  assert.equal(result.outcome.is, "synced");
  assert.deepEqual(world.cloud.thing("role/lambda_exec_role").fields, { trust: "lambda", extra: true });
  assert.equal((await world.clock.until(world.restart().applyDesired([role]))).written, 0);
});

test("an answer that a kind cannot compare fails the pass, not the daemon", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  world.write("stars.json", {});
  const registry = new Map(world.cloud.connect().registry);
  const diff = (): never => {
    throw new Error("no such answer was thought of");
  };
  registry.set("queue", { ...registry.get("queue")!, diff });
  world.restart({ registry });
  await world.clock.until(world.engine.start());
  await world.clock.step(10_000);
  assert.equal(condition(world.engine.status(), "plants", "Synced").reason, "InternalError");
  assert.equal(condition(world.engine.status(), "stars", "Synced").reason, "InternalError");
  await world.clock.until(world.engine.stop());
});

test("what a write leaves behind is told with its cure, and the rest of the pass stands", async () => {
  const world = createWorld();
  world.write("plants.json", {});
  const told: string[] = [];
  world.engine.subscribe((event) => event.type === "left-behind" && told.push(`${event.key}: ${event.why}`));
  world.cloud.after = ({ operation, key }) => {
    if (operation !== "update" || key !== "function/pw-plants-grey") return;
    throw new LeftBehind("old ones stay", fault("denied", key));
  };
  const report = await once(world);
  assert.equal(report.ok, true);
  assert.equal(told.length, 1);
  assert.match(told[0]!, /^function\/pw-plants-grey: old ones stay: .*; this policy statement would allow it: \{/);
});
