import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEvents, type EngineEvent } from "../../src/engine/events.ts";
import { createWaitingRoom, type Served } from "../../src/server/waiting-room.ts";
import { counts, daemon, entry } from "./stage.ts";

describe("the waiting room", () => {
  it("tells what it is given while AWS has not answered, and what there really is from then on", async () => {
    const { account: _unknown, ...waiting } = daemon({ leader: false, workflows: [], awsProblem: "nobody there" });
    const room = createWaitingRoom(() => waiting);
    const { data, engine, samples } = room;
    assert.deepEqual(engine.status(), waiting);
    assert.deepEqual(await engine.history("plants"), []);
    assert.deepEqual(engine.queue, { depth: 0, longestRunningMs: 0 });
    assert.deepEqual([await data.of("plants"), samples.of("plants"), samples.latest()], [undefined, [], []]);

    const real = served();
    room.open(real);
    assert.deepEqual(engine.status(), real.engine.status());
    assert.deepEqual(await engine.history("plants"), await real.engine.history("plants"));
    assert.deepEqual(engine.queue, real.engine.queue);
    assert.deepEqual(samples.latest(), real.samples.latest());
  });

  it("puts listeners through, those of before too, until they are taken off", () => {
    const room = createWaitingRoom(() => daemon());
    const heard: string[] = [];
    const listen = (who: string) => room.engine.subscribe(() => heard.push(who));
    const stop = listen("early");
    listen("gone")();
    const real = served();
    room.open(real);
    listen("late");
    real.tell({ type: "status-changed" });
    stop();
    real.tell({ type: "status-changed" });
    assert.deepEqual(heard, ["early", "late", "late"]);
  });
});

function served(): Served & { tell(event: EngineEvent): void } {
  const { subscribe, tell } = createEvents((error) => assert.fail(String(error)));
  return {
    tell,
    engine: {
      status: () => daemon(),
      history: async () => [entry("created", "2026-01-01T00:00:00.000Z")],
      subscribe,
      queue: { depth: 3, longestRunningMs: 1_500 },
      reconcileNow: () => {},
    },
    data: { of: async () => undefined },
    samples: { of: () => [], latest: () => [counts()], subscribe: () => () => {} },
  };
}
