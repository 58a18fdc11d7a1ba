import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DaemonStatus } from "../../src/engine/status.ts";
import { freePort } from "../support/free-port.ts";
import { accountOf, doublesIn } from "./account.ts";
import { createGate } from "./gate.ts";
import { eventually, startDaemon } from "./program.ts";
import { undisturbed } from "./undisturbed.ts";
import { createWorld, example, isLocal, localOnly, type World } from "./world.ts";

/** All stands as declared, once, and there is nothing left to write. */
async function right(world: World): Promise<void> {
  world.backend.cloud!.faults.clear();
  world.backend.cloud!.latency.clear();
  const { result, writes } = await world.apply();
  assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
  assert.deepEqual(
    writes.map((call) => call.operation),
    [],
  );
  assert.deepEqual(doublesIn(await accountOf(world.sdk)), []);
}

describe("bad days", { concurrency: isLocal, skip: localOnly }, () => {
  test("an endpoint that is down from the start, then up, then down in the middle of it all: the daemon lives through it", async (t) => {
    const world = await createWorld(t);
    const gate = await createGate(world.backend.endpoint);
    t.after(() => gate.close());
    await gate.close();
    await world.write("change123.json", await example("change123"));
    const port = await freePort();
    const daemon = startDaemon(world, t, ["--port", String(port)], { AWS_ENDPOINT_URL: gate.endpoint });
    await daemon.logged(({ msg }) => msg === "AWS does not answer yet", "that nobody answers");
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    assert.deepEqual([(await get("/healthz")).status, (await get("/readyz")).status], [200, 503]);
    await gate.open();
    await eventually("something was written", () => world.backend.cloud!.calls.count({ write: true }) > 5);
    await gate.close();
    await daemon.logged(({ msg }) => msg === "pass failed", "a failed pass");
    await gate.open();
    await eventually(
      "the pipeline stands",
      async () => {
        const { notification } = await accountOf(world.sdk);
        return notification?.length === 1;
      },
      40_000,
    );
    await eventually("it is ready", async () => (await get("/readyz")).ok);
    const status = (await (await get("/api/v1/status")).json()) as DaemonStatus;
    assert.match(status.account!, /^\d{12}$/);
    assert.deepEqual([status.awsProblem, status.workflows.length], [undefined, 1]);
    assert.equal(await daemon.stop(), 0);
    await right(world);
  });

  test("throttled and failing answers, one in four: all stands in the end, nothing twice", async (t) => {
    const world = await createWorld(t);
    const { faults } = world.backend.cloud!;
    await world.write("change123.json", await example("change123"));
    faults.add({ kind: "throttle", probability: 0.15 });
    faults.add({ kind: "error", probability: 0.1 });
    const { result } = await world.apply();
    assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
    const strikes = faults.list().map((fault) => `${fault.strikes} × ${fault.kind}`);
    await right(world);
    console.log(`lived through ${strikes.join(", ")}`);
  });

  test("answers that never come although the write took place: all stands in the end, nothing twice", async (t) => {
    const file = await example("change123");
    const world = await createWorld(t);
    const { faults } = world.backend.cloud!;
    await world.write("change123.json", file);
    const { writes } = await undisturbed(t, file);
    // The first of each kind of write.
    for (const one of new Set(writes.map((call) => `${call.service}:${call.operation}`))) {
      const [service = "", operation = ""] = one.split(":");
      faults.add({ kind: "drop", service, operation, count: 1 });
    }
    const { result } = await world.apply();
    assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
    const struck = faults.list().filter((fault) => fault.strikes > 0).length;
    assert.ok(struck > 20, `only ${struck} kinds of write were struck`);
    await right(world);
    console.log(`${struck} kinds of write took place without an answer`);
  });

  test("answers that are slow: it takes its time and stands", async (t) => {
    const world = await createWorld(t);
    await world.write("change123.json", await example("change123"));
    world.backend.cloud!.latency.set({ ms: 300 });
    const { result } = await world.apply();
    assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
    await right(world);
  });

  test("answers from before the last write: nothing is written twice because of them", async (t) => {
    const world = await createWorld(t);
    await world.write("change123.json", await example("change123"));
    world.backend.cloud!.faults.add({ kind: "stale", probability: 0.2 });
    const { result } = await world.apply();
    assert.equal(result.ok, true, JSON.stringify(result.status.workflows[0]?.conditions));
    await right(world);
  });
});
