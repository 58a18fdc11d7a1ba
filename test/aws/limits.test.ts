import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createLimiter, SHARE, UNLIMITED } from "../../src/aws/limits.ts";
import { createFakeClock } from "../engine/fake-clock.ts";

/** What AWS publishes, operation by operation: burst and steady rate per second. An own list, so that the two can disagree. */
const PUBLISHED: Readonly<Record<string, readonly [burst: number, perSecond: number]>> = {
  "lambda:GetFunction": [100, 100],
  "lambda:GetPolicy": [15, 15],
  "lambda:CreateFunction": [15, 15],
  "ecs:DescribeClusters": [50, 20],
  "ecs:CreateCluster": [20, 1],
  "ecs:DescribeTaskDefinition": [50, 20],
  "ecs:RegisterTaskDefinition": [20, 1],
  "ecs:DeleteTaskDefinitions": [5, 1],
  "ecs:ListTagsForResource": [50, 20],
  "ecs:TagResource": [20, 10],
  "ec2:DescribeSecurityGroups": [50, 10],
  "ec2:DescribeSubnets": [100, 20],
  "ec2:CreateSecurityGroup": [50, 5],
  "ec2:AuthorizeSecurityGroupIngress": [50, 5],
  "ec2:CreateLaunchTemplateVersion": [100, 5],
  "ec2:ModifyLaunchTemplate": [100, 5],
  "ec2:CreateTags": [100, 10],
  "ec2:RunInstances": [5, 2],
  "cloudwatch:DescribeAlarms": [9, 9],
  "cloudwatch:PutMetricAlarm": [3, 3],
  "cloudwatch:DeleteAlarms": [3, 3],
  "cloudwatch:ListTagsForResource": [10, 10],
  "cloudwatch:TagResource": [20, 20],
  "logs:DescribeLogGroups": [10, 10],
  "logs:CreateLogGroup": [10, 10],
  "logs:DeleteLogGroup": [10, 10],
  "logs:PutRetentionPolicy": [5, 5],
  "logs:ListTagsForResource": [5, 5],
  "logs:TagResource": [5, 5],
  "tagging:GetResources": [15, 15],
  "tagging:TagResources": [5, 5],
  "iam:GetRole": [15, 15],
};

/** Operations that draw on one quota together. */
const SHARED: readonly (readonly string[])[] = [
  ["lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:ListTags", "lambda:AddPermission"],
  ["ecs:CreateCluster", "ecs:DeleteCluster"],
  ["ecs:DescribeClusters", "ecs:ListClusters"],
  ["ecs:RegisterTaskDefinition", "ecs:DeregisterTaskDefinition"],
  ["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"],
  ["ecs:TagResource", "ecs:UntagResource"],
];

/** Operations that have a quota each, although they look alike. */
const APART: readonly (readonly [string, string])[] = [
  ["lambda:GetFunction", "lambda:GetPolicy"],
  ["lambda:GetPolicy", "lambda:CreateFunction"],
  ["ec2:DescribeSubnets", "ec2:DescribeVpcs"],
  ["ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup"],
  ["logs:DescribeLogGroups", "logs:CreateLogGroup"],
  ["logs:TagResource", "logs:PutRetentionPolicy"],
  ["iam:GetRole", "iam:ListRolePolicies"],
  ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"],
];

/** A limiter whose calls are let through on a clock that is stepped. */
function station() {
  const clock = createFakeClock();
  const limiter = createLimiter(clock);
  /** Times at which calls were let through, milliseconds. */
  const sent: number[] = [];
  const ask = (call: string, signal?: AbortSignal): Promise<void> => {
    const [service = "", operation = ""] = call.split(":");
    return limiter.take(service, operation, signal).then(() => void sent.push(clock.monotonic()));
  };
  /** How many of so many calls, asked for at once, go out without waiting. */
  const atOnce = async (calls: readonly string[]): Promise<number> => {
    for (const call of calls) void ask(call);
    await clock.step(0);
    return sent.length;
  };
  return { clock, sent, ask, atOnce };
}

