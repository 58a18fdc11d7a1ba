import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { arnsOf, queueUrl } from "../../src/desired/arns.ts";
import { fit, intermediateBucket, scaler, stepNames, taskRole } from "../../src/desired/names.ts";
import { facts } from "./samples.ts";

const compute = { cluster: "pipewright" } as Parameters<typeof stepNames>[0]["compute"];

describe("names", () => {
  it("are workflow and step as written where that fits", () => {
    const names = stepNames({ name: "plants", compute }, { name: "grey" });
    assert.equal(names.queue, "pw-plants-grey");
    assert.equal(names.deadLetters, "pw-plants-grey-dead-letters");
    assert.equal(names.undelivered, "pw-plants-grey-undelivered");
    assert.equal(names.enqueuerLogs, "/aws/lambda/pw-plants-grey");
    assert.equal(names.descriptionKey, "steps/pipewright/plants/grey.json");
  });

  it("that are cut differ where the texts differ beyond the cut", () => {
    const long = "x".repeat(80);
    const [one, other] = [fit(`${long}a`, 64), fit(`${long}b`, 64)];
    assert.equal(one.length, 64);
    assert.notEqual(one, other);
  });

  it("never pass the limit, and stay as they are when they fit already", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 16, max: 64 }), (text, most) => {
        const name = fit(text, most);
        assert.ok(name.length <= most);
        assert.match(name, /^[A-Za-z0-9_-]*$/);
        assert.equal(fit(name, most), name);
      }),
    );
  });

  it("of buckets are lower case and hold account and region", () => {
    assert.equal(intermediateBucket("plants", "Edge_Finder", facts), "pw-plants-edge-finder-123456789012-eu-central-1");
    assert.ok(intermediateBucket("w".repeat(40), "s".repeat(63), facts).length <= 63);
  });

  it("of roles carry the region, since roles are the whole account's", () => {
    assert.equal(taskRole("plants", facts), "pw-task-eu-central-1-plants");
  });

  it("of scalers fit for every name of a cluster", () => {
    assert.equal(scaler("pipewright"), "pw-scaler-pipewright");
    assert.equal(scaler("c".repeat(255)).length, 64);
  });
});

describe("ARNs and URLs", () => {
  it("follow the partition", () => {
    const china = { account: "123456789012", region: "cn-north-1", partition: "aws-cn" };
    assert.equal(arnsOf(china).queue("q"), "arn:aws-cn:sqs:cn-north-1:123456789012:q");
    assert.equal(arnsOf(china).managedPolicy("P"), "arn:aws-cn:iam::aws:policy/P");
    assert.equal(queueUrl("q", china), "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q");
  });
});
