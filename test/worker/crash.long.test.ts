/**
 * A worker that is gone at any instant. Its last call to S3 or SQS is either never sent or takes effect unanswered, and
 * nothing follows it: that is all that anybody else ever sees of a killed worker.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import type { HandleDeps } from "../../worker/handle-message.ts";
import { createFakeClock } from "../engine/fake-clock.ts";
import { openStage, type Stage, sh } from "./stage.ts";

/** By its content, a file is good, or fails at once, or fails each time. */
const COMMAND = sh('case $(cat "$1") in bad*) exit 65;; weak*) exit 3;; esac; tr a-z A-Z < "$1" > "$2"');

describe("a worker killed at any of its calls", () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage({ command: COMMAND, maxReceives: 2 });
  });
  after(() => stage.stop());

  /** Takes a message and dies at its call number `dies`; answers whether it came so far. */
  const workAndDie = async (dies: number, isSent: boolean): Promise<boolean> => {
    const message = await stage.receive();
    if (!message) return false;
    let calls = 0;
    const { promise: death, resolve: die } = Promise.withResolvers<true>();
    const mortal = (client: { send: unknown }) => ({
      send: async (...args: readonly unknown[]) => {
        calls += 1;
        const send = client.send as (...args: readonly unknown[]) => Promise<unknown>;
        if (calls < dies) return await send.call(client, ...args);
        if (calls === dies && isSent) await send.call(client, ...args).catch(() => undefined);
        die(true);
        return await new Promise(() => {});
      },
    });
    const deps = { s3: mortal(stage.sdk.s3), sqs: mortal(stage.sdk.sqs), clock: createFakeClock() };
    const working = stage.handle(message, {}, deps as unknown as Partial<HandleDeps>);
    return await Promise.race([death, working.then(() => false)]);
  };

  /** Others go on until the queue is empty. */
  const finish = async () => {
    for (let idle = 0; idle < 2; ) {
      idle = (await stage.work()) ? 0 : idle + 1;
      stage.pass(901);
    }
    assert.deepEqual(await stage.waiting(), [0, 0, 0]);
  };

  for (const isSent of [false, true]) {
    const how = isSent ? "whose last call still takes effect" : "before its last call is sent";
    const each = async (content: string, check: (key: string) => Promise<void>) => {
      for (let dies = 1; ; dies += 1) {
        const key = `${content} ${dies} ${isSent}`;
        await stage.upload(key, content);
        const hasDied = await workAndDie(dies, isSent);
        stage.pass(901);
        await finish();
        await check(key);
        if (!hasDied) return assert.ok(dies > 4, `all of ${dies - 1} calls were tried`);
      }
    };

    it(`${how}: the result is there, written once`, () =>
      each("good", async (key) => {
        assert.equal((await stage.writes())[`Result-grey-${key}`], 1, key);
        assert.deepEqual(await stage.deadLetters(), []);
      }));

    it(`${how}: a file that cannot be processed is in the dead letters with its reason`, () =>
      each("bad", async (key) => {
        const letters = await stage.deadLetters();
        assert.ok(letters.length >= 1 && letters.length <= 2, `${letters.length} letters`);
        for (const letter of letters) assert.deepEqual([letter.key, letter.reason], [key, "exit-code"]);
        assert.equal((await stage.writes())[`Result-grey-${key}`], undefined);
      }));
  }

  it("with duplicates, in any order, again and again: one result for each good file, a reason for each other", async () => {
    const file = fc.record({ content: fc.constantFrom("good", "bad", "weak"), copies: fc.integer({ min: 1, max: 3 }) });
    const crash = fc.record({ dies: fc.integer({ min: 1, max: 7 }), isSent: fc.boolean() });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { minLength: 1, maxLength: 4 }),
        fc.array(crash, { maxLength: 4 }),
        async (files, crashes) => {
          run += 1;
          const keyed = files.map((one, index) => ({ ...one, key: `${run}/${index}` }));
          for (const { key, content, copies } of keyed) {
            const message = await stage.upload(key, content);
            for (let copy = 1; copy < copies; copy += 1) await stage.send(message);
          }
          // At most one each: a file that is received twice in vain counts as one that kills its workers.
          for (const { dies, isSent } of crashes) await workAndDie(dies, isSent);
          stage.pass(901);
          await finish();
          const [writes, letters] = [await stage.writes(), await stage.deadLetters()];
          for (const { key, content } of keyed) {
            assert.equal(writes[`${run}/Result-grey-${key.split("/")[1]}`], content === "good" ? 1 : undefined, key);
            const reasons = new Set(letters.filter((letter) => letter.key === key).map(({ reason }) => reason));
            assert.deepEqual(reasons, new Set(content === "good" ? [] : ["exit-code"]), key);
          }
        },
      ),
      { numRuns: 8 },
    );
  });
});
