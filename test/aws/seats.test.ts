import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeats } from "../../src/aws/seats.ts";
import { createFakeClock } from "../engine/fake-clock.ts";

const MAX_AGE_MS = 25_000;
/** Longer than answers may be old, as with a thousand workflows. */
const ROUND_MS = 134_000;

function seatsOf(count: number) {
  const clock = createFakeClock();
  const asked: (readonly string[])[] = [];
  const seats = createSeats<string>({
    clock,
    seats: count,
    maxAgeMs: MAX_AGE_MS,
    async load(keys) {
      asked.push(keys);
      return new Map(
        keys.filter((key) => !key.startsWith("no-")).map((key) => [key, `${key} at ${clock.monotonic()}`]),
      );
    },
  });
  const get = async (key: string, fresh = false) => {
    const answer = seats.get(key, fresh);
    await clock.step(1);
    return answer;
  };
  return { clock, asked, seats, get };
}

describe("coalesced reads of many workflows", () => {
  it("look at every key once a round, in few calls, however long the round is", async () => {
    const { asked, clock, get } = seatsOf(10);
    const keys = Array.from({ length: 100 }, (_, at) => `key-${at}`);
    for (let round = 0; round < 3; round++) {
      asked.splice(0);
      for (const key of keys) {
        const askedAt = clock.monotonic();
        const answer = await get(key);
        const ageMs = askedAt - Number(answer?.split(" at ")[1]);
        assert.ok(ageMs <= MAX_AGE_MS, `${key} was answered by what was read ${ageMs} ms before`);
        await clock.step(ROUND_MS / keys.length);
      }
      if (round > 0) assert.ok(asked.length <= 11, `${asked.length} calls of 10 seats for 100 keys`);
    }
  });
});
