/** What goes through a workflow that stands, as far as the engine knows of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow, Trouble } from "../../src/engine/ports.ts";
import { fault } from "./fake-cloud.ts";
import { condition, createWorld } from "./world.ts";

const noFlow: Flow = {
  trouble: async () => undefined,
  backfill: async () => undefined,
  backfillDue: async () => undefined,
};

test("a workflow whose tasks do not start is stalled, with the reason, for as long as that is so; what stands is ready", async () => {
  let trouble: Trouble | undefined;
  const world = createWorld({
    flow: { ...noFlow, trouble: async ({ name }) => (name === "plants" ? trouble : undefined) },
  });
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
      ...noFlow,
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

test("files that were there before are sent turn by turn once everything stands, and waited for", async () => {
  const seen: string[] = [];
  const flow: Flow = {
    ...noFlow,
    async backfill({ name }) {
      seen.push(`${name}: ${world.cloud.things.has(`notification/${name}`)}`);
      return seen.length < 3 ? "the back-fill" : undefined;
    },
  };
  const world = createWorld({ flow });
  world.write("plants.json", {});
  const report = await world.clock.until(world.engine.once());
  assert.equal(report.ok, true);
  assert.deepEqual(seen, ["plants: true", "plants: true", "plants: true"]);
});

test("plan tells of files that are still to be sent, and sends none", async () => {
  const flow: Flow = {
    ...noFlow,
    backfill: async () => assert.fail("sent"),
    backfillDue: async ({ name }) => (name === "plants" ? "files are sent" : undefined),
  };
  const world = createWorld({ flow: noFlow });
  world.write("plants.json", {});
  world.write("stars.json", {});
  await world.clock.until(world.engine.once());
  const { workflows } = await world.clock.until(world.restart({ flow }).plan());
  assert.deepEqual(
    workflows.map(({ name, steps, due }) => [name, steps.length, due]),
    [
      ["@foundation", 0, undefined],
      ["plants", 0, "files are sent"],
      ["stars", 0, undefined],
    ],
  );
});

test("while files are still to be sent, the workflow is not said to be done; a failure is tried again", async () => {
  let answer: () => string | undefined = () => "the back-fill (2000 files looked at)";
  const flow: Flow = {
    ...noFlow,
    async backfill() {
      await world.clock.sleep(100);
      return answer();
    },
  };
  const world = createWorld({ flow });
  world.write("plants.json", {});
  await world.clock.until(world.engine.start());
  await world.clock.step(5_000);
  const synced = () => condition(world.engine.status(), "plants", "Synced");
  assert.deepEqual([synced().status, synced().message], ["False", "waiting for the back-fill (2000 files looked at)"]);
  answer = () => {
    throw fault("transient", "backfill");
  };
  await world.clock.step(1_000);
  assert.equal(synced().status, "False");
  answer = () => undefined;
  await world.clock.step(10_000);
  assert.equal(synced().status, "True");
  await world.clock.until(world.engine.stop());
});

test("a workflow that is suspended, or only reported, gets no files sent", async () => {
  const sent: string[] = [];
  const flow: Flow = { ...noFlow, backfill: async ({ name }) => void sent.push(name) };
  const world = createWorld({ flow });
  world.write("plants.json", { drift: "report" });
  world.write("stars.json", { suspend: true });
  await world.clock.until(world.engine.once());
  await world.clock.until(world.engine.plan());
  assert.deepEqual(sent, []);
});
