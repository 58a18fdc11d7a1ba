import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { brief, briefChange, ignores, needlessEntries, WAIT_MS } from "../../src/core/plan.ts";
import { ref } from "../../src/core/refs.ts";
import type { Claim, Desired, Observed } from "../../src/core/resource.ts";
import { desired, done, planOf, planOne } from "./planning.ts";

const OBSERVATIONS = {
  absent: { is: "absent" },
  settling: { is: "settling", retryMs: 700 },
  "foreign, as wanted": { is: "foreign", actual: { delay: 5 } },
  "foreign, other": { is: "foreign", actual: { delay: 1 } },
  "owned, as wanted": { is: "owned", actual: { delay: 5 } },
  "owned, other": { is: "owned", actual: { delay: 1 } },
} as const satisfies Record<string, Observed>;

/** What each claim makes of each observation; a dash is nothing to do. */
const EXPECTED: Record<Claim, Record<keyof typeof OBSERVATIONS, string>> = {
  own: {
    absent: "create",
    settling: "wait",
    "foreign, as wanted": "refuse Foreign, blocks",
    "foreign, other": "refuse Foreign, blocks",
    "owned, as wanted": "-",
    "owned, other": "update",
  },
  use: {
    absent: "create",
    settling: "wait",
    "foreign, as wanted": "-",
    "foreign, other": "-",
    "owned, as wanted": "-",
    "owned, other": "update",
  },
  verify: {
    absent: "create",
    settling: "wait",
    "foreign, as wanted": "-",
    "foreign, other": "refuse RoleIncomplete",
    "owned, as wanted": "-",
    "owned, other": "update",
  },
  adopt: {
    absent: "create",
    settling: "wait",
    "foreign, as wanted": "-",
    "foreign, other": "update",
    "owned, as wanted": "-",
    "owned, other": "update",
  },
};

describe("a plan", () => {
  for (const [claim, row] of Object.entries(EXPECTED) as [Claim, (typeof EXPECTED)["own"]][]) {
    for (const [name, expected] of Object.entries(row)) {
      it(`of what is claimed as "${claim}" and observed as ${name} is: ${expected}`, () => {
        const steps = planOne(claim, OBSERVATIONS[name as keyof typeof OBSERVATIONS]);
        const words = steps.map((step) =>
          step.do === "refuse" ? `refuse ${step.reason}${step.blocks ? ", blocks" : ""}` : step.do,
        );
        assert.deepEqual(words, expected === "-" ? [] : [expected]);
      });
    }
  }

  it("of an update says field by field what is wanted and what is there", () => {
    const [step] = planOne("own", { is: "owned", actual: { delay: 1, others: "stay" } }, { delay: 5, wait: 20 });
    assert.ok(step?.do === "update");
    assert.deepEqual(step.changes, [
      { path: "delay", want: 5, have: 1 },
      { path: "wait", want: 20, have: null },
    ]);
  });

  it("waits for what settles as long as the kind asks, whoever claims it", () => {
    for (const claim of ["own", "use", "verify", "adopt"] as const) {
      assert.deepEqual(planOne(claim, OBSERVATIONS.settling), [
        { key: "queue/pw-a", do: "wait", on: "queue/pw-a", retryMs: 700 },
      ]);
    }
  });

  it("refuses what cannot be made and is not there, and says what to do", () => {
    const [step] = planOf([desired("key-pair/mine", {}, { claim: "verify" })], { "key-pair/mine": { is: "absent" } });
    assert.ok(step?.do === "refuse" && step.reason === "NotFound" && step.blocks);
    assert.match(step.why, /key-pair\/mine does not exist; create it, or name another/);
  });

  it("refuses what bears our name without our tag, and says how to take it over", () => {
    const [step] = planOne("own", OBSERVATIONS["foreign, other"]);
    assert.ok(step?.do === "refuse");
    assert.match(step.why, /queue\/pw-a .*"adopt": \["queue\/pw-a"\].*another name/);
  });

  it("names what a thing made by hand lacks; our tags are not expected on it", () => {
    const spec = { delay: 5, "tags.pipewright:owner": "default" };
    const [step] = planOne("verify", { is: "foreign", actual: { delay: 1 } }, spec);
    assert.ok(step?.do === "refuse" && !step.blocks);
    assert.match(step.why, /delay is 1, wanted 5/);
    assert.doesNotMatch(step.why, /tags/);
    assert.deepEqual(planOne("verify", { is: "foreign", actual: { delay: 5 } }, spec), []);
  });

  it("sends a person whose role is incomplete to the command that completes it", () => {
    const key = "role/lambda_exec_role";
    const want = [desired(key, { inline: "x" }, { claim: "verify" })];
    const [step] = planOf(want, { [key]: { is: "foreign", actual: {} } });
    assert.ok(step?.do === "refuse" && step.reason === "RoleIncomplete");
    assert.match(step.why, /pipewright create-lambda-exec-role/);
  });

  it("never replaces: what AWS cannot change in place is refused, also where other fields could be changed", () => {
    for (const claim of ["own", "use", "verify", "adopt"] as const) {
      const [step, ...more] = planOne(
        claim,
        { is: "owned", actual: { delay: 1, fixed: "b" } },
        { delay: 5, fixed: "a" },
      );
      assert.deepEqual(more, []);
      assert.ok(step?.do === "refuse" && step.reason === "CannotChangeInPlace" && step.blocks, claim);
      assert.match(step.why, /fixed is b, wanted a.*use another name/);
    }
  });

  it("throws on what was never read: that is a bug, and no reason to create it", () => {
    assert.throws(() => planOf([desired("queue/pw-a")], {}), /queue\/pw-a/);
    assert.throws(() => planOf([desired("zebra/a")], { "zebra/a": { is: "absent" } }), /zebra/);
  });

  it("lists what is needed before what needs it", () => {
    const steps = planOf(
      [desired("function/f", {}, { needs: ["role/r", "queue/q"] }), desired("queue/q"), desired("role/r")],
      { "function/f": { is: "absent" }, "queue/q": { is: "absent" }, "role/r": { is: "absent" } },
    );
    assert.deepEqual(done(steps), ["create role/r", "create queue/q", "create function/f"]);
  });
});

