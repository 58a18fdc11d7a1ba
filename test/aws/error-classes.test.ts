/** Every name that the services' tables of errors list, with the status it comes with. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { classOf, failureOf, is, orUndefined, redirectedTo, statusOf } from "../../src/aws/errors.ts";
import { Failure, type FailureClass } from "../../src/core/failure.ts";

const answered = (name: string, status: number | undefined, more: object = {}, message = "no") =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status }, ...more });

const NAMED: Readonly<Record<FailureClass, readonly (readonly [string, number])[]>> = {
  conflict: [
    ["OperationAborted", 409],
    ["BucketNotEmpty", 409],
    ["QueueDeletedRecently", 400],
    ["DeleteConflictException", 409],
    ["ConcurrentModificationException", 409],
    ["ResourceConflictException", 409],
    ["PreconditionFailedException", 412],
    ["OperationAbortedException", 400],
    ["UpdateInProgressException", 400],
    ["ClusterContainsContainerInstancesException", 400],
    ["ClusterContainsServicesException", 400],
    ["ClusterContainsTasksException", 400],
    ["ResourceConflict", 400],
    ["DependencyViolation", 400],
    ["InvalidGroup.InUse", 400],
  ],
  throttled: [
    ["SlowDown", 503],
    ["RequestThrottled", 403],
    ["Throttling", 400],
    ["TooManyRequestsException", 429],
    ["ThrottlingException", 400],
    ["RequestLimitExceeded", 503],
  ],
  quota: [
    ["OverLimit", 403],
    ["LimitExceededException", 409],
    ["LimitExceededFault", 400],
    ["TooManyBuckets", 400],
    ["CodeStorageExceededException", 400],
    ["SecurityGroupLimitExceeded", 400],
  ],
  denied: [
    ["AccessDenied", 403],
    ["AccessDeniedException", 400],
    ["UnauthorizedOperation", 403],
    ["ExpiredToken", 400],
    ["InvalidClientTokenId", 403],
    ["UnrecognizedClientException", 400],
    ["SignatureDoesNotMatch", 403],
    ["AuthFailure", 401],
    // HeadBucket has no body to name anything.
    ["Unknown", 403],
  ],
  transient: [
    ["InternalError", 500],
    ["ServiceException", 500],
    ["InternalServiceError", 500],
    ["ServiceUnavailable", 503],
    ["RequestTimeout", 400],
    ["Unknown", 502],
  ],
  invalid: [
    ["InvalidAttributeValue", 400],
    ["InvalidParameterValueException", 400],
    ["PolicyLengthExceededException", 400],
    ["MalformedPolicyDocument", 400],
    ["ValidationError", 400],
    ["ClientException", 400],
    // An emulator without the service.
    ["InternalFailure", 501],
    ["NotImplemented", 501],
  ],
};

/** "Not there" as a write meets it: another look at what is there makes the next step another one. */
const ABSENT: readonly (readonly [string, number])[] = [
  ["NoSuchBucket", 404],
  ["QueueDoesNotExist", 400],
  ["NoSuchEntityException", 404],
  ["ResourceNotFoundException", 404],
  ["ResourceNotFound", 404],
  ["ClusterNotFoundException", 400],
  ["InvalidGroup.NotFound", 400],
  ["InvalidLaunchTemplateId.NotFound", 400],
  ["InvalidLaunchTemplateName.NotFoundException", 400],
];

describe("an error's name", () => {
  for (const [of, names] of Object.entries(NAMED)) {
    for (const [name, status] of names) {
      it(`${name} (${status}) is ${of}`, () => assert.equal(classOf(answered(name, status)), of));
    }
  }

  for (const [name, status] of ABSENT) {
    it(`${name} in answer to a write goes away by itself`, () => {
      assert.equal(classOf(answered(name, status)), "conflict");
    });
  }

  it("counts in its older spelling too", () => {
    const queue = answered("QueueDoesNotExist", 400, { Code: "AWS.SimpleQueueService.NonExistentQueue" });
    assert.ok(is(queue, "AWS.SimpleQueueService.NonExistentQueue") && is(queue, "QueueDoesNotExist"));
    assert.ok(!is(queue, "NoSuchBucket"));
    assert.equal(classOf(answered("Odd", 400, { Code: "AWS.SimpleQueueService.QueueDeletedRecently" })), "conflict");
  });
});

it("what a cloud has not got is named so, whatever name it comes with, and is not asked for again", () => {
  const error = answered("InternalFailure", 501, { $fault: "server" }, "ecs is not included in your plan.");
  const failure = failureOf(error, "ecs", "DescribeClusters", {});
  assert.equal(failure.code, "NotImplemented");
  assert.equal(failure.retry, false);
  assert.equal(failure.message, "ecs:DescribeClusters: NotImplemented: ecs is not included in your plan.");
});

