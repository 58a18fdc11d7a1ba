import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policy, type Statement } from "../../src/core/policy.ts";
import { type BucketActual, type BucketSpec, bucket } from "../../src/kinds/bucket.ts";
import type { BucketConfiguration } from "../../src/kinds/bucket-configuration.ts";
import { adopted, eachDifferenceIsOneChange, offline, paths, tagsOf } from "./diff-table.ts";

const kind = bucket(offline);
const tlsOnly: Statement = {
  Sid: "PipewrightTlsOnly",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: ["arn:aws:s3:::plants-in", "arn:aws:s3:::plants-in/*"],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const spec: BucketSpec = {
  region: "us-east-1",
  publicAccessBlocked: true,
  encryption: "AES256",
  ownership: "BucketOwnerEnforced",
  policy: policy(tlsOnly),
  lifecycle: [
    { id: "pipewright-abort-uploads", prefix: "", abortIncompleteMultipartUploadDays: 7, expirationDays: null },
    { id: "pipewright-expire", prefix: "x/", abortIncompleteMultipartUploadDays: null, expirationDays: 3 },
  ],
  tags: tagsOf("bucket/plants-in"),
};
const abortRule = {
  ID: "pipewright-abort-uploads",
  Status: "Enabled" as const,
  Filter: { Prefix: "" },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
};
const expireRule = {
  ID: "pipewright-expire",
  Status: "Enabled" as const,
  Filter: { Prefix: "x/" },
  Expiration: { Days: 3 },
};
const configuration: BucketConfiguration = {
  publicAccessBlocked: true,
  encryption: "AES256",
  ownership: "BucketOwnerEnforced",
  policy: spec.policy,
  lifecycle: [abortRule, expireRule],
};
const standing: BucketActual = { owner: "this account", region: "us-east-1", tags: spec.tags, configuration };
const configured = (change: Partial<BucketConfiguration>) => (actual: BucketActual) => ({
  ...actual,
  configuration: { ...configuration, ...change },
});
const theirs: Statement = { Sid: "Theirs", Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" };

describe("buckets of ours, compared", () => {
  eachDifferenceIsOneChange(kind, spec, standing, {
    publicAccessBlocked: configured({ publicAccessBlocked: false }),
    encryption: configured({ encryption: "aws:kms" }),
    ownership: configured({ ownership: "ObjectWriter" }),
    "ownership (never set)": configured({ ownership: null }),
    policy: configured({ policy: undefined }),
    "policy (only others')": configured({ policy: policy(theirs) }),
    "policy (an older statement of ours)": configured({
      policy: policy(tlsOnly, { ...tlsOnly, Sid: "PipewrightOld" }),
    }),
    lifecycle: configured({ lifecycle: [abortRule] }),
    "lifecycle (switched off)": configured({ lifecycle: [{ ...abortRule, Status: "Disabled" }, expireRule] }),
    "lifecycle (more days)": configured({ lifecycle: [abortRule, { ...expireRule, Expiration: { Days: 4 } }] }),
    "lifecycle (narrowed)": configured({
      lifecycle: [abortRule, { ...expireRule, Filter: { And: { Prefix: "x/", Tags: [] } } }],
    }),
    region: (actual) => ({ ...actual, region: "eu-west-1" }),
    owner: (actual) => ({ ...actual, owner: "another account" as const, region: null, tags: {} }),
    "tags.team": (actual) => ({ ...actual, tags: { ...spec.tags, team: "red" } }),
    "tags.pipewright:on-delete": (actual) => ({ ...actual, tags: { ...spec.tags, "pipewright:on-delete": "delete" } }),
    "tags.pipewright:workflow": ({ tags: { "pipewright:workflow": _gone, ...tags }, ...actual }) => ({
      ...actual,
      tags,
    }),
  });

  it("keep others' statements, rules and tags, and need ours in no particular order or spelling", () => {
    const others = configured({
      policy: policy(theirs, { ...tlsOnly, Resource: [...(tlsOnly.Resource as string[])].reverse(), Action: ["s3:*"] }),
      lifecycle: [
        { ID: "theirs", Status: "Enabled", Filter: { Prefix: "logs/" }, Expiration: { Days: 9 } },
        expireRule,
        // The older form, in which some answer.
        { ...abortRule, Filter: undefined, Prefix: "" },
      ],
    })({ ...standing, tags: { ...spec.tags, cost: "42" } });
    assert.deepEqual(kind.diff(spec, others), []);
  });

  it("cannot be moved: owner and region want another bucket, and say so", () => {
    for (const elsewhere of [
      { owner: "another account", region: null, tags: {} },
      { owner: "this account", region: "eu-west-1", tags: {} },
    ] as const) {
      const [change, ...more] = kind.diff(spec, elsewhere);
      assert.equal(change?.replace, true);
      assert.match(change?.advice ?? "", /choose/);
      assert.deepEqual(more, []);
    }
  });
});

describe("a bucket that another workflow brought into being", () => {
  const shared = { ...standing, tags: { ...spec.tags, "pipewright:workflow": "roots" } };

  it("keeps that workflow's tag, wish and user tags", () => {
    const tags = {
      ...shared.tags,
      team: "red",
      "pipewright:on-delete": "delete",
      "pipewright:tag-keys": "team cost",
      cost: "1",
    };
    assert.deepEqual(paths(kind, spec, { ...shared, tags }), []);
  });

  it("is repaired all the same where it ceases to be ours, and in its configuration", () => {
    const unowned = { ...shared, tags: { ...shared.tags, "pipewright:owner": "someone" } };
    assert.deepEqual(paths(kind, spec, unowned), ["tags.pipewright:owner"]);
    assert.deepEqual(paths(kind, spec, configured({ encryption: null })(shared)), ["encryption"]);
  });
});

describe("a bucket that was there before", () => {
  const tags = adopted(spec.tags);

  it("gets our tags first when it is adopted: nothing else of it has been read", () => {
    const changes = paths(kind, { ...spec, tags }, { owner: "this account", region: "us-east-1", tags: {} });
    assert.deepEqual(
      changes,
      Object.keys(tags).map((name) => `tags.${name}`),
    );
  });

  it("may keep its own encryption once adopted, but not lack any", () => {
    const mine = { ...standing, tags };
    assert.deepEqual(paths(kind, { ...spec, tags }, configured({ encryption: "aws:kms" })(mine)), []);
    assert.deepEqual(paths(kind, { ...spec, tags }, configured({ encryption: null })(mine)), ["encryption"]);
  });
});
