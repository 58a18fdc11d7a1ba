import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-lambda";
import { createIam } from "../../localcloud/services/iam.ts";
import { createLambda, type Lambda } from "../../localcloud/services/lambda.ts";
import { invoke, refused, stubWorld } from "./stub-world.ts";

const ARN = "arn:aws:lambda:us-east-1:000000000000:function:";
const ROLE = "arn:aws:iam::000000000000:role/lambda_exec_role";
const BUCKET = "arn:aws:s3:::pw-input";
/** As far as the local cloud looks into a zip: its signature. */
const zip = (text: string) => Buffer.from(`PK\u0003\u0004${text}`);

function cloud(options: { lags?: boolean; role?: boolean } = {}) {
  const world = stubWorld([createIam, createLambda], options);
  const lambda = world.service<Lambda>("lambda");
  const run = <Output>(operation: string, input: object = {}) => invoke<Output>(lambda, operation, input);
  const role = (RoleName: string, service = "lambda.amazonaws.com") =>
    invoke(world.service("iam"), "CreateRole", {
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
      }),
    });
  if (options.role !== false) {
    role("lambda_exec_role");
    world.step(60_000);
  }
  const create = (FunctionName: string, more: object = {}) =>
    run<api.CreateFunctionCommandOutput>("CreateFunction", {
      FunctionName,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: ROLE,
      Code: { ZipFile: zip("one") },
      ...more,
    });
  const get = (FunctionName: string) => run<api.GetFunctionCommandOutput>("GetFunction", { FunctionName });
  return { world, lambda, run, role, create, get };
}

