import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as events from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import { type LocalCloud, startLocalCloud } from "../../localcloud/server.ts";

const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** The services as the SDK sees them: error names, legacy codes and encodings are what the product switches on. */
describe("SQS, IAM, Lambda and EventBridge through the SDK", () => {
  let cloud: LocalCloud;
  let clients: { sqs: sqs.SQS; iam: iam.IAM; lambda: lambda.Lambda; events: events.EventBridge; s3: s3.S3 };

  before(async () => {
    cloud = await startLocalCloud();
    const config = {
      endpoint: cloud.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    };
    clients = {
      sqs: new sqs.SQS({ ...config, useQueueUrlAsEndpoint: false }),
      iam: new iam.IAM(config),
      lambda: new lambda.Lambda(config),
      events: new events.EventBridge(config),
      s3: new s3.S3(config),
    };
  });

  after(async () => {
    for (const client of Object.values(clients)) client.destroy();
    await cloud.stop();
  });

  it("SQS: queue, message, and the errors by name and legacy code", async () => {
    const { sqs } = clients;
    const attributes = { VisibilityTimeout: "60" };
    const { QueueUrl } = await sqs.createQueue({ QueueName: "pw-sdk", Attributes: attributes, tags: { a: "1" } });
    assert.equal(QueueUrl, `${cloud.endpoint}/123456789012/pw-sdk`);
    assert.deepEqual((await sqs.listQueueTags({ QueueUrl })).Tags, { a: "1" });
    const MessageAttributes = { colour: { DataType: "String", StringValue: "grey" } };
    await sqs.sendMessage({ QueueUrl, MessageBody: "héllo", MessageAttributes });
    const { Messages } = await sqs.receiveMessage({ QueueUrl, MessageAttributeNames: ["All"], WaitTimeSeconds: 1 });
    assert.equal(Messages![0]!.Body, "héllo");
    assert.deepEqual(Messages![0]!.MessageAttributes?.colour?.StringValue, "grey");
    await sqs.deleteMessage({ QueueUrl, ReceiptHandle: Messages![0]!.ReceiptHandle! });
    const read = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] });
    assert.equal(read.Attributes!.ApproximateNumberOfMessagesNotVisible, "0");

    await assert.rejects(sqs.createQueue({ QueueName: "pw-sdk", Attributes: { VisibilityTimeout: "61" } }), {
      name: "QueueNameExists",
      Code: "QueueAlreadyExists",
    });
    await assert.rejects(sqs.getQueueUrl({ QueueName: "none" }), {
      name: "QueueDoesNotExist",
      Code: "AWS.SimpleQueueService.NonExistentQueue",
    });
    await assert.rejects(sqs.setQueueAttributes({ QueueUrl, Attributes: { DelaySeconds: "901" } }), {
      name: "InvalidAttributeValue",
    });
  });

  it("SQS: a long poll over HTTP ends with the message that comes", async () => {
    const { sqs } = clients;
    const { QueueUrl } = await sqs.createQueue({ QueueName: "pw-poll" });
    const poll = sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 });
    await sqs.sendMessage({ QueueUrl, MessageBody: "at last" });
    assert.equal((await poll).Messages![0]!.Body, "at last");
  });

  it("IAM: role, policies, listing, and the errors by name and legacy code", async () => {
    const { iam } = clients;
    const RoleName = "pw-role";
    await assert.rejects(iam.getRole({ RoleName }), { name: "NoSuchEntityException", Code: "NoSuchEntity" });
    const Tags = [{ Key: "pipewright:owner", Value: "default" }];
    await iam.createRole({ RoleName, AssumeRolePolicyDocument: TRUST, Tags });
    await assert.rejects(iam.createRole({ RoleName, AssumeRolePolicyDocument: TRUST }), {
      name: "EntityAlreadyExistsException",
    });
    await assert.rejects(iam.createRole({ RoleName: "bad", AssumeRolePolicyDocument: "{" }), {
      name: "MalformedPolicyDocumentException",
    });
    const PolicyArn = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
    await iam.attachRolePolicy({ RoleName, PolicyArn });
    await assert.rejects(iam.deleteRole({ RoleName }), { name: "DeleteConflictException", Code: "DeleteConflict" });
    const { Role } = await iam.getRole({ RoleName });
    assert.equal(decodeURIComponent(Role!.AssumeRolePolicyDocument!), TRUST);
    assert.deepEqual(Role!.Tags, Tags);
    const { RoleDetailList } = await iam.getAccountAuthorizationDetails({ Filter: ["Role"] });
    const detail = RoleDetailList!.find((role) => role.RoleName === RoleName);
    assert.equal(detail!.AttachedManagedPolicies![0]!.PolicyArn, PolicyArn);
    await iam.createServiceLinkedRole({ AWSServiceName: "ecs.amazonaws.com" });
    await assert.rejects(iam.createServiceLinkedRole({ AWSServiceName: "ecs.amazonaws.com" }), {
      name: "InvalidInputException",
      message: /has been taken/,
    });
    const linked = await iam.listRoles({ PathPrefix: "/aws-service-role/ecs.amazonaws.com/" });
    assert.equal(linked.Roles!.length, 1);
    await assert.rejects(iam.deleteRole({ RoleName: "AWSServiceRoleForECS" }), { name: "UnmodifiableEntityException" });
  });

  it("Lambda: function, permission, notification of a bucket, and the errors by name", async () => {
    const { iam, lambda, s3 } = clients;
    const { Role } = await iam.createRole({ RoleName: "pw-lambda", AssumeRolePolicyDocument: TRUST });
    const FunctionName = "pw-enqueue";
    await assert.rejects(lambda.getFunction({ FunctionName }), { name: "ResourceNotFoundException" });
    const create = () =>
      lambda.createFunction({
        FunctionName,
        Role: Role!.Arn,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Code: { ZipFile: Buffer.from("PK\u0003\u0004rest") },
        Environment: { Variables: { QUEUE: "q" } },
        Tags: { a: "1" },
      });
    const { FunctionArn } = await create();
    await assert.rejects(create(), { name: "ResourceConflictException" });
    await lambda.updateFunctionConfiguration({ FunctionName, Timeout: 10 });
    await assert.rejects(lambda.updateFunctionConfiguration({ FunctionName, Timeout: 10, RevisionId: "old" }), {
      name: "PreconditionFailedException",
    });
    const { Configuration, Tags } = await lambda.getFunction({ FunctionName });
    assert.equal(Configuration!.Timeout, 10);
    assert.deepEqual(Configuration!.Environment, { Variables: { QUEUE: "q" } });
    assert.deepEqual(Tags, { a: "1" });

    const Bucket = "pw-input-sdk";
    await s3.createBucket({ Bucket });
    const notify = () =>
      s3.putBucketNotificationConfiguration({
        Bucket,
        NotificationConfiguration: {
          LambdaFunctionConfigurations: [{ LambdaFunctionArn: FunctionArn, Events: ["s3:ObjectCreated:*"] }],
        },
      });
    await assert.rejects(notify(), { name: "InvalidArgument" });
    const permission = {
      FunctionName,
      StatementId: "s3",
      Action: "lambda:InvokeFunction",
      Principal: "s3.amazonaws.com",
      SourceArn: `arn:aws:s3:::${Bucket}`,
      SourceAccount: "123456789012",
    };
    await lambda.addPermission(permission);
    await assert.rejects(lambda.addPermission(permission), { name: "ResourceConflictException" });
    await notify();

    const config = { FunctionName, MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 21_600 };
    assert.ok((await lambda.putFunctionEventInvokeConfig(config)).LastModified instanceof Date);
    assert.equal((await lambda.getFunctionEventInvokeConfig({ FunctionName })).MaximumRetryAttempts, 2);
    assert.equal((await lambda.invoke({ FunctionName, InvocationType: "Event", Payload: "{}" })).StatusCode, 202);
    await assert.rejects(lambda.invoke({ FunctionName }), { name: "NotImplemented" });
    await lambda.removePermission({ FunctionName, StatementId: "s3" });
    await assert.rejects(lambda.getPolicy({ FunctionName }), { name: "ResourceNotFoundException" });
    await lambda.deleteFunction({ FunctionName });
    await assert.rejects(lambda.deleteFunction({ FunctionName }), { name: "ResourceNotFoundException" });
  });

  it("EventBridge: rule, target, and the errors by name", async () => {
    const { events } = clients;
    await assert.rejects(events.describeRule({ Name: "pw-tick" }), { name: "ResourceNotFoundException" });
    await assert.rejects(events.putRule({ Name: "pw-tick", EventPattern: "{" }), {
      name: "InvalidEventPatternException",
    });
    await assert.rejects(events.putRule({ Name: "pw-tick", ScheduleExpression: "x" }), { name: "ValidationException" });
    const EventPattern = JSON.stringify({ $or: [{ source: ["aws.ecs"] }, { source: ["aws.ec2"] }] });
    const { RuleArn } = await events.putRule({ Name: "pw-tick", ScheduleExpression: "rate(1 minute)", EventPattern });
    const Arn = "arn:aws:lambda:us-east-1:123456789012:function:pw-scaler";
    await events.putTargets({ Rule: "pw-tick", Targets: [{ Id: "scaler", Arn }] });
    assert.deepEqual((await events.listTargetsByRule({ Rule: "pw-tick" })).Targets, [{ Id: "scaler", Arn }]);
    await events.tagResource({ ResourceARN: RuleArn!, Tags: [{ Key: "a", Value: "1" }] });
    assert.deepEqual((await events.listTagsForResource({ ResourceARN: RuleArn! })).Tags, [{ Key: "a", Value: "1" }]);
    await assert.rejects(events.deleteRule({ Name: "pw-tick" }), { name: "ValidationException" });
    await events.removeTargets({ Rule: "pw-tick", Ids: ["scaler"] });
    await events.deleteRule({ Name: "pw-tick" });
  });
});
