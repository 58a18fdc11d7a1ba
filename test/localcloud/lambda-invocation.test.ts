import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-lambda";
import { ARN, cloud } from "./lambda-cloud.ts";
import { refused } from "./stub-world.ts";

const BUCKET = "arn:aws:s3:::pw-input";

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

  it("refuses a version, a revision that was overtaken, ids and principals out of form, and a policy beyond 20 KB", () => {
    const { create, run } = cloud();
    create("f");
    const add = (more: object) => () => run("AddPermission", { ...s3, ...more });
    refused("InvalidParameterValueException", add({ Qualifier: "$LATEST" }));
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
    const Destination = "arn:aws:sns:us-east-1:000000000000:undelivered";
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
    // An event without a body, as it comes from the wire.
    run("Invoke", { ...event, Payload: new Uint8Array() });
    assert.deepEqual(seen, [
      ["lambda", "Invoke", `${ARN}f`, { a: 1 }],
      ["lambda", "Invoke", `${ARN}f`, {}],
    ]);
    assert.deepEqual(run("Invoke", { FunctionName: "f", InvocationType: "DryRun" }), { StatusCode: 204 });
    refused("NotImplemented", () => run("Invoke", { FunctionName: "f" }));
    refused("InvalidRequestContentException", () => run("Invoke", { ...event, Payload: Buffer.from("{") }));
    refused("RequestTooLargeException", () => run("Invoke", { ...event, Payload: Buffer.alloc(1_048_577, "1") }));
  });
});
