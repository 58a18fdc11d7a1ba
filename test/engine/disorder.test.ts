import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Key } from "../../src/core/resource.ts";
import { fault } from "./fake-cloud.ts";
import { createWorld, type ToyFile, type World } from "./world.ts";

type Trouble =
  | { do: "spoil" | "delete"; at: number }
  | { do: "edit"; file: number; steps: number; visibility: number }
  | { do: "break" | "remove"; file: number }
  | { do: "wait"; seconds: number }
  | { do: "faults"; share: number }
  | { do: "kill" };

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.record({ do: fc.constantFrom("spoil" as const, "delete" as const), at: fc.nat(1_000) }),
  fc.record({
    do: fc.constant("edit" as const),
    file: fc.nat(2),
    steps: fc.integer({ min: 1, max: 3 }),
    visibility: fc.constantFrom(300, 600),
  }),
  fc.record({ do: fc.constantFrom("break" as const, "remove" as const), file: fc.nat(2) }),
  fc.record({ do: fc.constant("wait" as const), seconds: fc.integer({ min: 0, max: 90 }) }),
  fc.record({ do: fc.constant("faults" as const), share: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ do: fc.constant("kill" as const) }),
);

const FILES = ["a.json", "b.json", "c.json"];
const STEPS = ["grey", "edge", "blur"];

test("whatever happens to files, account, calls and process, once it is quiet everything is as the files say", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(trouble, { maxLength: 12 }), async (troubles) => {
      const world = createWorld();
      const wanted = new Map<string, ToyFile>();
      let calls = 0;
      const edit = (file: string, content: ToyFile | string): void => {
        world.write(file, content);
        if (typeof content !== "string") wanted.set(file, content);
        world.engine.changed(file);
      };
      for (const file of FILES) edit(file, { onDelete: "delete" });
      await world.clock.until(world.engine.start());

      for (const one of troubles) {
        const keys = [...world.cloud.things.keys()].sort();
        if (one.do === "spoil" && keys.length > 0) spoil(world, keys[one.at % keys.length]!);
        if (one.do === "delete" && keys.length > 0) world.cloud.things.delete(keys[one.at % keys.length]!);
        if (one.do === "edit") {
          edit(FILES[one.file]!, { onDelete: "delete", steps: STEPS.slice(0, one.steps), visibility: one.visibility });
        }
        if (one.do === "break") world.write(FILES[one.file]!, "{ bad");
        if (one.do === "remove") {
          world.remove(FILES[one.file]!);
          wanted.delete(FILES[one.file]!);
          world.engine.changed(FILES[one.file]!);
        }
        if (one.do === "faults") {
          world.cloud.before = (call) => {
            if (++calls % 5 < one.share) throw fault("throttled", call.key);
          };
        }
        if (one.do === "kill") {
          world.crash();
          await world.clock.until(world.restart().start());
        }
        if (one.do === "wait") await world.clock.step(one.seconds * 1_000);
      }

      // Quiet: faults end, broken files are mended, and a person confirms what is missing.
      world.cloud.before = () => {};
      for (const file of FILES) if (!wanted.has(file)) world.remove(file);
      for (const [file, content] of wanted) edit(file, content);
      await world.clock.step(1_200_000);
      if (world.engine.status().brake !== undefined) {
        await world.clock.until(world.engine.stop());
        await world.clock.until(world.restart().prune());
        await world.clock.until(world.restart().start());
        await world.clock.step(1_200_000);
      }

      const expected = new Set<string>();
      for (const [file, content] of wanted) {
        const name = file.replace(".json", "");
        for (const key of [`bucket/${name}-in`, `bucket/${name}-out`, `notification/${name}`]) expected.add(key);
        for (const step of content.steps ?? ["grey"]) {
          expected.add(`queue/pw-${name}-${step}`);
          expected.add(`function/pw-${name}-${step}`);
        }
      }
      const there = [...world.cloud.things.keys()].filter((key) => /\/(pw-)?[abc](-|$)/.test(key));
      assert.deepEqual(there.sort(), [...expected].sort());
      for (const one of world.engine.status().workflows) {
        assert.equal(one.conditions.find((condition) => condition.type === "Ready")?.status, "True", one.name);
      }
      world.cloud.calls.length = 0;
      await world.clock.step(120_000);
      assert.deepEqual(world.cloud.writes(), []);
      await world.clock.until(world.engine.stop());
    }),
    { numRuns: 30 },
  );
});

function spoil(world: World, key: Key): void {
  const { fields } = world.cloud.thing(key);
  for (const name of Object.keys(fields)) fields[name] = "spoilt";
}
