import assert from "node:assert/strict";
import { test } from "node:test";
import { readAccount } from "../../src/aws/account.ts";
import { failureOf } from "../../src/aws/errors.ts";

/** What is said when the first question to AWS fails so. */
async function said(error: Error): Promise<string> {
  const sts = {
    send: () => Promise.reject(failureOf(error, "sts", "GetCallerIdentity", {})),
    config: { endpoint: async () => ({ protocol: "http:", hostname: "127.0.0.1", port: 4566, path: "/" }) },
  };
  return readAccount({ sts } as never, "eu-central-1").then(
    () => assert.fail("nothing failed"),
    (thrown: Error) => thrown.message,
  );
}

test("who has no credentials, no valid ones, or nobody to talk to is told what to do", async () => {
  const none = await said(
    Object.assign(new Error("Could not load credentials from any providers"), { name: "CredentialsProviderError" }),
  );
  assert.match(none, /^no credentials for AWS: Could not load .*; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and /);
  const expired = Object.assign(new Error("The security token included in the request is expired"), {
    name: "ExpiredToken",
    $metadata: { httpStatusCode: 403 },
  });
  assert.match(await said(expired), /^AWS refuses these credentials: .* is expired; renew them/);
  const down = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:4566"), { code: "ECONNREFUSED" });
  assert.match(await said(down), /^AWS does not answer at 127\.0\.0\.1:4566: .*ECONNREFUSED.*AWS_ENDPOINT_URL/);
});
