import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  CreateBucketCommand,
  type CreateBucketCommandInput,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  HeadBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { Kept } from "../../src/core/failure.ts";
import { policy } from "../../src/core/policy.ts";
import { type BucketSpec, bucket } from "../../src/kinds/bucket.ts";
import { adopted } from "./diff-table.ts";
import { type InCloud, startInCloud } from "./in-cloud.ts";

let place: InCloud;
before(async () => {
  place = await startInCloud();
});
after(() => place.stop());

const specOf = (name: string): BucketSpec => ({
  region: "us-east-1",
  publicAccessBlocked: true,
  encryption: "AES256",
  ownership: "BucketOwnerEnforced",
  policy: policy({
    Sid: "PipewrightTlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:PutBucketAcl",
    Resource: `arn:aws:s3:::${name}`,
  }),
  lifecycle: [{ id: "pipewright-abort", prefix: "", abortIncompleteMultipartUploadDays: 7, expirationDays: null }],
  tags: place.tags(`bucket/${name}`),
});
const s3 = () => place.aws.clients.s3;
const stands = async (Bucket: string) =>
  s3()
    .send(new HeadBucketCommand({ Bucket }))
    .then(
      () => true,
      () => false,
    );

describe("a bucket that holds something", () => {
  for (const [what, put] of Object.entries({
    "a file": (Bucket: string) => s3().send(new PutObjectCommand({ Bucket, Key: "a b+c", Body: "x" })),
    "only a delete marker": async (Bucket: string) => {
      await s3().send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
      await s3().send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
    },
    "only an unfinished upload": (Bucket: string) =>
      s3().send(new CreateMultipartUploadCommand({ Bucket, Key: "half" })),
  })) {
    it(`stays when it is ${what}, and goes when a person says so`, async () => {
      const kind = bucket(place.aws);
      const name = `plants-${what.replaceAll(" ", "-")}`;
      await place.converge(kind, name, specOf(name));
      await put(name);
      const seen = await place.read(kind, name);
      assert.ok(seen.is === "owned");
      await assert.rejects(kind.delete!(name, seen.actual, place.pass), Kept);
      assert.ok(await stands(name));
      const mayLoseData = { ...place.pass, mayLoseData: true };
      await assert.rejects(
        kind.delete!(name, { ...seen.actual, tags: adopted(seen.actual.tags) }, mayLoseData),
        Kept,
        "an adopted one never goes",
      );
      await kind.delete!(name, seen.actual, mayLoseData);
      assert.equal((await place.read(kind, name)).is, "absent");
    });
  }
});

describe("a bucket that was there before", () => {
  it("is read with two calls and no look at its configuration", async () => {
    const kind = bucket(place.aws);
    await s3().send(new CreateBucketCommand({ Bucket: "plants-used" }));
    place.cloud.calls.clear();
    const seen = await place.read(kind, "plants-used");
    assert.equal(seen.is, "foreign");
    assert.deepEqual(
      place.cloud.calls.list().map((call) => call.operation),
      ["GetBucketTagging", "HeadBucket"],
    );
  });

  it("is complete once adopted, and its maker's statement and the version of their policy stay", async () => {
    const kind = bucket(place.aws);
    const Bucket = "plants-adopted";
    await s3().send(new CreateBucketCommand({ Bucket }));
    const theirs = {
      Version: "2008-10-17",
      Id: "theirs",
      Statement: [{ Effect: "Deny", Principal: "*", Action: "s3:DeleteBucket", Resource: `arn:aws:s3:::${Bucket}` }],
    };
    await s3().send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(theirs) }));
    const spec = specOf(Bucket);
    await place.converge(kind, Bucket, { ...spec, tags: adopted(spec.tags) });
    const answer = await s3().send(new GetBucketPolicyCommand({ Bucket }));
    const { Statement, ...whole } = JSON.parse(answer.Policy ?? "{}");
    assert.deepEqual(whole, { Version: "2008-10-17", Id: "theirs" });
    assert.deepEqual(
      Statement.map((one: { Action: string }) => one.Action),
      ["s3:DeleteBucket", "s3:PutBucketAcl"],
    );
  });

  it("in another region is not to be had", async () => {
    const kind = bucket(place.aws);
    const Bucket = "plants-elsewhere";
    const CreateBucketConfiguration = { LocationConstraint: "eu-west-1" as const };
    await s3().send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    const seen = await place.read(kind, Bucket);
    assert.ok(seen.is === "foreign");
    assert.deepEqual(
      kind.diff(specOf(Bucket), seen.actual).map(({ path, have, replace }) => ({ path, have, replace })),
      [{ path: "region", have: "eu-west-1", replace: true }],
    );
  });
});

it("a creation that finds a bucket of the name writes nothing to it", async () => {
  const kind = bucket(place.aws);
  const Bucket = "plants-meanwhile";
  await s3().send(new CreateBucketCommand({ Bucket }));
  place.cloud.calls.clear();
  await kind.create!(Bucket, specOf(Bucket), place.pass);
  assert.deepEqual(place.cloud.calls.list({ write: true }), []);
  assert.equal((await place.read(kind, Bucket)).is, "foreign");
});

it("a lifecycle rule of the older form goes on doing the same beside ours", async () => {
  const kind = bucket(place.aws);
  const Bucket = "plants-with-an-old-rule";
  await s3().send(new CreateBucketCommand({ Bucket }));
  const old = { ID: "theirs", Status: "Enabled" as const, Expiration: { Days: 30 } };
  const Rules = [{ ...old, Prefix: "logs/" }];
  await s3().send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  await place.converge(kind, Bucket, { ...specOf(Bucket), tags: adopted(place.tags(`bucket/${Bucket}`)) });
  const { Rules: standing = [] } = await s3().send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  assert.deepEqual(standing.map((rule) => rule.ID).sort(), ["pipewright-abort", "theirs"]);
  assert.deepEqual(
    standing.find((rule) => rule.ID === "theirs"),
    { ...old, Filter: { Prefix: "logs/" } },
  );
});

describe("a bucket of a region that knows no tags at birth", () => {
  it("gets its tags right after, and is left alone from then on", async () => {
    const name = "born-without-tags";
    const kind = bucket(place.aws);
    const refusal = Object.assign(new Error("The request contained an unsupported argument."), {
      name: "UnsupportedArgument",
      $metadata: { httpStatusCode: 400 },
    });
    const stack = s3().middlewareStack as unknown as Stack;
    const asThere = (next: Next) => (args: Parameters<Next>[0]) =>
      args.input.CreateBucketConfiguration?.Tags ? Promise.reject(refusal) : next(args);
    stack.add(asThere, { step: "initialize", name: "asThere" });
    try {
      const writes = await place.converge(kind, name, specOf(name));
      assert.deepEqual(writes.slice(0, 2), ["CreateBucket", "PutBucketTagging"]);
    } finally {
      stack.remove("asThere");
    }
    const observed = await place.read(kind, name);
    assert.equal(observed.is, "owned");
    assert.deepEqual(await place.converge(kind, name, specOf(name)), []);
  });
});

type Next = (args: { input: Partial<CreateBucketCommandInput> }) => Promise<unknown>;

/** The part of an SDK client that answers in AWS's place. */
interface Stack {
  add(middleware: (next: Next) => Next, options: object): void;
  remove(name: string): void;
}