describe("Lambda: functions", () => {
  it("fills in every default, and CodeSha256 is the base64 SHA-256 of the zip's bytes", () => {
    const { create, get } = cloud();
    create("f");
    const { Configuration, Tags, Concurrency } = get("f");
    const { RevisionId, RuntimeVersionConfig, ...configuration } = Configuration!;
    assert.match(RevisionId!, /^[0-9a-f]{8}-/);
    assert.match(RuntimeVersionConfig!.RuntimeVersionArn!, /^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/);
    assert.deepEqual(JSON.parse(JSON.stringify(configuration)), {
      FunctionName: "f",
      FunctionArn: `${ARN}f`,
      Runtime: "nodejs24.x",
      Role: ROLE,
      Handler: "index.handler",
      CodeSize: 7,
      Description: "",
      Timeout: 3,
      MemorySize: 128,
      LastModified: "2026-01-01T00:01:00.000+0000",
      CodeSha256: createHash("sha256").update(zip("one")).digest("base64"),
      Version: "$LATEST",
      TracingConfig: { Mode: "PassThrough" },
      PackageType: "Zip",
      Architectures: ["x86_64"],
      EphemeralStorage: { Size: 512 },
      SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
      LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/f" },
      State: "Active",
      LastUpdateStatus: "Successful",
    });
    assert.equal(Tags, undefined);
    assert.equal(Concurrency, undefined);
  });

  it("answers ResourceNotFoundException for an absent function, whatever is asked of it", () => {
    const { run } = cloud();
    for (const operation of [
      "GetFunction",
      "GetFunctionConfiguration",
      "UpdateFunctionCode",
      "UpdateFunctionConfiguration",
      "DeleteFunction",
      "GetPolicy",
      "GetFunctionEventInvokeConfig",
      "PutFunctionConcurrency",
      "Invoke",
    ]) {
      const error = refused("ResourceNotFoundException", () => run(operation, { FunctionName: "none" }));
      assert.equal(error.status, 404);
      assert.equal(error.message, `Function not found: ${ARN}none`);
    }
  });

  it("answers ResourceConflictException for a second function of the name", () => {
    const { create } = cloud();
    create("f");
    const error = refused("ResourceConflictException", () => create("f"));
    assert.equal(error.message, "Function already exist: f");
    assert.equal(error.status, 409);
  });

  it("refuses a role that is absent, or does not trust Lambda, at creation and at an update", () => {
    const { create, run, role } = cloud({ role: false });
    const refuse = (change: () => unknown) => {
      const { message } = refused("InvalidParameterValueException", change);
      assert.equal(message, "The role defined for the function cannot be assumed by Lambda.");
    };
    refuse(() => create("f"));
    role("lambda_exec_role", "ec2.amazonaws.com");
    refuse(() => create("f"));
    role("other");
    create("f", { Role: ROLE.replace("lambda_exec_role", "other") });
    refuse(() => run("UpdateFunctionConfiguration", { FunctionName: "f", Role: ROLE }));
  });

  it("refuses a role younger than eight seconds where the world lags", () => {
    const { create, role, world } = cloud({ role: false, lags: true });
    role("lambda_exec_role");
    world.step(7999);
    const { message } = refused("InvalidParameterValueException", () => create("f"));
    assert.match(message, /cannot be assumed by Lambda/);
    world.step(1);
    create("f");
  });

  it("is Pending, then InProgress after an update, and refuses changes meanwhile, where the world lags", () => {
    const { create, run, get, world } = cloud({ lags: true });
    const update = () => run("UpdateFunctionConfiguration", { FunctionName: "f", Timeout: 5 });
    const code = () => run("UpdateFunctionCode", { FunctionName: "f", ZipFile: zip("two") });
    assert.equal(create("f").State, "Pending");
    assert.match(refused("ResourceConflictException", update).message, /state: Pending/);
    world.step(3000);
    assert.equal(get("f").Configuration?.State, "Active");
    update();
    assert.equal(get("f").Configuration?.LastUpdateStatus, "InProgress");
    assert.match(refused("ResourceConflictException", code).message, /update is in progress for resource: arn/);
    world.step(2000);
    assert.equal(get("f").Configuration?.LastUpdateStatus, "Successful");
    code();
  });

  it("updates code and configuration, each as a new revision; what is not named stays", () => {
    const { create, run, get } = cloud();
    create("f", { Environment: { Variables: { QUEUE: "q" } }, Timeout: 10 });
    const before = get("f").Configuration!;
    run("UpdateFunctionCode", { FunctionName: "f", ZipFile: zip("two"), Architectures: ["arm64"] });
    run("UpdateFunctionConfiguration", { FunctionName: "f", MemorySize: 256, LoggingConfig: { LogFormat: "JSON" } });
    const after = get("f").Configuration!;
    assert.notEqual(after.RevisionId, before.RevisionId);
    assert.equal(after.CodeSha256, createHash("sha256").update(zip("two")).digest("base64"));
    assert.deepEqual(after.Architectures, ["arm64"]);
    assert.equal(after.MemorySize, 256);
    assert.equal(after.Timeout, 10);
    assert.deepEqual(after.Environment, { Variables: { QUEUE: "q" } });
    assert.deepEqual(after.LoggingConfig, {
      LogFormat: "JSON",
      ApplicationLogLevel: "INFO",
      SystemLogLevel: "INFO",
      LogGroup: "/aws/lambda/f",
    });
    run("UpdateFunctionConfiguration", { FunctionName: "f", Environment: { Variables: {} } });
    assert.equal(get("f").Configuration?.Environment, undefined);
    refused("PreconditionFailedException", () =>
      run("UpdateFunctionConfiguration", { FunctionName: "f", RevisionId: before.RevisionId }),
    );
    const dry = { FunctionName: "f", ZipFile: zip("three"), DryRun: true };
    run("UpdateFunctionCode", dry);
    assert.equal(get("f").Configuration?.CodeSha256, after.CodeSha256);
  });

  it("refuses values out of their bounds, ended runtimes, reserved variables, and what is no zip", () => {
    const { create } = cloud();
    const bad = (more: object) => () => create("f", more);
    refused("ValidationException", bad({ Timeout: 901 }));
    refused("ValidationException", bad({ MemorySize: 127 }));
    refused("ValidationException", bad({ EphemeralStorage: { Size: 100 } }));
    refused("InvalidParameterValueException", bad({ Runtime: "python2.7" }));
    refused("InvalidParameterValueException", bad({ Runtime: "cobol" }));
    refused("InvalidParameterValueException", bad({ Handler: undefined }));
    refused("InvalidParameterValueException", bad({ Environment: { Variables: { AWS_REGION: "x" } } }));
    refused("InvalidParameterValueException", bad({ Environment: { Variables: { BIG: "x".repeat(4096) } } }));
    refused("InvalidParameterValueException", bad({ Code: { ZipFile: Buffer.from("no zip") } }));
    refused("InvalidParameterValueException", bad({ Code: {} }));
    refused("NotImplemented", bad({ Publish: true }));
    refused("ValidationException", () => create("a b"));
  });

  it("lists fifty at a time, without state", () => {
    const { create, run } = cloud();
    for (let index = 0; index < 51; index += 1) create(`f${index}`);
    const first = run<api.ListFunctionsCommandOutput>("ListFunctions", { MaxItems: 1000 });
    assert.equal(first.Functions!.length, 50);
    assert.equal("State" in first.Functions![0]! || "RuntimeVersionConfig" in first.Functions![0]!, false);
    const second = run<api.ListFunctionsCommandOutput>("ListFunctions", { Marker: first.NextMarker });
    assert.equal(second.Functions!.length, 1);
    assert.equal(second.NextMarker, undefined);
  });

  it("finds a function by name, partial ARN and ARN, and knows no version but $LATEST", () => {
    const { create, get } = cloud();
    create("f");
    for (const name of ["f", "f:$LATEST", "000000000000:function:f", `${ARN}f`, `${ARN}f:$LATEST`]) {
      assert.equal(get(name).Configuration?.FunctionArn, `${ARN}f`);
    }
    assert.match(refused("ResourceNotFoundException", () => get("f:1")).message, /function:f:1$/);
  });

  it("carries tags, and shows them to the tagging API", () => {
    const { create, run, get, lambda } = cloud();
    create("f", { Tags: { a: "1" } });
    const Resource = `${ARN}f`;
    run("TagResource", { Resource, Tags: { b: "2", c: "3" } });
    run("UntagResource", { Resource, TagKeys: ["a"] });
    assert.deepEqual(get("f").Tags, { b: "2", c: "3" });
    assert.deepEqual(run<api.ListTagsCommandOutput>("ListTags", { Resource }).Tags, { b: "2", c: "3" });
    assert.deepEqual(
      [...lambda.taggables!()].map(({ arn, tags }) => [arn, tags.get("b")]),
      [[Resource, "2"]],
    );
    refused("ResourceNotFoundException", () => run("ListTags", { Resource: `${ARN}none` }));
  });

  it("deletes a function with all that hangs on it", () => {
    const { create, run } = cloud();
    create("f");
    run("PutFunctionEventInvokeConfig", { FunctionName: "f", MaximumRetryAttempts: 0 });
    run("DeleteFunction", { FunctionName: "f" });
    refused("ResourceNotFoundException", () => run("DeleteFunction", { FunctionName: "f" }));
    create("f");
    refused("ResourceNotFoundException", () => run("GetFunctionEventInvokeConfig", { FunctionName: "f" }));
  });
});