describe("a reference", () => {
  const want = [desired("function/f", { role: ref("role/r", "arn"), nested: { list: [ref("role/r", "id")] } })];

  it("is waited for while its target is absent, settles or lacks the value", () => {
    for (const target of [
      { is: "absent" },
      { is: "settling", retryMs: 1 },
      { is: "owned", actual: { arn: "arn:r" } },
    ] as const) {
      assert.deepEqual(planOf(want, { "function/f": { is: "absent" }, "role/r": target }), [
        { key: "function/f", do: "wait", on: "role/r", retryMs: WAIT_MS },
      ]);
    }
    assert.deepEqual(done(planOf(want, { "function/f": { is: "absent" } })), ["wait function/f"]);
  });

  it("is replaced by what was read, also of a thing that is not ours", () => {
    for (const is of ["owned", "foreign"] as const) {
      const [step] = planOf(want, {
        "function/f": { is: "absent" },
        "role/r": { is, actual: { arn: "arn:r", id: "A1" } },
      });
      assert.ok(step?.do === "create");
      assert.deepEqual(step.spec, { role: "arn:r", nested: { list: ["A1"] } });
    }
  });

  it("is not waited for by what is refused anyway", () => {
    const [step] = planOf(want, { "function/f": { is: "foreign", actual: {} }, "role/r": { is: "absent" } });
    assert.ok(step?.do === "refuse" && step.reason === "Foreign");
  });
});

describe("adoption", () => {
  const tags = { "pipewright:owner": "default", "pipewright:adopted": "true" };

  it("is never taken from another Pipewright, which would take it back", () => {
    const actual = { tags: { "pipewright:owner": "lab-two" } };
    for (const claim of ["adopt", "own"] as const) {
      const [step] = planOne(claim, { is: "foreign", actual });
      assert.ok(step?.do === "refuse" && step.blocks && step.reason === "Foreign");
      assert.match(step.why, /owner setting is "lab-two".*PIPEWRIGHT_OWNER/);
    }
  });

  it("marks what was there without our tag", () => {
    const [step] = planOne("adopt", { is: "foreign", actual: { tags: {} } }, { tags });
    assert.ok(step?.do === "update");
    assert.deepEqual(step.spec, { tags });
  });

  it("does not mark what we make, nor what is ours already: that is ours whole", () => {
    const ours = { "pipewright:owner": "default" };
    const [created] = planOne("adopt", { is: "absent" }, { tags });
    assert.ok(created?.do === "create");
    assert.deepEqual(created.spec, { tags: ours });
    assert.deepEqual(planOne("adopt", { is: "owned", actual: { tags: ours } }, { tags }), []);
  });

  it("stays on what was adopted once", () => {
    assert.deepEqual(planOne("adopt", { is: "owned", actual: { tags } }, { tags }), []);
  });
});

