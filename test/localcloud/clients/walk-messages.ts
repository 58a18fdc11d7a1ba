import { zipOf } from "../../support/hangers-on.ts";
import { stepsOf } from "./walk.ts";

const ROLE = "arn:aws:iam::123456789012:role/walk-function";
const DEAD = "arn:aws:sqs:us-east-1:123456789012:walk-dead";
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:walk";
const RULE = "arn:aws:events:us-east-1:123456789012:rule/walk";
const GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/walk";
const named = { FunctionName: "walk" };
const rule = { Rule: "walk" };
const group = { logGroupName: "/walk" };
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

export const messageSteps = [
  ...stepsOf("sqs", [
    ["CreateQueue", { QueueName: "walk-dead" }],
    [
      "CreateQueue",
      {
        QueueName: "walk",
        Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD, maxReceiveCount: 1 }) },
        tags: { colour: "green" },
      },
    ],
    ["ListQueues", { QueueNamePrefix: "walk" }],
    ["SetQueueAttributes", (got) => ({ ...url(got), Attributes: { VisibilityTimeout: "60" } })],
    ["GetQueueAttributes", (got) => ({ ...url(got), AttributeNames: ["All"] })],
    ["TagQueue", (got) => ({ ...url(got), Tags: { size: "ä" } })],
    ["ListQueueTags", url],
    ["UntagQueue", (got) => ({ ...url(got), TagKeys: ["colour"] })],
    [
      "SendMessage",
      (got) => ({
        ...url(got),
        MessageBody: "<héllo> & \u2028 more",
        MessageAttributes: {
          text: { DataType: "String", StringValue: "ü" },
          bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 255, 10]) },
          number: { DataType: "Number", StringValue: "1.5" },
        },
      }),
    ],
    [
      "ReceiveMessage",
      (got) => ({ ...url(got), MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"] }),
    ],
    ["ChangeMessageVisibility", (got) => ({ ...url(got), ...receipt(got), VisibilityTimeout: 0 })],
    // The second receipt of a message that may be received once: it goes to the dead letters.
    ["ReceiveMessage", url],
    ["ListMessageMoveTasks", { SourceArn: DEAD }],
    ["StartMessageMoveTask", { SourceArn: DEAD }],
  ]),
  { advanceMs: 5_000 },
  ...stepsOf("sqs", [
    ["ListMessageMoveTasks", { SourceArn: DEAD }],
    ["ReceiveMessage", url],
    ["DeleteMessage", (got) => ({ ...url(got), ...receipt(got) })],
    [
      "SendMessageBatch",
      (got) => ({
        ...url(got),
        Entries: [
          { Id: "a", MessageBody: "one" },
          { Id: "b", MessageBody: "two", DelaySeconds: 901 },
        ],
      }),
    ],
    ["ReceiveMessage", (got) => ({ ...url(got), MaxNumberOfMessages: 10 })],
    [
      "DeleteMessageBatch",
      (got) => ({
        ...url(got),
        Entries: [
          { Id: "a", ...receipt(got) },
          { Id: "b", ReceiptHandle: "none" },
        ],
      }),
    ],
    ["DeleteQueue", url],
  ]),

  ...stepsOf("iam", [["CreateRole", { RoleName: "walk-function", AssumeRolePolicyDocument: TRUST }]]),
  ...stepsOf("lambda", [
    ["GetAccountSettings", {}],
    [
      "CreateFunction",
      {
        ...named,
        Role: ROLE,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Code: { ZipFile: zipOf("one").zip },
        Environment: { Variables: { GREETING: "grüß" } },
        Tags: { colour: "green" },
      },
    ],
    ["GetFunction", named],
    ["ListFunctions", {}],
    ["Invoke", { ...named, Payload: Buffer.from('{"a":"ü"}') }],
    ["UpdateFunctionConfiguration", { ...named, Timeout: 10, LoggingConfig: { LogFormat: "JSON" } }],
    ["UpdateFunctionCode", { ...named, ZipFile: zipOf("two").zip }],
    [
      "AddPermission",
      {
        ...named,
        StatementId: "bucket",
        Action: "lambda:InvokeFunction",
        Principal: "s3.amazonaws.com",
        SourceArn: "arn:aws:s3:::walk",
        SourceAccount: "123456789012",
      },
    ],
    ["GetPolicy", named],
    ["RemovePermission", { ...named, StatementId: "bucket" }],
    ["PutFunctionEventInvokeConfig", { ...named, MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 600 }],
    ["GetFunctionEventInvokeConfig", named],
    ["DeleteFunctionEventInvokeConfig", named],
    ["PutFunctionConcurrency", { ...named, ReservedConcurrentExecutions: 2 }],
    ["DeleteFunctionConcurrency", named],
    ["TagResource", { Resource: FUNCTION, Tags: { size: "ä" } }],
    ["ListTags", { Resource: FUNCTION }],
    ["UntagResource", { Resource: FUNCTION, TagKeys: ["colour", "size"] }],
    ["DeleteFunction", named],
  ]),

  ...stepsOf("eventbridge", [
    ["PutRule", { Name: "walk", ScheduleExpression: "rate(5 minutes)", Tags: [{ Key: "colour", Value: "green" }] }],
    ["DescribeRule", { Name: "walk" }],
    ["ListRules", { NamePrefix: "walk" }],
    ["PutTargets", { ...rule, Targets: [{ Id: "one", Arn: DEAD, Input: '{"a":1}' }] }],
    ["ListTargetsByRule", rule],
    ["TagResource", { ResourceARN: RULE, Tags: [{ Key: "size", Value: "ä" }] }],
    ["ListTagsForResource", { ResourceARN: RULE }],
    ["UntagResource", { ResourceARN: RULE, TagKeys: ["size"] }],
    ["RemoveTargets", { ...rule, Ids: ["one", "none"] }],
    ["DeleteRule", { Name: "walk" }],
  ]),

  ...stepsOf("cloudwatch-logs", [
    ["CreateLogGroup", { ...group, tags: { colour: "green" } }],
    ["PutRetentionPolicy", { ...group, retentionInDays: 7 }],
    ["DescribeLogGroups", { logGroupNamePrefix: "/walk" }],
    ["TagResource", { resourceArn: GROUP, tags: { size: "ä" } }],
    ["ListTagsForResource", { resourceArn: GROUP }],
    ["UntagResource", { resourceArn: GROUP, tagKeys: ["size"] }],
    ["CreateLogStream", { ...group, logStreamName: "s" }],
    [
      "PutLogEvents",
      () => ({ ...group, logStreamName: "s", logEvents: [{ timestamp: Date.now(), message: "häppened" }] }),
    ],
    ["FilterLogEvents", { ...group, filterPattern: '"häppened"' }],
    ["DeleteLogGroup", group],
  ]),
] as const;

function url(got: (operation: string) => { QueueUrl: string }): { QueueUrl: string } {
  return { QueueUrl: got("CreateQueue").QueueUrl };
}

function receipt(got: (operation: string) => { Messages: { ReceiptHandle: string }[] }): { ReceiptHandle: string } {
  return { ReceiptHandle: got("ReceiveMessage").Messages[0]!.ReceiptHandle };
}
