import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createListing, createSeats } from "../../src/aws/seats.ts";
import { createFakeClock } from "../engine/fake-clock.ts";

const MAX_AGE_MS = 25_000;

/** A world of keys and values behind a batched call; calls can be held back, and made to fail. */
function office(seats = 4) {
  const clock = createFakeClock();
  const world = new Map<string, string>();
  const calls: string[][] = [];
  let gate: Promise<void> | undefined;
  let broken: Error | undefined;
  const desk = createSeats<string>({
    clock,
    seats,
    maxAgeMs: MAX_AGE_MS,
    async load(keys) {
      calls.push([...keys]);
      // What the service answers was true when it was asked.
      const answer = new Map([...world].filter(([key]) => keys.includes(key)));
      const error = broken;
      await gate;
      if (error) throw error;
      return answer;
    },
  });
  return {
    clock,
    world,
    calls,
    get: (key: string, fresh = false) => clock.until(desk.get(key, fresh)),
    /** Asks without waiting for the answer. */
    ask: (key: string, fresh = false) => desk.get(key, fresh),
    forget: desk.forget,
    hold() {
      const held = Promise.withResolvers<void>();
      gate = held.promise;
      return () => {
        gate = undefined;
        held.resolve();
      };
    },
    breaks(error: Error | undefined) {
      broken = error;
    },
  };
}

describe("a coalesced read", () => {
  it("is one call for all keys asked for in the same instant", async () => {
    const { clock, ask, calls, world } = office();
    world.set("a", "1").set("b", "2");
    const answers = await clock.until(Promise.all([ask("a"), ask("b"), ask("c"), ask("a")]));
    assert.deepEqual(answers, ["1", "2", undefined, "1"]);
    assert.deepEqual(calls, [["a", "b", "c"]]);
  });

  it("is as many calls as the seats demand, and none has more keys than seats", async () => {
    const { clock, ask, calls } = office(4);
    const keys = Array.from({ length: 10 }, (_, n) => `k${n}`);
    await clock.until(Promise.all(keys.map((key) => ask(key))));
    assert.deepEqual(
      calls.map((call) => call.length),
      [4, 4, 2],
    );
    assert.deepEqual(calls.flat().sort(), keys.sort());
  });

  it("is not made again while its answer is young, also where the answer was that there is none", async () => {
    const { clock, get, calls, world } = office();
    world.set("a", "1");
    await get("a");
    await get("gone");
    world.set("a", "2");
    await clock.step(MAX_AGE_MS);
    assert.deepEqual([await get("a"), await get("gone")], ["1", undefined]);
    assert.equal(calls.length, 2);
    await clock.step(1);
    assert.equal(await get("a"), "2");
  });

  it("under way answers those who ask meanwhile and want nothing fresh", async () => {
    const { clock, ask, calls, hold, world } = office();
    world.set("a", "1");
    const letGo = hold();
    const first = ask("a");
    await clock.step(0);
    const second = ask("a");
    letGo();
    assert.deepEqual(await clock.until(Promise.all([first, second])), ["1", "1"]);
    assert.equal(calls.length, 1);
  });
});

describe("free seats", () => {
  it("are given to keys whose answers have aged, the oldest first, and these are young again", async () => {
    const { clock, get, calls, world } = office(3);
    for (const key of ["a", "b", "c"]) {
      await get(key);
      await clock.step(1_000);
    }
    calls.length = 0;
    await clock.step(MAX_AGE_MS / 2);
    world.set("a", "new");
    await get("d");
    assert.deepEqual(calls, [["d", "a", "b"]]);
    await clock.step(MAX_AGE_MS / 2);
    assert.equal(await get("a"), "new");
    assert.equal(calls.length, 1);
  });

  it("stay empty rather than ask for what is young", async () => {
    const { clock, get, calls } = office();
    await get("a");
    await clock.step(MAX_AGE_MS / 2);
    await get("b");
    assert.deepEqual(calls, [["a"], ["b"]]);
  });

  it("are not kept for ever for a key that nobody asks for any more", async () => {
    const { clock, get, calls } = office();
    await get("a");
    for (let round = 0; round < 200; round++) {
      await clock.step(MAX_AGE_MS + 1);
      await get("b");
    }
    assert.ok(calls[1]?.includes("a"));
    assert.deepEqual(calls.at(-1), ["b"]);
  });
});