describe("an ignored field", () => {
  const differs = { is: "owned", actual: { delay: 1, wait: 1 } } as const;

  it("is not compared; the others of the same thing are", () => {
    const [step] = planOne("own", differs, { delay: 5, wait: 20 }, { ignore: ["queue/*:delay"] });
    assert.ok(step?.do === "update");
    assert.deepEqual(
      step.changes.map((change) => change.path),
      ["wait"],
    );
  });

  it("makes a thing in sync where nothing else differs, and refuses nothing that cannot be changed", () => {
    const ignore = ["queue/pw-*:delay", "queue/pw-a:fixed"];
    assert.deepEqual(planOne("own", differs, { delay: 5, fixed: "a" }, { ignore }), []);
  });

  for (const [entry, path, matches] of [
    ["queue/*:delay", "delay", true],
    ["queue/pw-a:delay", "delay", true],
    ["queue/pw-?:delay", "delay", false],
    ["queue/pw-b:delay", "delay", false],
    ["queue/pw:delay", "delay", false],
    ["bucket/*:delay", "delay", false],
    ["queue/*:redrive", "redrive.maxReceives", true],
    ["queue/*:redrive.maxReceives", "redrive", false],
    ["queue/*:del", "delay", false],
    ["queue/*:tags.pipewright:owner", "tags.pipewright:owner", true],
    ["queue/p.-a:delay", "delay", false],
    ["queue/*", "delay", false],
    ["delay", "delay", false],
    ["delay:queue/*", "delay", false],
    ["", "delay", false],
  ] as const) {
    it(`is${matches ? "" : " not"} meant by "${entry}" for ${path} of queue/pw-a`, () => {
      assert.equal(ignores(entry, "queue/pw-a", path), matches);
    });
  }

  it("may belong to a name with slashes and with characters that a pattern would read otherwise", () => {
    assert.ok(ignores("log-group//aws/lambda/*:retentionDays", "log-group//aws/lambda/pw-a", "retentionDays"));
    fc.assert(
      fc.property(fc.stringMatching(/^[\w.+$^()[\]|/-]{1,20}$/), (name) => {
        assert.ok(ignores(`queue/${name}:delay`, `queue/${name}`, "delay"));
        assert.ok(!ignores(`queue/${name}:delay`, `queue/${name}x`, "delay"));
      }),
    );
  });
});

describe("a field that was just written", () => {
  it("is not judged before AWS can answer the new value, nor is what lies below it", () => {
    const settling = new Map([["queue/pw-a", ["delay", "redrive"]]] as const);
    const actual = { delay: 1, "redrive.maxReceives": 1 };
    assert.deepEqual(planOne("own", { is: "owned", actual }, { delay: 5, "redrive.maxReceives": 3 }, { settling }), []);
  });

  it("of one thing says nothing of another thing", () => {
    const settling = new Map([["queue/pw-b", ["delay"]]] as const);
    assert.deepEqual(done(planOne("own", { is: "owned", actual: { delay: 1 } }, { delay: 5 }, { settling })), [
      "update queue/pw-a",
    ]);
  });
});

describe("a value in one line", () => {
  it("is the text itself, JSON, or the word for nothing, and never longer than asked", () => {
    assert.equal(brief("text"), "text");
    assert.equal(brief({ a: [1] }), '{"a":[1]}');
    assert.equal(brief(null), "unset");
    assert.equal(brief(undefined), "unset");
    assert.equal(brief("x".repeat(200)).length, 80);
    assert.ok(brief("x".repeat(200)).endsWith("…"));
    assert.equal(brief('{\n  "a": 1\n}'), '{ "a": 1 }');
  });

  it("shows of long texts where they begin to differ", () => {
    assert.equal(briefChange({ have: 3, want: 60 }), "3 → 60");
    assert.equal(briefChange({ have: undefined, want: "text" }), "unset → text");
    const body = (minutes: number) => `${"x".repeat(200)} "timeoutMinutes": ${minutes}, ${"y".repeat(200)}`;
    const shown = briefChange({ have: body(60), want: body(7) });
    assert.match(shown, /^….*"timeoutMinutes": 60, y+… → ….*"timeoutMinutes": 7, y+…$/);
    assert.ok(shown.length < 170, shown);
  });
});

it("an ignored field that no resource has is found, whatever of it is misspelt", () => {
  const spec = { visibilityTimeoutSeconds: 1, tags: {} };
  const queues: Desired[] = [{ key: "queue/pw-a", spec, needs: [], claim: "own" }];
  const good = ["queue/*:visibilityTimeoutSeconds", "queue/pw-a:tags.team"];
  const bad = ["queue/*:visibilityTimeout", "queue/pw-b:tags", "ques/*:tags"];
  assert.deepEqual(needlessEntries([...good, ...bad], queues), bad);
});
