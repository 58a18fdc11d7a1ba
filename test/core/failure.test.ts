import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BACKOFF, backoffMs } from "../../src/core/backoff.ts";
import { allowingStatement, Failure, type FailureClass, Kept, mayRetry } from "../../src/core/failure.ts";

const failure = (of: FailureClass, resource?: string): Failure =>
  new Failure("no", { class: of, code: "Code", action: "sqs:CreateQueue", ...(resource ? { resource } : {}) });

describe("a failure", () => {
  for (const [of, retried] of [
    ["throttled", true],
    ["transient", true],
    ["conflict", true],
    ["denied", false],
    ["quota", false],
    ["invalid", false],
  ] as const) {
    it(`of class ${of} is ${retried ? "" : "not "}tried again by itself`, () => {
      assert.equal(failure(of).retry, retried);
      assert.equal(mayRetry(failure(of)), retried);
    });
  }

  it("that nobody knows is tried again: a daemon outlives its bugs", () => {
    assert.ok(mayRetry(new TypeError("undefined is not a function")));
    assert.ok(mayRetry("thrown text"));
    assert.ok(mayRetry(new Kept("3 objects")));
  });

  it("keeps its cause and AWS's own wish", () => {
    const cause = new Error("deep");
    const wrapped = new Failure("no", { class: "throttled", code: "C", action: "a:B", retryAfterMs: 7_000 }, cause);
    assert.equal(wrapped.cause, cause);
    assert.equal(wrapped.retryAfterMs, 7_000);
    assert.ok(!("cause" in failure("denied")));
  });

  it("for want of a permission is told with the statement that would allow it", () => {
    assert.deepEqual(JSON.parse(allowingStatement(failure("denied", "arn:aws:sqs:us-east-1:1:pw-a"))), {
      Effect: "Allow",
      Action: "sqs:CreateQueue",
      Resource: "arn:aws:sqs:us-east-1:1:pw-a",
    });
    assert.equal(JSON.parse(allowingStatement(failure("denied"))).Resource, "*");
    const both = allowingStatement(failure("denied", "arn:b"), failure("denied", "arn:a"), failure("denied", "arn:b"));
    assert.deepEqual(JSON.parse(both).Resource, ["arn:a", "arn:b"]);
    assert.equal(JSON.parse(allowingStatement(failure("denied", "arn:b"), failure("denied"))).Resource, "*");
  });
});

describe("backoff", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const attempt = fc.integer({ min: 1, max: 10_000 });

  it("is a whole number of milliseconds between one and the doubled bound, however often it failed", () => {
    fc.assert(
      fc.property(attempt, random, (times, drawn) => {
        const ms = backoffMs(times, drawn);
        const bound = Math.min(BACKOFF.mostMs, BACKOFF.firstMs * 2 ** Math.min(times - 1, 40));
        assert.ok(Number.isInteger(ms) && ms >= 1 && ms <= bound, `${ms} of ${bound}`);
      }),
    );
  });

  it("is drawn from the whole of the bound: full jitter", () => {
    assert.equal(backoffMs(1, 0), 1);
    assert.equal(backoffMs(1, 0.5), 500);
    assert.equal(backoffMs(4, 0.5), 4_000);
    assert.ok(backoffMs(5, 0.999_999) > 15_900);
    assert.equal(backoffMs(50, 0.5), 150_000);
  });

  it("grows with the attempts and with what was drawn", () => {
    fc.assert(
      fc.property(attempt, random, random, (times, one, other) => {
        assert.ok(backoffMs(times, one) <= backoffMs(times + 1, one));
        if (one <= other) assert.ok(backoffMs(times, one) <= backoffMs(times, other));
      }),
    );
  });

  it("keeps to other bounds where they are given", () => {
    assert.equal(backoffMs(9, 0.999_999, { firstMs: 10, mostMs: 50 }), 50);
  });
});
