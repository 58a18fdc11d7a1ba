import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Aws } from "../../src/aws/aws.ts";
import { failureOf } from "../../src/aws/errors.ts";
import type { Pass } from "../../src/core/resource.ts";
import { elsewhere } from "../../src/kinds/bucket-place.ts";

const pass = { account: { account: "123456789012", region: "us-east-1", partition: "aws" } } as Pass;
/** An account with these buckets; undefined: it may not list them. */
const holding = (...names: (string | undefined)[]): Aws => {
  const Buckets = names.map((Name) => ({ Name }));
  const send = async () => (names.includes(undefined) ? Promise.reject(new Error("denied")) : { Buckets });
  return { clients: { s3: { send } } } as unknown as Aws;
};
/** As the SDK throws it, and our client wraps it. */
const failed = (httpStatusCode: number, headers: Record<string, string> = {}) =>
  failureOf(
    Object.assign(new Error("no"), { name: "Unknown", $metadata: { httpStatusCode }, $response: { headers } }),
    "s3",
    "GetBucketTagging",
    { Bucket: "plants-in" },
  );

describe("a bucket that refuses us", () => {
  it("stands in the region that S3 points to", async () => {
    const redirected = failed(301, { "x-amz-bucket-region": "eu-west-1" });
    assert.deepEqual(await elsewhere(holding(), "plants-in", redirected, pass), {
      owner: "this account",
      region: "eu-west-1",
    });
  });

  it("is another account's where ours holds none of its name", async () => {
    assert.deepEqual(await elsewhere(holding("plants-in-2"), "plants-in", failed(403), pass), {
      owner: "another account",
      region: null,
    });
  });

  it("is denied to us where it is ours, or where we may not look", async () => {
    assert.equal(await elsewhere(holding("plants-in"), "plants-in", failed(403), pass), undefined);
    assert.equal(await elsewhere(holding(undefined), "plants-in", failed(403), pass), undefined);
  });

  it("stands here where the error is about something else", async () => {
    const here = failed(503, { "x-amz-bucket-region": "us-east-1" });
    assert.equal(await elsewhere(holding(), "plants-in", here, pass), undefined);
  });
});
