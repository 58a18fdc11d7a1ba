import assert from "node:assert/strict";
import { it } from "node:test";
import { failureOf } from "../../src/aws/errors.ts";
import { failed } from "../../src/engine/outcome.ts";

it("a cloud without the service is a lasting failure that says where to go, though it calls itself an internal one", () => {
  const answer = Object.assign(new Error("ecs is not included in your plan."), {
    name: "InternalFailure",
    $fault: "server",
    $metadata: { httpStatusCode: 501 },
  });
  const { retry, reason, why } = failed([failureOf(answer, "ecs", "DescribeClusters", {})]);
  assert.deepEqual([retry, reason], [false, "NotImplemented"]);
  assert.match(why, /^ecs:DescribeClusters: NotImplemented: .* \(the cloud at this endpoint lacks what is asked/);
});