describe("a fresh read", () => {
  it("never answers from what was answered before", async () => {
    const { get, world } = office();
    world.set("a", "1");
    await get("a");
    world.set("a", "2");
    assert.equal(await get("a", true), "2");
    assert.equal(await get("a"), "2");
  });

  it("never joins a call that was sent before, and its answer outlives the older one's", async () => {
    const { clock, ask, get, calls, hold, world } = office();
    world.set("a", "1");
    const letGo = hold();
    const old = ask("a");
    await clock.step(0);
    world.set("a", "2");
    const fresh = ask("a", true);
    await clock.step(0);
    letGo();
    assert.deepEqual(await clock.until(Promise.all([old, fresh])), ["1", "2"]);
    assert.equal(await get("a"), "2");
    assert.equal(calls.length, 2);
  });

  it("shares its call with others of the same instant", async () => {
    const { clock, ask, calls } = office();
    await clock.until(Promise.all([ask("a", true), ask("b", true), ask("c")]));
    assert.equal(calls.length, 1);
  });
});

describe("what is forgotten", () => {
  it("is asked anew", async () => {
    const { forget, get, world } = office();
    world.set("a", "1");
    await get("a");
    world.set("a", "2");
    forget("a");
    assert.equal(await get("a"), "2");
  });

  it("during a call is not remembered from that call: the answer may be older than the write", async () => {
    const { clock, ask, forget, get, hold, world } = office();
    world.set("a", "before the write");
    const letGo = hold();
    const asked = ask("a");
    await clock.step(0);
    world.set("a", "after the write");
    forget("a");
    letGo();
    await clock.until(asked);
    assert.equal(await get("a"), "after the write");
  });
});

describe("a call that fails", () => {
  it("fails those who asked, and nobody who was given a free seat", async () => {
    const { clock, ask, breaks, get, world } = office();
    world.set("a", "1");
    await get("a");
    await clock.step(MAX_AGE_MS / 2 + 1);
    breaks(new Error("throttled"));
    const asked = [ask("b"), ask("c")];
    const failed = await clock.until(Promise.allSettled(asked));
    assert.deepEqual(
      failed.map((one) => one.status),
      ["rejected", "rejected"],
    );
    assert.equal(await get("a"), "1");
  });

  it("is forgotten: the next one who asks is answered", async () => {
    const { breaks, get, world } = office();
    world.set("a", "1");
    breaks(new Error("throttled"));
    await assert.rejects(get("a"), /throttled/);
    breaks(undefined);
    assert.equal(await get("a"), "1");
  });
});

describe("a listing", () => {
  function list() {
    const clock = createFakeClock();
    const state = { value: 1, loads: 0, broken: false };
    const listing = createListing({
      clock,
      maxAgeMs: MAX_AGE_MS,
      async load() {
        state.loads += 1;
        const { broken, value } = state;
        await clock.sleep(10);
        if (broken) throw new Error("denied");
        return value;
      },
    });
    return { clock, state, listing, get: (fresh = false) => clock.until(listing.get(fresh)) };
  }

  it("is one for all who ask while it is young, also those who ask while it is under way", async () => {
    const { clock, get, listing, state } = list();
    assert.deepEqual(await clock.until(Promise.all([listing.get(false), listing.get(false)])), [1, 1]);
    state.value = 2;
    assert.equal(await get(), 1);
    assert.equal(state.loads, 1);
    await clock.step(MAX_AGE_MS);
    assert.equal(await get(), 2);
  });

  it("that is wanted fresh is read now, and the next ones have it too", async () => {
    const { get, state } = list();
    await get();
    state.value = 2;
    assert.deepEqual([await get(true), await get()], [2, 2]);
  });

  it("that several want fresh in the same instant is read once for them all", async () => {
    const { clock, listing, state } = list();
    const wanted = [listing.get(true), listing.get(true), listing.get(true)];
    assert.deepEqual(await clock.until(Promise.all(wanted)), [1, 1, 1]);
    assert.equal(state.loads, 1);
    // Once it is sent, its answer may be older than what the next one asks about.
    const first = listing.get(true);
    await clock.step(5);
    state.value = 2;
    assert.deepEqual(await clock.until(Promise.all([first, listing.get(true)])), [1, 2]);
  });

  it("that was forgotten is read again", async () => {
    const { get, listing, state } = list();
    await get();
    state.value = 2;
    listing.forget();
    assert.equal(await get(), 2);
  });

  it("that failed fails those who waited for it, and is tried again by the next", async () => {
    const { clock, get, listing, state } = list();
    state.broken = true;
    const both = await clock.until(Promise.allSettled([listing.get(false), listing.get(false)]));
    assert.deepEqual(
      both.map((one) => one.status),
      ["rejected", "rejected"],
    );
    state.broken = false;
    assert.equal(await get(), 1);
  });

  it("that fails late takes nothing from a younger one", async () => {
    const { clock, listing, state, get } = list();
    state.broken = true;
    const old = listing.get(false).catch(() => "failed");
    await clock.step(5);
    state.broken = false;
    const young = listing.get(true);
    assert.deepEqual(await clock.until(Promise.all([old, young])), ["failed", 1]);
    await get();
    assert.equal(state.loads, 2);
  });
});
