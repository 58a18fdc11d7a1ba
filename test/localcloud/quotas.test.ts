import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Lambda } from "@aws-sdk/client-lambda";
import { createQuotas, publishedQuotas } from "../../localcloud/quotas.ts";
import { startS3Cloud } from "./s3-cloud.ts";

describe("quotas", () => {
  let nowMs = 0;
  const taken = (service: string, operations: string[]) => {
    const quotas = createQuotas(publishedQuotas, () => nowMs);
    return operations.filter((operation) => quotas.take(service, operation)).length;
  };
  const many = (operation: string, count: number) => Array.from({ length: count }, () => operation);

  it("let through a burst of what AWS publishes, and no more", () => {
    assert.equal(taken("lambda", many("GetFunction", 150)), 100);
    assert.equal(taken("lambda", many("GetPolicy", 40)), 15);
    assert.equal(taken("cloudwatch", many("PutMetricAlarm", 9)), 3);
    assert.equal(taken("resource-groups-tagging-api", many("GetResources", 40)), 15);
    assert.equal(taken("ec2", many("RunInstances", 40)), 5);
    assert.equal(taken("s3", many("GetBucketVersioning", 5000)), 5000);
  });

  it("are shared where AWS shares them", () => {
    const control = ["CreateFunction", "AddPermission", "ListFunctions", "TagResource"];
    assert.equal(
      taken(
        "lambda",
        many("x", 10).flatMap(() => control),
      ),
      15,
    );
    assert.equal(
      taken("lambda", [...many("GetFunction", 100), ...many("GetPolicy", 15), ...many("TagResource", 20)]),
      130,
    );
    assert.equal(taken("ecs", [...many("RegisterTaskDefinition", 15), ...many("DeregisterTaskDefinition", 15)]), 20);
    assert.equal(taken("ec2", [...many("DescribeInstances", 120), ...many("DescribeSubnets", 120)]), 200);
  });

  it("let everything through while they are off, and begin with full buckets when they are on again", () => {
    const quotas = createQuotas(publishedQuotas, () => nowMs, false);
    const through = () => many("PutMetricAlarm", 9).filter((name) => quotas.take("cloudwatch", name)).length;
    assert.equal(through(), 9);
    quotas.switch(true);
    assert.equal(through(), 3);
    assert.equal(through(), 0);
    quotas.switch(true);
    assert.equal(through(), 3);
    quotas.reset();
    assert.equal(through(), 9);
  });

  it("fill up again with the world's time", () => {
    const quotas = createQuotas(publishedQuotas, () => nowMs);
    const count = () => many("PutRetentionPolicy", 50).filter((name) => quotas.take("cloudwatch-logs", name)).length;
    assert.equal(count(), 5);
    assert.equal(count(), 0);
    nowMs += 600;
    assert.equal(count(), 3);
    nowMs += 3_600_000;
    assert.equal(count(), 5);
  });

  it("throttle the calls of a cloud that was started with them, until its clock is stepped", async () => {
    const { cloud, stop } = await startS3Cloud({ quotas: true });
    const lambda = new Lambda({
      endpoint: cloud.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    });
    try {
      const round = () => Promise.allSettled(Array.from({ length: 40 }, () => lambda.listFunctions({})));
      const names = (await round()).map((outcome) =>
        outcome.status === "rejected" ? outcome.reason.name : "answered",
      );
      const throttled = names.filter((name) => name === "TooManyRequestsException").length;
      assert.equal(throttled + names.filter((name) => name === "answered").length, 40);
      // A slow machine may refill a few tokens while the forty are under way.
      assert.ok(throttled >= 10, `${throttled} of 40 throttled`);
      cloud.world.clock.step(1000);
      await lambda.listFunctions({});
    } finally {
      lambda.destroy();
      await stop();
    }
  });
});
