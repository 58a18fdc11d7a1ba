import assert from "node:assert/strict";
import { after, beforeEach, describe, it } from "node:test";
import { EC2 } from "@aws-sdk/client-ec2";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { SQS } from "@aws-sdk/client-sqs";
import { createFaults } from "../../localcloud/faults.ts";
import { startS3Cloud } from "./s3-cloud.ts";

describe("faults", async () => {
  const { cloud, s3, stop } = await startS3Cloud();
  const config = {
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  const sqs = new SQS({ ...config, useQueueUrlAsEndpoint: false });
  const iam = new IAM(config);
  const ec2 = new EC2(config);
  const lambda = new Lambda(config);

  beforeEach(() => cloud.reset());
  after(async () => {
    for (const client of [sqs, iam, ec2, lambda]) client.destroy();
    await stop();
  });

  const calls: [service: string, call: () => Promise<unknown>][] = [
    ["sqs", () => sqs.listQueues({})],
    ["iam", () => iam.getRole({ RoleName: "r" })],
    ["ec2", () => ec2.describeInstances({})],
    ["lambda", () => lambda.getFunction({ FunctionName: "f" })],
    ["s3", () => s3.listObjectsV2({ Bucket: "some-bucket" })],
  ];

  async function names(kind: "throttle" | "error" | "denied"): Promise<Record<string, [string, number]>> {
    const found: Record<string, [string, number]> = {};
    cloud.faults.add({ kind });
    for (const [service, call] of calls) {
      const error = await failure(call());
      found[service] = [error.name, error.$metadata.httpStatusCode];
    }
    return found;
  }

  it("throttle in each service's own words", async () => {
    assert.deepEqual(await names("throttle"), {
      sqs: ["RequestThrottled", 403],
      iam: ["Throttling", 400],
      ec2: ["RequestLimitExceeded", 503],
      lambda: ["TooManyRequestsException", 429],
      s3: ["SlowDown", 503],
    });
  });

  it("break down in each service's own words", async () => {
    assert.deepEqual(await names("error"), {
      sqs: ["InternalFailure", 500],
      iam: ["ServiceFailureException", 500],
      ec2: ["InternalError", 500],
      lambda: ["ServiceException", 500],
      s3: ["InternalError", 500],
    });
  });

  it("deny in each service's own words", async () => {
    assert.deepEqual(await names("denied"), {
      sqs: ["AccessDenied", 403],
      iam: ["AccessDenied", 403],
      ec2: ["UnauthorizedOperation", 403],
      lambda: ["AccessDeniedException", 403],
      s3: ["AccessDenied", 403],
    });
  });

  it("name the action and the resource of what they deny", async () => {
    cloud.faults.add({ kind: "denied" });
    const user = "User: arn:aws:iam::123456789012:user/local is not authorized to perform:";
    assert.equal(
      (await failure(sqs.createQueue({ QueueName: "q" }))).message,
      `${user} sqs:CreateQueue on resource: arn:aws:sqs:us-east-1:123456789012:q because no identity-based policy allows the sqs:CreateQueue action`,
    );
    assert.equal(
      (await failure(s3.listObjectsV2({ Bucket: "b-1" }))).message,
      `${user} s3:ListBucket on resource: "arn:aws:s3:::b-1" because no identity-based policy allows the s3:ListBucket action`,
    );
    assert.match(
      (await failure(iam.getRole({ RoleName: "r" }))).message,
      /iam:GetRole on resource: arn:aws:iam::123456789012:role\/r /,
    );
  });

  it("drop the connection after the write took place", async () => {
    cloud.faults.add({ kind: "drop", service: "sqs", operation: "CreateQueue", count: 1 });
    const error = await failure(sqs.createQueue({ QueueName: "half-known" }));
    assert.equal(error.$metadata?.httpStatusCode, undefined);
    assert.equal((await sqs.listQueues({})).QueueUrls?.length, 1);
    assert.equal(cloud.calls.list({ operation: "CreateQueue" })[0]?.status, 0);
  });

  it("answer a read as it was answered before the last write", async () => {
    await s3.createBucket({ Bucket: "stale" });
    const read = async () => (await s3.getBucketVersioning({ Bucket: "stale" })).Status;
    assert.equal(await read(), undefined);
    await s3.putBucketVersioning({ Bucket: "stale", VersioningConfiguration: { Status: "Enabled" } });
    cloud.faults.add({ kind: "stale", service: "s3", count: 1 });
    assert.equal(await read(), undefined);
    assert.equal(await read(), "Enabled");
  });

  it("answer an absence that has ended, too", async () => {
    const Bucket = "soon-there";
    assert.equal((await failure(s3.getBucketVersioning({ Bucket }))).name, "NoSuchBucket");
    await s3.createBucket({ Bucket });
    cloud.faults.add({ kind: "stale", count: 1 });
    assert.equal((await failure(s3.getBucketVersioning({ Bucket }))).name, "NoSuchBucket");
    await s3.getBucketVersioning({ Bucket });
  });

  it("strike where, when and as often as they are told", () => {
    const faults = createFaults(1);
    faults.add({ kind: "throttle", service: "sqs", operation: "Get*", after: 1, count: 2 });
    const strike = (operation: string, service = "sqs") => faults.strike(service, operation, true);
    assert.equal(strike("ListQueues"), undefined);
    assert.equal(strike("GetQueueUrl", "iam"), undefined);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => strike("GetQueueUrl")),
      [undefined, "throttle", "throttle", undefined],
    );
    assert.equal(faults.list()[0]?.strikes, 2);
    faults.clear();
    assert.deepEqual(faults.list(), []);
  });

  it("strike by chance the same calls for the same seed", () => {
    const run = (seed: number) => {
      const faults = createFaults(seed);
      faults.add({ kind: "error", probability: 0.3 });
      return Array.from({ length: 200 }, () => faults.strike("s3", "GetObject", true) ?? "-").join("");
    };
    assert.equal(run(7), run(7));
    assert.notEqual(run(7), run(8));
    const withOthers = createFaults(7);
    withOthers.add({ kind: "error", probability: 0.3 });
    const interleaved = Array.from({ length: 200 }, () => {
      withOthers.strike("sqs", "SendMessage", false);
      return withOthers.strike("s3", "GetObject", true) ?? "-";
    });
    assert.equal(interleaved.join(""), run(7), "whatever else is called");
    const struck = run(7).split("error").length - 1;
    assert.ok(struck > 30 && struck < 90, `${struck} of 200`);
  });
});

interface Failure extends Error {
  $metadata: { httpStatusCode: number };
}

async function failure(call: Promise<unknown>): Promise<Failure> {
  const outcome = await call.then(
    () => undefined,
    (error: Failure) => error,
  );
  assert.ok(outcome, "expected a failure");
  return outcome;
}
