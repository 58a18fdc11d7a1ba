import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { classOf, failureOf } from "../../src/aws/errors.ts";

const answered = (name: string, message: string, httpStatusCode = 400) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

describe("an error's class", () => {
  for (const [message, name] of [
    ["Too many concurrent attempts to create a new revision of the specified family.", "ClientException"],
    ["Role is not valid", "ClientException"],
    ["The role defined for the function cannot be assumed by Lambda.", "InvalidParameterValueException"],
    ["The statement id (pw-s3) provided already exists.", "ResourceConflictException"],
  ] as const) {
    it(`is one that goes away by itself: ${message}`, () => {
      assert.equal(classOf(answered(name, message)), "conflict");
    });
  }

  it("is a person's to solve where AWS refuses the request itself", () => {
    assert.equal(classOf(answered("ClientException", "Container.image should not be null or empty.")), "invalid");
  });
});

describe("what an error was about", () => {
  const denied = answered("AccessDeniedException", "no", 403);
  const resource = (service: string, operation: string, input: object) =>
    failureOf(denied, service, operation, input).resource;

  it("is named out of the request where AWS does not say", () => {
    assert.equal(resource("lambda", "ListTags", { Resource: "arn:f" }), "arn:f");
    assert.equal(resource("ecs", "DeleteCluster", { cluster: "pipewright" }), "pipewright");
    assert.equal(resource("ecs", "StopTask", { cluster: "pipewright", task: "0123" }), "0123");
    assert.equal(resource("ecs", "DeregisterTaskDefinition", { taskDefinition: "pw-a:7" }), "pw-a:7");
    assert.equal(resource("cloudwatch", "DeleteAlarms", { AlarmNames: ["pw-a"] }), "pw-a");
  });

  it("is no single thing where the request was about many", () => {
    assert.equal(resource("cloudwatch", "DescribeAlarms", { AlarmNames: ["pw-a", "pw-b"] }), undefined);
  });

  it("is what AWS says it was, where it does", () => {
    const said = answered(
      "AccessDeniedException",
      "User: arn:u is not authorized to perform: lambda:TagResource on resource: arn:aws:lambda:us-east-1:1:function:f",
      403,
    );
    const failure = failureOf(said, "lambda", "UpdateFunctionCode", { FunctionName: "g" });
    assert.deepEqual(
      [failure.action, failure.resource],
      ["lambda:TagResource", "arn:aws:lambda:us-east-1:1:function:f"],
    );
  });

  it("stands in quotes where S3 says it", () => {
    const said = answered(
      "AccessDenied",
      'User: arn:u is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::in" because no identity-based',
      403,
    );
    assert.equal(failureOf(said, "s3", "ListObjectsV2", { Bucket: "in" }).resource, "arn:aws:s3:::in");
  });
});