describe("a message that tells more than its name", () => {
  for (const [name, message] of [
    ["InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."],
    ["InvalidParameterValueException", "The provided execution role does not have permissions to call SendMessage"],
    [
      "InvalidParameterValueException",
      "The function's execution role does not have permissions to call SendMessage on arn:aws:sqs:us-east-1:123456789012:q",
    ],
    ["InvalidParameterValueException", "The destination ARN arn:aws:sqs:us-east-1:123456789012:q is invalid."],
    [
      "InvalidParameterValueException",
      "Value {} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.",
    ],
    ["InvalidParameterValueException", "Lambda was unable to configure: the KMS key is invalid for CreateGrant"],
    ["InvalidParameterValueException", "Your request has been throttled by EC2"],
    ["ClientException", "Role is not valid"],
    [
      "InvalidParameterValue",
      "Value (pw) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
    ],
    ["MalformedPolicyDocument", 'Invalid principal in policy: "AWS":"AROAEXAMPLE"'],
    ["InvalidArgument", "Unable to validate the following destination configurations"],
    ["InvalidParameterException", "Unable to assume the service linked role. Please verify that it exists."],
  ] as const) {
    it(`is a conflict: ${message}`, () => assert.equal(classOf(answered(name, 400, {}, message)), "conflict"));
  }

  it("is no conflict where the same name says something else", () => {
    assert.equal(
      classOf(answered("InvalidParameterValueException", 400, {}, "Unzipped size must be smaller")),
      "invalid",
    );
    assert.equal(classOf(answered("InvalidArgument", 400, {}, "A specified event is not supported")), "invalid");
  });
});

describe("what never was an answer of AWS", () => {
  for (const name of ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "TimeoutError", "SyntaxError"]) {
    it(`is transient: ${name}`, () => {
      assert.equal(classOf(Object.assign(new Error("no"), { name })), "transient");
      assert.equal(classOf(Object.assign(new Error("no"), { code: name })), "transient");
    });
  }

  it("is denied where there are no credentials to ask with", () => {
    assert.equal(classOf(Object.assign(new Error("no"), { name: "CredentialsProviderError" })), "denied");
  });

  it("is transient even where it is no error at all", () => {
    for (const thrown of ["text", undefined, null, {}]) assert.equal(classOf(thrown), "transient");
  });
});

describe("a failure", () => {
  it("says action, resource, name and message, and keeps the error", () => {
    const cause = answered("AccessDenied", 403);
    const failure = failureOf(cause, "s3", "PutBucketEncryption", { Bucket: "plants-in" });
    assert.equal(failure.message, "s3:PutEncryptionConfiguration on arn:aws:s3:::plants-in: AccessDenied: no");
    assert.deepEqual([failure.class, failure.code, failure.cause], ["denied", "AccessDenied", cause]);
  });

  it("is not wrapped twice", () => {
    const failure = failureOf(answered("AccessDenied", 403), "s3", "HeadBucket", {});
    assert.equal(failureOf(failure, "sqs", "CreateQueue", {}), failure);
  });

  it("is asked for name and status like the error that it wraps", () => {
    const failure = failureOf(answered("NoSuchBucket", 404), "s3", "HeadBucket", {});
    assert.ok(is(failure, "NoSuchBucket"));
    assert.equal(statusOf(failure), 404);
    assert.equal(classOf(failure), "conflict");
  });

  it("carries the time that AWS asks to be left alone for, in milliseconds", () => {
    const throttled = answered("TooManyRequestsException", 429, { retryAfterSeconds: "3" });
    assert.equal(failureOf(throttled, "lambda", "GetPolicy", {}).retryAfterMs, 3_000);
    assert.equal(failureOf(answered("Throttling", 400), "iam", "GetRole", {}).retryAfterMs, undefined);
  });

  it("names the statement's action where AWS names another one than was called", () => {
    const message =
      "User: arn:aws:iam::123456789012:user/d is not authorized to perform: iam:PassRole on resource: " +
      "arn:aws:iam::123456789012:role/pw-task because no identity-based policy allows the iam:PassRole action";
    const failure = failureOf(answered("AccessDeniedException", 400, {}, message), "ecs", "RegisterTaskDefinition", {});
    assert.deepEqual([failure.action, failure.resource], ["iam:PassRole", "arn:aws:iam::123456789012:role/pw-task"]);
  });

  it("tells where S3 sends us to", () => {
    const moved = answered("PermanentRedirect", 301, {
      $response: { headers: { "x-amz-bucket-region": "eu-west-1" } },
    });
    assert.equal(redirectedTo(failureOf(moved, "s3", "HeadBucket", {})), "eu-west-1");
    assert.equal(redirectedTo(new Error("no")), undefined);
  });
});

describe("a read whose error means that there is nothing", () => {
  it("answers undefined for the named errors, and throws the others", async () => {
    const fails = (name: string) => Promise.reject(failureOf(answered(name, 404), "s3", "GetBucketPolicy", {}));
    assert.equal(await orUndefined(fails("NoSuchBucketPolicy"), "NoSuchBucketPolicy", "NoSuchBucket"), undefined);
    await assert.rejects(orUndefined(fails("AccessDenied"), "NoSuchBucketPolicy"), Failure);
    assert.equal(await orUndefined(Promise.resolve(7), "NoSuchBucketPolicy"), 7);
  });
});
