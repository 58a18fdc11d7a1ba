import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FunctionActual, type FunctionSpec, lambdaFunction } from "../../src/kinds/function.ts";
import { adopted, eachDifferenceIsOneChange, offline, paths, tagsOf } from "./diff-table.ts";

const kind = lambdaFunction(offline);
const tags = tagsOf("function/pw-plants-grey");
const role = "arn:aws:iam::123456789012:role/lambda_exec_role";

const spec: FunctionSpec = {
  runtime: "nodejs24.x",
  handler: "enqueue.handler",
  architecture: "x86_64",
  memorySize: 256,
  timeoutSeconds: 60,
  environment: { QUEUE_URL: "https://q", SCALER: "pw-scaler" },
  role,
  codeSha256: "c2hhMjU2",
  loggingConfig: { logGroup: "/aws/lambda/pw-plants-grey", logFormat: "Text" },
  reservedConcurrency: null,
  tags,
};

const standing: FunctionActual = {
  arn: "arn:aws:lambda:us-east-1:123456789012:function:pw-plants-grey",
  configuration: {
    FunctionName: "pw-plants-grey",
    Runtime: "nodejs24.x",
    Handler: "enqueue.handler",
    Architectures: ["x86_64"],
    MemorySize: 256,
    Timeout: 60,
    Environment: { Variables: { SCALER: "pw-scaler", QUEUE_URL: "https://q" } },
    Role: role,
    CodeSha256: "c2hhMjU2",
    LoggingConfig: { LogGroup: "/aws/lambda/pw-plants-grey", LogFormat: "Text" },
    // What Lambda fills in is nobody's wish.
    EphemeralStorage: { Size: 512 },
    TracingConfig: { Mode: "PassThrough" },
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
  },
  reservedConcurrency: undefined,
  unreservedConcurrency: 1_000,
  tags,
};

const configured = (configuration: FunctionActual["configuration"]) => (actual: FunctionActual) => ({
  ...actual,
  configuration: { ...actual.configuration, ...configuration },
});
const environment = (Variables: Record<string, string>) => configured({ Environment: { Variables } });

describe("functions, compared", () => {
  eachDifferenceIsOneChange(kind, spec, standing, {
    runtime: configured({ Runtime: "nodejs22.x" }),
    handler: configured({ Handler: "other.handler" }),
    architecture: configured({ Architectures: ["arm64"] }),
    memorySize: configured({ MemorySize: 128 }),
    timeoutSeconds: configured({ Timeout: 3 }),
    "environment.SCALER": environment({ QUEUE_URL: "https://q", SCALER: "other" }),
    "environment.QUEUE_URL (missing)": environment({ SCALER: "pw-scaler" }),
    "environment.EVIL (an intruder's)": environment({ QUEUE_URL: "https://q", SCALER: "pw-scaler", EVIL: "1" }),
    role: configured({ Role: "arn:aws:iam::123456789012:role/other" }),
    codeSha256: configured({ CodeSha256: "b3RoZXI=" }),
    "loggingConfig.logGroup": configured({ LoggingConfig: { LogGroup: "/other", LogFormat: "Text" } }),
    "loggingConfig.logFormat": configured({
      LoggingConfig: { LogGroup: "/aws/lambda/pw-plants-grey", LogFormat: "JSON" },
    }),
    reservedConcurrency: (actual) => ({ ...actual, reservedConcurrency: 5 }),
    "tags.team": (actual) => ({ ...actual, tags: { ...actual.tags, team: "red" } }),
  });

  it("have variables that go though nobody here may read them", () => {
    const withoutVariables = { ...spec, environment: {} };
    const unreadable = configured({ Environment: { Error: { ErrorCode: "AccessDeniedException" } } })(standing);
    assert.deepEqual(paths(kind, withoutVariables, unreadable), ["environment.unreadable"]);
    assert.deepEqual(paths(kind, withoutVariables, configured({ Environment: {} })(standing)), []);
  });

  it("takes an absent log configuration for Lambda's own default", () => {
    assert.deepEqual(paths(kind, spec, configured({ LoggingConfig: undefined })(standing)), []);
  });

  it("leaves alone the variables that others put on an adopted function", () => {
    const actual = environment({ QUEUE_URL: "https://q", SCALER: "pw-scaler", THEIRS: "1" })(standing);
    const mine = adopted(tags);
    assert.deepEqual(paths(kind, { ...spec, tags: mine }, { ...actual, tags: mine }), []);
  });
});

describe("a function's reservation", () => {
  const wanted = { ...spec, reservedConcurrency: 1 };
  const seen = (reservedConcurrency: number | undefined, unreservedConcurrency: number | undefined) =>
    kind
      .diff(wanted, { ...standing, reservedConcurrency, unreservedConcurrency })
      .map(({ path, want }) => [path, want]);

  it("is set where 100 stay unreserved after it", () => {
    assert.deepEqual(seen(undefined, 101), [["reservedConcurrency", 1]]);
  });
  it("is not asked for where Lambda would refuse it", () => {
    assert.deepEqual(seen(undefined, 100), []);
  });
  it("is set where the account would not say what is left", () => {
    assert.deepEqual(seen(undefined, undefined), [["reservedConcurrency", 1]]);
  });
  it("is not counted against itself", () => {
    assert.deepEqual(seen(1, 100), []);
    assert.deepEqual(seen(5, 100), [["reservedConcurrency", 1]]);
  });
});
