import assert from "node:assert/strict";
import { it } from "node:test";
import type { Policy } from "../../src/core/policy.ts";
import { controlBucketOf } from "../../src/desired/foundation.ts";
import { facts } from "./samples.ts";

const policyOf = (plainHttp: boolean): Policy =>
  (controlBucketOf({ ...facts, plainHttp }).spec as { policy: Policy }).policy;

it("buckets deny plain HTTP, except where AWS itself is reached so", () => {
  assert.deepEqual(
    policyOf(false).Statement.map((one) => one.Sid),
    ["PipewrightTlsOnly"],
  );
  assert.deepEqual(policyOf(true).Statement, []);
});