describe("Lambda: permissions", () => {
  const s3 = {
    FunctionName: "f",
    StatementId: "s3",
    Action: "lambda:InvokeFunction",
    Principal: "s3.amazonaws.com",
    SourceArn: BUCKET,
    SourceAccount: "000000000000",
  };

  it("emits ArnLike AWS:SourceArn and StringEquals AWS:SourceAccount", () => {
    const { create, run } = cloud();
    create("f");
    const added = run<api.AddPermissionCommandOutput>("AddPermission", s3);
    const { Policy, RevisionId } = run<api.GetPolicyCommandOutput>("GetPolicy", { FunctionName: "f" });
    const statement = {
      Sid: "s3",
      Effect: "Allow",
      Principal: { Service: "s3.amazonaws.com" },
      Action: "lambda:InvokeFunction",
      Resource: `${ARN}f`,
      Condition: {
        StringEquals: { "AWS:SourceAccount": "000000000000" },
        ArnLike: { "AWS:SourceArn": BUCKET },
      },
    };
    assert.deepEqual(JSON.parse(added.Statement!), statement);
    assert.deepEqual(JSON.parse(Policy!), { Version: "2012-10-17", Id: "default", Statement: [statement] });
    assert.ok(RevisionId);
  });

  it("refuses a second statement of an id, and the policy is gone with its last statement", () => {
    const { create, run } = cloud();
    create("f");
    const policy = () => run("GetPolicy", { FunctionName: "f" });
    refused("ResourceNotFoundException", policy);
    run("AddPermission", s3);
    refused("ResourceConflictException", () => run("AddPermission", { ...s3, SourceArn: "arn:aws:s3:::other" }));
    refused("ResourceNotFoundException", () => run("RemovePermission", { FunctionName: "f", StatementId: "none" }));
    run("RemovePermission", { FunctionName: "f", StatementId: "s3" });
    refused("ResourceNotFoundException", policy);
    refused("ResourceNotFoundException", () => run("RemovePermission", { FunctionName: "f", StatementId: "s3" }));
  });

  it("refuses a revision that was overtaken, ids and principals out of form, and a policy beyond 20 KB", () => {
    const { create, run } = cloud();
    create("f");
    const add = (more: object) => () => run("AddPermission", { ...s3, ...more });
    refused("PreconditionFailedException", add({ RevisionId: "old" }));
    refused("ValidationException", add({ StatementId: "a b" }));
    refused("ValidationException", add({ Action: "s3:GetObject" }));
    refused("ValidationException", add({ SourceAccount: "1" }));
    let added = 0;
    const error = refused("PolicyLengthExceededException", () => {
      for (; added < 200; added += 1) add({ StatementId: `s${added}` })();
    });
    assert.ok(added > 50, error.message);
  });

  it("lets in whom principal, source and account name, and nobody else", () => {
    const { create, run, lambda } = cloud();
    create("f");
    const invoker = {
      functionArn: `${ARN}f`,
      principal: "s3.amazonaws.com",
      sourceArn: BUCKET,
      sourceAccount: "000000000000",
    };
    assert.equal(lambda.mayInvoke(invoker), false);
    run("AddPermission", s3);
    assert.equal(lambda.mayInvoke(invoker), true);
    assert.equal(lambda.mayInvoke({ ...invoker, principal: "events.amazonaws.com" }), false);
    assert.equal(lambda.mayInvoke({ ...invoker, sourceArn: `${BUCKET}2` }), false);
    assert.equal(lambda.mayInvoke({ ...invoker, sourceAccount: "111111111111" }), false);
    assert.equal(lambda.mayInvoke({ ...invoker, functionArn: `${ARN}none` }), false);
    run("AddPermission", {
      FunctionName: "f",
      StatementId: "rules",
      Action: "lambda:*",
      Principal: "events.amazonaws.com",
      SourceArn: "arn:aws:events:us-east-1:000000000000:rule/pw-*",
    });
    const rule = { ...invoker, principal: "events.amazonaws.com" };
    assert.equal(lambda.mayInvoke({ ...rule, sourceArn: "arn:aws:events:us-east-1:000000000000:rule/pw-tick" }), true);
    assert.equal(lambda.mayInvoke({ ...rule, sourceArn: "arn:aws:events:us-east-1:000000000000:rule/x" }), false);
  });
});

