import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { productOperations } from "../../support/product-operations.ts";
import { walk } from "./walk.ts";

describe("the walk through the local cloud", () => {
  it("goes through every operation that the product calls", () => {
    const walked = new Set(walk.map((step) => ("service" in step ? `${step.service}:${step.operation}` : "")));
    const left = productOperations().filter((operation) => !walked.has(operation));
    assert.deepEqual(left, []);
  });
});
