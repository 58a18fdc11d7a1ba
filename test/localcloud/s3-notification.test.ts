import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import type { LambdaFunctionConfiguration, S3 } from "@aws-sdk/client-s3";
import { SQS } from "@aws-sdk/client-sqs";
import { zip } from "./lambda-cloud.ts";
import { ACCOUNT, refused, type S3Cloud, startS3Cloud } from "./s3-cloud.ts";

describe("bucket notifications", () => {
  const Bucket = "notifying";
  const queue = `arn:aws:sqs:us-east-1:${ACCOUNT}:somebody-elses`;
  let world: S3Cloud;
  let s3: S3;
  let functions: Lambda;
  let LambdaFunctionArn: string;

  before(async () => {
    world = await startS3Cloud();
    s3 = world.s3;
  });

  after(() => world.stop());

  beforeEach(async () => {
    world.cloud.reset();
    await s3.createBucket({ Bucket });
    const config = { endpoint: world.cloud.endpoint, region: "us-east-1", maxAttempts: 1 };
    const credentials = { accessKeyId: ACCOUNT, secretAccessKey: "test" };
    functions = new Lambda({ ...config, credentials });
    const iam = new IAM({ ...config, credentials });
    const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
    const { Role } = await iam.createRole({
      RoleName: "runner",
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    });
    const { FunctionArn } = await functions.createFunction({
      FunctionName: "enqueue",
      Role: Role!.Arn!,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zip("code") },
    });
    LambdaFunctionArn = FunctionArn!;
  });

  const allow = (SourceAccount = ACCOUNT) =>
    functions.addPermission({
      FunctionName: "enqueue",
      StatementId: "s3",
      Action: "lambda:InvokeFunction",
      Principal: "s3.amazonaws.com",
      SourceArn: `arn:aws:s3:::${Bucket}`,
      SourceAccount,
    });

  /** The queue's own policy. */
  const letIn = async (Condition: object, Service = "s3.amazonaws.com") => {
    const credentials = { accessKeyId: ACCOUNT, secretAccessKey: "test" };
    const sqs = new SQS({ endpoint: world.cloud.endpoint, region: "us-east-1", credentials });
    const { QueueUrl } = await sqs.createQueue({ QueueName: "somebody-elses" });
    const Statement = [
      { Effect: "Allow", Principal: { Service }, Action: "sqs:SendMessage", Resource: queue, Condition },
    ];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    await sqs.setQueueAttributes({ QueueUrl, Attributes: { Policy } });
    return async () => (await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 0 })).Messages ?? [];
  };

  const entry = (Prefix?: string, Suffix?: string): LambdaFunctionConfiguration => ({
    LambdaFunctionArn,
    Events: ["s3:ObjectCreated:*"],
    Filter: {
      Key: {
        FilterRules: [
          ...(Prefix === undefined ? [] : [{ Name: "prefix" as const, Value: Prefix }]),
          ...(Suffix === undefined ? [] : [{ Name: "suffix" as const, Value: Suffix }]),
        ],
      },
    },
  });

  const put = (LambdaFunctionConfigurations: LambdaFunctionConfiguration[], more = {}) =>
    s3.putBucketNotificationConfiguration({
      Bucket,
      NotificationConfiguration: { LambdaFunctionConfigurations, ...more },
    });

  it("begin empty, and are replaced whole, with ids and capitalised filter names", async () => {
    await allow();
    const { $metadata: _, ...empty } = await s3.getBucketNotificationConfiguration({ Bucket });
    assert.deepEqual(empty, {});
    await letIn({ StringEquals: { "aws:SourceAccount": ACCOUNT } });
    const QueueConfigurations = [{ Id: "theirs", QueueArn: queue, Events: ["s3:ObjectRemoved:*" as const] }];
    await put([entry("in/", ".jpg")], { QueueConfigurations, EventBridgeConfiguration: {} });
    const read = await s3.getBucketNotificationConfiguration({ Bucket });
    const [ours] = read.LambdaFunctionConfigurations ?? [];
    assert.ok(ours?.Id);
    assert.deepEqual(ours.Filter?.Key?.FilterRules, [
      { Name: "Prefix", Value: "in/" },
      { Name: "Suffix", Value: ".jpg" },
    ]);
    assert.deepEqual(read.QueueConfigurations, QueueConfigurations);
    assert.deepEqual(read.EventBridgeConfiguration, {});
    await put([]);
    const after = await s3.getBucketNotificationConfiguration({ Bucket });
    assert.equal(after.LambdaFunctionConfigurations, undefined);
    assert.equal(after.EventBridgeConfiguration, undefined);
  });

  it("name only functions that are there and that S3 may invoke", async () => {
    const message = "Unable to validate the following destination configurations";
    const unasked = await refused("InvalidArgument", put([entry("in/")]));
    assert.equal(unasked.message, message);
    await allow("210987654321");
    await refused("InvalidArgument", put([entry("in/")]));
    await functions.removePermission({ FunctionName: "enqueue", StatementId: "s3" });
    await allow();
    await put([entry("in/")]);
    const missing = { ...entry("other/"), LambdaFunctionArn: `${LambdaFunctionArn}-not` };
    const absent = await refused("InvalidArgument", put([missing]));
    assert.equal(absent.message, message);
    await s3.putBucketNotificationConfiguration({
      Bucket,
      NotificationConfiguration: { LambdaFunctionConfigurations: [missing] },
      SkipDestinationValidation: true,
    });
  });

  it("name only queues that are there and whose policy lets S3 in for this bucket", async () => {
    const message = "Unable to validate the following destination configurations";
    const QueueConfigurations = [{ QueueArn: queue, Events: ["s3:ObjectCreated:*" as const] }];
    const wanted = () => put([], { QueueConfigurations });
    assert.equal((await refused("InvalidArgument", wanted())).message, message);
    await letIn({}, "events.amazonaws.com");
    await refused("InvalidArgument", wanted());
    await letIn({ ArnLike: { "aws:SourceArn": "arn:aws:s3:::another" } });
    await refused("InvalidArgument", wanted());
    const received = await letIn({ ArnLike: { "aws:SourceArn": `arn:aws:s3:::${Bucket}` } });
    await wanted();
    const [test, ...others] = (await received()).map(({ Body }) => JSON.parse(Body!));
    assert.deepEqual([test.Event, test.Bucket], ["s3:TestEvent", Bucket]);
    assert.equal(others.length, 0);
  });

  it("never let two entries claim the same file", async () => {
    await allow();
    const overlap = await refused("InvalidArgument", put([entry("in/"), entry("in/deeper/")]));
    assert.match(overlap.message, /^Configuration is ambiguously defined/);
    const wide = await refused("InvalidArgument", put([entry(), entry("in/")]));
    assert.match(wide.message, /^Configurations overlap/);
    await refused(
      "InvalidArgument",
      put([
        { ...entry("a/"), Id: "same" },
        { ...entry("b/"), Id: "same" },
      ]),
    );
    await put([entry("in/", ".jpg"), entry("in/", ".png"), entry("out/", ".jpg")]);
  });
});