describe("Lambda: invocations", () => {
  it("keeps an event-invoke config: put replaces, update changes, unset is ResourceNotFoundException", () => {
    const { create, run } = cloud();
    create("f");
    const FunctionName = "f";
    const get = () =>
      run<api.GetFunctionEventInvokeConfigCommandOutput>("GetFunctionEventInvokeConfig", { FunctionName });
    const put = (more: object) => run("PutFunctionEventInvokeConfig", { FunctionName, ...more });
    const Destination = "arn:aws:sqs:us-east-1:000000000000:undelivered";
    refused("ResourceNotFoundException", get);
    refused("ResourceNotFoundException", () => run("UpdateFunctionEventInvokeConfig", { FunctionName }));
    put({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: { Destination } },
    });
    assert.equal(get().FunctionArn, `${ARN}f:$LATEST`);
    assert.deepEqual(get().DestinationConfig, { OnSuccess: {}, OnFailure: { Destination } });
    run("UpdateFunctionEventInvokeConfig", { FunctionName, MaximumRetryAttempts: 1 });
    assert.equal(get().MaximumRetryAttempts, 1);
    assert.equal(get().MaximumEventAgeInSeconds, 21_600);
    put({ MaximumRetryAttempts: 0 });
    assert.equal(get().MaximumEventAgeInSeconds, undefined);
    assert.deepEqual(get().DestinationConfig, { OnSuccess: {}, OnFailure: {} });
    refused("ValidationException", () => put({ MaximumRetryAttempts: 3 }));
    refused("ValidationException", () => put({ MaximumEventAgeInSeconds: 59 }));
    refused("InvalidParameterValueException", () => put({}));
    refused("InvalidParameterValueException", () => put({ DestinationConfig: { OnFailure: { Destination: "x" } } }));
    run("DeleteFunctionEventInvokeConfig", { FunctionName });
    refused("ResourceNotFoundException", get);
  });

  it("reserves concurrency, leaving 100 for all others", () => {
    const { create, run, get } = cloud();
    create("f");
    create("g");
    const put = (FunctionName: string, ReservedConcurrentExecutions: number) =>
      run("PutFunctionConcurrency", { FunctionName, ReservedConcurrentExecutions });
    put("f", 1);
    assert.deepEqual(get("f").Concurrency, { ReservedConcurrentExecutions: 1 });
    const unreserved = () =>
      run<api.GetAccountSettingsCommandOutput>("GetAccountSettings").AccountLimit?.UnreservedConcurrentExecutions;
    assert.equal(unreserved(), 999);
    put("g", 899);
    refused("InvalidParameterValueException", () => put("f", 2));
    put("f", 0);
    run("DeleteFunctionConcurrency", { FunctionName: "g" });
    assert.equal(unreserved(), 1000);
    assert.deepEqual(run("GetFunctionConcurrency", { FunctionName: "f" }), { ReservedConcurrentExecutions: 0 });
    assert.deepEqual(run<api.GetAccountSettingsCommandOutput>("GetAccountSettings").AccountUsage, {
      TotalCodeSize: 14,
      FunctionCount: 2,
    });
  });

  it("takes an event and tells the world; an answer is not to be had yet", () => {
    const { create, run, world } = cloud();
    create("f");
    const seen: unknown[] = [];
    world.onEvent(({ source, type, detail }) => seen.push([source, type, detail.functionArn, detail.payload]));
    const event = { FunctionName: "f", InvocationType: "Event", Payload: Buffer.from('{"a":1}') };
    assert.deepEqual(run("Invoke", event), { StatusCode: 202 });
    assert.deepEqual(seen, [["lambda", "Invoke", `${ARN}f`, { a: 1 }]]);
    assert.deepEqual(run("Invoke", { FunctionName: "f", InvocationType: "DryRun" }), { StatusCode: 204 });
    refused("NotImplemented", () => run("Invoke", { FunctionName: "f" }));
    refused("InvalidRequestContentException", () => run("Invoke", { ...event, Payload: Buffer.from("{") }));
    refused("RequestTooLargeException", () => run("Invoke", { ...event, Payload: Buffer.alloc(1_048_577, "1") }));
  });
});
