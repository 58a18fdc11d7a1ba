/** What goes through a workflow that stands, as far as the engine knows of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trouble } from "../../src/engine/ports.ts";
import { condition, createWorld } from "./world.ts";

test("a workflow whose tasks do not start is stalled, with the reason, for as long as that is so; what stands is ready", async () => {
  let trouble: Trouble | undefined;
  const world = createWorld({ flow: { trouble: async ({ name }) => (name === "plants" ? trouble : undefined) } });
  world.write("plants.json", {});
  world.write("stars.json", {});
  await world.clock.until(world.engine.start());
  await world.clock.step(40_000);
  const stalled = (name: string) => condition(world.engine.status(), name, "Stalled");
  assert.equal(stalled("plants").status, "False");

  trouble = { reason: "TasksDoNotStart", why: "grey: CannotPullContainerError" };
  await world.clock.step(40_000);
  assert.deepEqual(
    [stalled("plants").status, stalled("plants").reason, stalled("plants").message],
    ["True", "TasksDoNotStart", "grey: CannotPullContainerError"],
  );
  assert.equal(stalled("stars").status, "False");
  assert.equal(condition(world.engine.status(), "plants", "Ready").status, "True");

  trouble = undefined;
  await world.clock.step(40_000);
  assert.equal(stalled("plants").status, "False");
  await world.clock.until(world.engine.stop());
});

test("where nobody tells what goes through a workflow, it is set up all the same", async () => {
  const world = createWorld({
    flow: {
      trouble: async () => {
        throw new Error("denied");
      },
    },
  });
  world.write("plants.json", {});
  const report = await world.clock.until(world.engine.once());
  assert.equal(report.ok, true);
  assert.equal(condition(report.status, "plants", "Stalled").status, "False");
});
