/** The contract of every kind that is created, kept and deleted: one suite, each kind, each backend. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { covers } from "../../src/core/compare.ts";
import { TAG } from "../../src/core/owner.ts";
import { ignores, type Step } from "../../src/core/plan.ts";
import type { Backend } from "../support/backend.ts";
import type { Call } from "../support/product.ts";
import type { Case, Others, Stage, Tamper } from "./case.ts";
import { namesOf, standsOnce } from "./checks.ts";
import { leavesOf } from "./fields.ts";
import { misfortunes } from "./misfortunes.ts";
import { type Keeper, openTheatre, type Theatre } from "./stage.ts";
import { FORGOTTEN_TAG } from "./tags.ts";

/** More writes than any kind needs for one thing. */
const MOST_WRITES = 40;

export function contract<S>(backend: Backend, one: Case<S>): void {
  /** A resource of its own for each test. */
  const trying =
    (test: (theatre: Theatre<S>, context: TestContext) => Promise<void>, change?: (spec: S) => S) =>
    async (context: TestContext) => {
      const theatre = await openTheatre(backend, one, change);
      try {
        await test(theatre, context);
      } finally {
        await theatre.close();
      }
    };

  const skipped = one.skip?.(backend) ?? {};
  const possible = (others: readonly Others[]) => others.filter((other) => other.skip?.(backend) === undefined);
  const writtenAlong = new Set([...Object.keys(one.writtenAlong ?? {}), FORGOTTEN_TAG]);
  const others = skipped.others === undefined ? possible(one.others ?? []) : [];

  describe(`a ${one.kind} on ${backend.name}`, () => {
    it("has a test for each of its owned fields", async () => {
      const { keeper, close } = await openTheatre(backend, one);
      const leaves = leavesOf(keeper().kind.schema);
      await close();
      const tried = new Set([...one.tampers.map((tamper) => tamper.field), ...Object.keys(one.writtenAtBirth ?? {})]);
      assert.deepEqual([...tried].sort(), leaves.sort());
    });

    it(
      "is created with its tags, seen as ours, and then left alone",
      trying(async ({ stage, keeper }) => {
        assert.equal((await keeper().read()).is, "absent");
        await keeper().converge();

        for (const how of ["fresh", "batched"] as const) {
          const again = keeper();
          assert.equal((await again.read(how)).is, "owned");
          assert.deepEqual(await again.plan(how), []);
        }
        const second = keeper();
        assert.deepEqual(await second.converge(), []);
        assert.deepEqual(second.product.writes, []);
        await isThereOnce(keeper(), stage);
      }),
    );

    describe(`changed behind our back${others.map(({ what }) => `, with ${what} of someone else's on it`).join("")}`, () => {
      for (const tamper of one.tampers) {
        it(
          `${tamper.what ?? tamper.field}: is seen and repaired, and nothing else is written`,
          trying(async ({ stage, keeper }, context) => {
            const skip = notHere(tamper, stage);
            if (skip !== undefined) return context.skip(skip);
            await keeper().converge();
            for (const other of others) await other.put(stage);

            await tamper.change(stage);
            for (const how of ["fresh", "batched"] as const) {
              const steps = await keeper().plan(how);
              assert.deepEqual(pathsIn(steps), [...pathsOf(tamper, stage)].sort(), `read ${how}`);
            }
            const repairing = keeper();
            const steps = await repairing.converge();
            assert.deepEqual([...new Set(steps.map((step) => step.do))], ["update"]);
            await namesOnlyIt(repairing.product.writes, stage);
            assert.deepEqual(await keeper().plan("batched"), []);
            await isThereOnce(keeper(), stage);
            await allStand(others, stage, "after the repair");
          }),
        );
      }
    });

    for (const half of [0, 1] as const) {
      it(
        `keeps the values of fields that are ignored while the ${half === 0 ? "second" : "first"} of each two is repaired`,
        { skip: skipped["ignored fields"] ?? false },
        trying(async ({ stage, keeper }, context) => {
          await keeper().converge();
          for (const tamper of apart(one.tampers, stage)) await tamper.change(stage);
          // A change behind our back may undo an earlier one, since it writes the whole.
          const all = pathsIn(await keeper().plan());
          const left = all.filter((path, index) => index % 2 === half && !writtenAlong.has(path));
          if (left.length === all.length || left.length === 0) return context.skip("there are no two to tell apart");

          await keeper({ ignore: left.map((path) => `${stage.key}:${path}`) }).converge();
          assert.deepEqual(pathsIn(await keeper().plan()), left);
        }),
      );
    }

    it(
      "comes back when it was deleted behind our back, and there is one of it",
      trying(async ({ stage, keeper }) => {
        await keeper().converge();
        await one.remove(stage);
        for (const how of ["fresh", "batched"] as const) assert.equal((await keeper().read(how)).is, "absent");

        const steps = await keeper().converge();
        assert.equal(steps[0]?.do, "create");
        await isThereOnce(keeper(), stage);
      }),
    );

    describe("survives a crash after every write", () => {
      it(
        "of its creation",
        { skip: skipped["crash of its creation"] ?? false },
        crashingAtEach(async ({ keeper }, crashing) => {
          await crashing.converge();
          return keeper();
        }),
      );

      it(
        "of its repair",
        { skip: skipped["crash of its repair"] ?? false },
        crashingAtEach(
          async (theatre, crashing) => {
            await crashing.converge();
            return theatre.keeper();
          },
          async ({ stage, keeper }) => {
            await keeper().converge();
            for (const tamper of one.damage ?? one.tampers) {
              if (notHere(tamper, stage) === undefined) await tamper.change(stage);
            }
          },
        ),
      );

      it("of its deletion", async () => {
        for (let writesAllowed = 0; ; writesAllowed++) {
          assert.ok(writesAllowed < MOST_WRITES, "its deletion never ends");
          const theatre = await openTheatre(backend, one);
          const { stage, keeper } = theatre;
          await keeper().converge();
          const crashing = keeper({ writesAllowed });
          await untilCrash(crashing, () => crashing.delete());
          await keeper().delete();
          await isGone(keeper());
          if (one.copies) assert.equal(await one.copies(stage), 0);
          await theatre.close();
          if (!crashing.product.crashed) break;
        }
      });
    });

    it(
      "is not touched where it is someone else's",
      trying(async ({ stage, keeper }, context) => {
        if (typeof one.foreign !== "function") return context.skip(one.foreign.none);
        await one.foreign(stage);
        const watching = keeper();
        for (const how of ["fresh", "batched"] as const) assert.equal((await watching.read(how)).is, "foreign");

        const steps = await watching.plan();
        assert.deepEqual(
          steps.map((step) => [step.do, "reason" in step && step.reason]),
          [["refuse", "Foreign"]],
        );
        assert.deepEqual(await watching.listed(), []);
        assert.deepEqual(watching.product.writes, []);
      }),
    );

    it(
      "is not touched where it is someone else's and is only used, or verified",
      trying(async ({ stage, keeper }, context) => {
        if (typeof one.foreign !== "function") return context.skip(one.foreign.none);
        await one.foreign(stage);
        for (const claim of ["use", "verify"] as const) {
          const steps = await keeper({ claim }).plan();
          assert.deepEqual(
            steps.filter((step) => step.do !== "refuse"),
            [],
            claim,
          );
        }
      }),
    );

    it(
      "is not overwritten by a creation that comes too late",
      trying(async ({ stage, keeper, spec }, context) => {
        if (typeof one.foreign !== "function") return context.skip(one.foreign.none);
        const reason = one.createOverwrites ?? skipped["late creation"];
        if (reason !== undefined) return context.skip(reason);
        await one.foreign(stage);
        const late = keeper();
        const before = JSON.stringify(await late.read());
        await late.kind.create!(stage.name, spec, late.product.pass());
        assert.equal(JSON.stringify(await keeper().read()), before);
      }),
    );

    it(
      "is taken over when it is adopted, and keeps what its maker put on it",
      trying(async ({ stage, keeper }, context) => {
        const adopted = one.adopted ?? { keeps: [] };
        if ("none" in adopted) return context.skip(adopted.none);
        if (typeof one.foreign !== "function") return context.skip(one.foreign.none);
        if (skipped.adoption !== undefined) return context.skip(skipped.adoption);
        const theirs = [...others, ...possible(adopted.keeps)];
        await one.foreign(stage);
        for (const other of theirs) await other.put(stage);

        const steps = await keeper({ claim: "adopt" }).converge();
        assert.ok(steps.every((step) => step.do === "update"));
        assert.deepEqual(await keeper({ claim: "adopt" }).plan("batched"), []);
        await allStand(theirs, stage, "after it was adopted");
        assert.deepEqual(
          (await keeper().listed()).map((row) => row.adopted),
          [true],
        );
      }, withAdoptedTag),
    );

    it(
      "is deleted, is gone, and can be deleted again",
      trying(async ({ stage, keeper }) => {
        await keeper().converge();
        const survivors = one.outlivedByOthers ? others : [];
        for (const other of survivors) await other.put(stage);
        const actual = await keeper().delete();
        await isGone(keeper());
        await keeper().delete(actual);
        await isGone(keeper());
        await allStand(survivors, stage, "after it was deleted");
        if (one.copies) assert.equal(await one.copies(stage), 0);
        if (one.listedAs === undefined) assert.deepEqual(await keeper().listed(), []);
      }),
    );

    misfortunes(backend, one);
  });

  /** Tries with no write allowed, with one, with two … until none is missing; each time a new instance must finish the work. */
  function crashingAtEach(
    act: (theatre: Theatre<S>, crashing: Keeper) => Promise<Keeper>,
    start: (theatre: Theatre<S>) => Promise<void> = async () => {},
  ) {
    return async () => {
      for (let writesAllowed = 0; ; writesAllowed++) {
        assert.ok(writesAllowed < MOST_WRITES, "it never ends");
        const theatre = await openTheatre(backend, one);
        const { stage, keeper } = theatre;
        await start(theatre);
        const crashing = keeper({ writesAllowed });
        await untilCrash(crashing, () => act(theatre, crashing));

        await keeper().converge();
        assert.equal((await keeper().read("batched")).is, "owned");
        assert.deepEqual(await keeper().plan("batched"), []);
        await isThereOnce(keeper(), stage);
        await theatre.close();
        if (!crashing.product.crashed) break;
      }
    };
  }

  /** Of the tamperings that can be tried here those of which none concerns what another one does. */
  function apart(tampers: readonly Tamper[], stage: Stage): Tamper[] {
    const chosen: Tamper[] = [];
    const taken: string[] = [];
    for (const tamper of tampers) {
      const paths = pathsOf(tamper, stage);
      const meets = paths.some((path) => taken.some((other) => covers(path, other) || covers(other, path)));
      if (meets || tamper.alone || notHere(tamper, stage) !== undefined) continue;
      chosen.push(tamper);
      taken.push(...paths);
    }
    return chosen;
  }

  const isThereOnce = (keeper: Keeper, stage: Stage) => standsOnce(one, keeper, stage);

  async function isGone(keeper: Keeper): Promise<void> {
    assert.equal((await keeper.read()).is, "absent");
  }

  async function namesOnlyIt(writes: readonly Call[], stage: Stage): Promise<void> {
    assert.ok(writes.length > 0, "nothing was written");
    const names = await namesOf(one, stage);
    const strangers = writes.filter(({ input }) => !names.some((name) => JSON.stringify(input).includes(name)));
    assert.deepEqual(strangers, []);
  }

  const notHere = (tamper: Tamper, stage: Stage) => tamper.skip?.(backend) ?? ignoredHere(tamper, stage);

  /** All that it would show is exempted on this backend. */
  function ignoredHere(tamper: Tamper, stage: Stage): string | undefined {
    const seen = declaredPaths(tamper, stage).filter((path) => !isIgnored(path, stage));
    return seen.length > 0 ? undefined : backend.lies.find(({ entry }) => ignores(entry, stage.key, tamper.field))?.why;
  }

  const pathsOf = (tamper: Tamper, stage: Stage) =>
    declaredPaths(tamper, stage).filter((path) => !isIgnored(path, stage));

  const isIgnored = (path: string, stage: Stage) => backend.ignore.some((entry) => ignores(entry, stage.key, path));
}

const declaredPaths = ({ paths, field }: Tamper, stage: Stage): readonly string[] =>
  typeof paths === "function" ? paths(stage) : (paths ?? [field]);

const pathsIn = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) => (step.do === "update" ? step.changes.map((change) => change.path) : [step.do])).sort();

const withAdoptedTag = <S>(spec: S): S => {
  const { tags } = spec as { tags?: object };
  return tags ? { ...spec, tags: { ...tags, [TAG.adopted]: "true" } } : spec;
};

async function allStand(others: readonly Others[], stage: Stage, when: string): Promise<void> {
  for (const other of others) assert.ok(await other.stands(stage), `${other.what} is gone ${when}`);
}

/** Works until it is done or has crashed; what was on its way when it crashed still arrives. */
async function untilCrash(crashing: Keeper, act: () => Promise<unknown>): Promise<void> {
  await act().catch((error: unknown) => {
    if (!crashing.product.crashed) throw error;
  });
  await crashing.product.quiet();
}
