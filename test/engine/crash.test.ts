import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, type World } from "./world.ts";

const FILE = { steps: ["grey", "edge"] };

/** The account without what differs from one creation to the next. */
function state(world: World): unknown {
  const names = new Map([...world.cloud.things].map(([key, thing]) => [thing.id, key]));
  return [...world.cloud.things]
    .map(([key, { id: _, fields, ...rest }]) => [
      key,
      rest,
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, names.get(value as string) ?? value])),
    ])
    .sort();
}

async function undisturbed(): Promise<{ state: unknown; writes: number }> {
  const world = createWorld();
  world.write("plants.json", FILE);
  await world.clock.until(world.engine.once());
  return { state: state(world), writes: world.cloud.writes().length };
}

for (const moment of ["before", "after"] as const) {
  test(`killed ${moment} any of its writes takes effect, the next start ends where one go would have, with nothing twice`, async () => {
    const goal = await undisturbed();
    for (let fatal = 0; fatal < goal.writes; fatal++) {
      const world = createWorld();
      world.write("plants.json", FILE);
      let writes = 0;
      const hook = (call: { operation: string }): void => {
        if (call.operation !== "read" && call.operation !== "list" && writes++ === fatal) world.crash();
      };
      world.cloud[moment] = hook;
      void world.engine.once();
      await world.clock.step(1_000);
      world.cloud[moment] = () => {};

      assert.equal((await world.clock.until(world.restart().once())).ok, true, `killed at write ${fatal}`);
      assert.deepEqual(state(world), goal.state, `killed at write ${fatal}`);
      assert.equal(world.cloud.born.length, new Set(world.cloud.born).size, `killed at write ${fatal}`);
    }
  });
}

test("stopped in the middle, it ends running steps, starts none, and the next start goes on", async () => {
  const world = createWorld();
  world.write("plants.json", FILE);
  let begun = 0;
  let ended = 0;
  world.cloud.before = async (call) => {
    if (call.operation === "read" || call.operation === "list") return;
    begun++;
    await world.clock.sleep(2_000);
    ended++;
  };
  await world.clock.until(world.engine.start());
  await world.clock.step(3_000);
  const atStop = begun;
  assert.ok(atStop > ended);
  await world.clock.until(world.engine.stop());
  assert.equal(begun, atStop);
  assert.equal(ended, begun);
  await world.clock.step(600_000);
  assert.equal(begun, atStop);

  world.cloud.before = () => {};
  assert.equal((await world.clock.until(world.restart().once())).ok, true);
  assert.deepEqual(state(world), (await undisturbed()).state);
});

test("a call that never ends does not keep it from stopping", async () => {
  const world = createWorld();
  world.write("plants.json", FILE);
  await world.clock.until(world.engine.start());
  await world.clock.step(1_000);
  world.cloud.before = (call) => (call.key === "queue/pw-plants-grey" ? world.clock.sleep(86_400_000) : undefined);
  await world.clock.step(40_000);
  const started = world.clock.monotonic();
  await world.clock.until(world.engine.stop({ graceMs: 30_000 }));
  assert.ok(world.clock.monotonic() - started <= 30_000);
});
