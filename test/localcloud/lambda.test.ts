import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-lambda";
import { ARN, cloud, ROLE, zip } from "./lambda-cloud.ts";
import { refused } from "./stub-world.ts";

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