describe("a published quota", () => {
  for (const [call, [burst, perSecond]] of Object.entries(PUBLISHED)) {
    it(`of ${call} is drawn to half its burst at once and to half its rate after that, no more and no less`, async () => {
      const { clock, sent, atOnce } = station();
      const seconds = 4;
      const immediate = await atOnce(Array.from({ length: burst + perSecond * seconds }, () => call));
      assert.equal(immediate, Math.floor(burst * SHARE));
      // From here on one call goes out every so often.
      await clock.step(seconds * 1_000);
      const steady = sent.length - immediate;
      const most = perSecond * SHARE * seconds + (burst * SHARE - immediate);
      assert.ok(steady <= most && steady >= Math.floor(most) - 1, `${steady} of ${most}`);
    });
  }

  for (const together of SHARED) {
    it(`is one for ${together.join(" and ")}`, async () => {
      const [burst] = PUBLISHED[together[0]!]!;
      const calls = together.flatMap((call) => Array.from({ length: burst }, () => call));
      assert.equal(await station().atOnce(calls), Math.floor(burst * SHARE));
    });
  }

  for (const [one, other] of APART) {
    it(`of ${one} is not used up by ${other}`, async () => {
      const { clock, ask, atOnce, sent } = station();
      await atOnce(Array.from({ length: 200 }, () => one));
      const before = sent.length;
      void ask(other);
      await clock.step(0);
      assert.equal(sent.length, before + 1);
    });
  }

  it("is never overdrawn in any stretch of time, however the calls come", async () => {
    const arrivals = fc.array(fc.record({ afterMs: fc.nat(1_500), calls: fc.integer({ min: 1, max: 30 }) }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(PUBLISHED)), arrivals, async (call, list) => {
        const [burst, perSecond] = PUBLISHED[call]!;
        const { clock, sent, ask } = station();
        const all: Promise<void>[] = [];
        for (const { afterMs, calls } of list) {
          await clock.step(afterMs);
          for (let n = 0; n < calls; n++) all.push(ask(call));
        }
        await clock.until(Promise.all(all));
        for (let from = 0; from < sent.length; from++) {
          for (let to = from; to < sent.length; to++) {
            const seconds = (sent[to]! - sent[from]!) / 1_000;
            const most = SHARE * (burst + perSecond * seconds);
            assert.ok(to - from + 1 <= most + 1e-6, `${to - from + 1} of ${call} in ${seconds} s, at most ${most}`);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it("fills up again while nobody asks, to half its burst and no further", async () => {
    const { clock, sent, atOnce } = station();
    await atOnce(Array.from({ length: 25 }, () => "ecs:DescribeClusters"));
    await clock.step(3_600_000);
    sent.length = 0;
    assert.equal(await atOnce(Array.from({ length: 60 }, () => "ecs:DescribeClusters")), 25);
  });
});

describe("a call", () => {
  it("waits in the order in which it was asked for", async () => {
    const clock = createFakeClock();
    const limiter = createLimiter(clock);
    const order: number[] = [];
    const all = [1, 2, 3, 4, 5].map((n) => limiter.take("cloudwatch", "PutMetricAlarm").then(() => order.push(n)));
    await clock.until(Promise.all(all));
    assert.deepEqual(order, [1, 2, 3, 4, 5]);
  });

  it("that is given up while it waits is not let through", async () => {
    const { clock, sent, ask, atOnce } = station();
    const abort = new AbortController();
    await atOnce(["cloudwatch:PutMetricAlarm"]);
    const given = ask("cloudwatch:PutMetricAlarm", abort.signal);
    abort.abort(new Error("stopped"));
    await assert.rejects(given, /stopped/);
    await clock.step(10_000);
    assert.equal(sent.length, 1);
  });

  it("of an operation without a known quota goes out at once", async () => {
    assert.equal(await station().atOnce(Array.from({ length: 500 }, () => "s3:GetBucketPolicy")), 500);
  });

  it("to a cloud of our own waits for nothing", async () => {
    await Promise.all(Array.from({ length: 500 }, () => UNLIMITED.take("cloudwatch", "PutMetricAlarm")));
  });
});
