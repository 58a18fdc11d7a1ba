import { after } from "node:test";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  ListTagsCommand,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  type UpdateFunctionCodeCommandInput,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from "@aws-sdk/client-lambda";
import { type FunctionSpec, lambdaFunction } from "../../src/kinds/function.ts";
import { startBackend } from "../support/backend.ts";
import { functionSettled, inReverse, makeRole, roleArn, zipOf } from "../support/hangers-on.ts";
import type { Stage } from "./case.ts";
import { contract } from "./contract.ts";
import { othersTag, type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const arnOf = (stage: Stage) => stage.arn("lambda", `function:${stage.name}`);
const ours = ({ unique }: Stage) => `pw-contract-ours-${unique}`;
const theirs = ({ unique }: Stage) => `pw-contract-theirs-${unique}`;
const code = zipOf("ours");
const otherCode = zipOf("theirs");

const tagCalls: TagCalls = {
  set: (stage, Tags) => stage.sdk.lambda.send(new TagResourceCommand({ Resource: arnOf(stage), Tags: { ...Tags } })),
  remove: (stage, TagKeys) => stage.sdk.lambda.send(new UntagResourceCommand({ Resource: arnOf(stage), TagKeys })),
  get: async (stage) => (await stage.sdk.lambda.send(new ListTagsCommand({ Resource: arnOf(stage) }))).Tags ?? {},
};

async function configure(stage: Stage, fields: Omit<UpdateFunctionConfigurationCommandInput, "FunctionName">) {
  await functionSettled(stage, stage.name);
  await stage.sdk.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: stage.name, ...fields }));
  await functionSettled(stage, stage.name);
}

async function upload(stage: Stage, fields: Omit<UpdateFunctionCodeCommandInput, "FunctionName">) {
  await functionSettled(stage, stage.name);
  await stage.sdk.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: stage.name, ...fields }));
  await functionSettled(stage, stage.name);
}

contract<FunctionSpec>(backend, {
  kind: "function",
  make: lambdaFunction,
  code: new Map([[code.codeSha256, code.zip]]),
  spec: (stage) => ({
    runtime: "nodejs24.x",
    handler: "index.handler",
    architecture: "x86_64",
    memorySize: 256,
    timeoutSeconds: 60,
    environment: { QUEUE_URL: "http://queue", SCALER: "pw-scaler" },
    role: roleArn(stage, ours(stage)),
    codeSha256: code.codeSha256,
    loggingConfig: { logGroup: `/aws/lambda/${stage.name}`, logFormat: "JSON" },
    reservedConcurrency: 1,
    tags: stage.tags,
  }),
  prepare: async (stage) =>
    inReverse(
      await makeRole(stage, ours(stage), "lambda.amazonaws.com"),
      await makeRole(stage, theirs(stage), "lambda.amazonaws.com"),
    ),
  writtenAlong: { codeSha256: "UpdateFunctionCode, which sets the architecture, demands the code" },
  tampers: [
    { field: "runtime", change: (stage) => configure(stage, { Runtime: "nodejs22.x" }) },
    { field: "handler", change: (stage) => configure(stage, { Handler: "other.handler" }) },
    {
      field: "architecture",
      change: (stage) => upload(stage, { ZipFile: code.zip, Architectures: ["arm64"] }),
      skip: ({ cannot }) => cannot("function-architecture-changed"),
    },
    { field: "memorySize", change: (stage) => configure(stage, { MemorySize: 1_024 }) },
    { field: "timeoutSeconds", change: (stage) => configure(stage, { Timeout: 3 }) },
    {
      field: "environment",
      what: "a variable with another value",
      change: (stage) =>
        configure(stage, { Environment: { Variables: { QUEUE_URL: "http://other", SCALER: "pw-scaler" } } }),
      paths: ["environment.QUEUE_URL"],
    },
    {
      field: "environment",
      what: "a variable taken away and one that an intruder added",
      change: (stage) =>
        configure(stage, { Environment: { Variables: { QUEUE_URL: "http://queue", INTRUDER: "yes" } } }),
      paths: ["environment.INTRUDER", "environment.SCALER"],
    },
    { field: "role", change: (stage) => configure(stage, { Role: roleArn(stage, theirs(stage)) }) },
    { field: "codeSha256", change: (stage) => upload(stage, { ZipFile: otherCode.zip }) },
    {
      field: "loggingConfig.logGroup",
      change: (stage) => configure(stage, { LoggingConfig: { LogGroup: "/elsewhere", LogFormat: "JSON" } }),
    },
    {
      field: "loggingConfig.logFormat",
      change: (stage) =>
        configure(stage, { LoggingConfig: { LogGroup: `/aws/lambda/${stage.name}`, LogFormat: "Text" } }),
    },
    {
      field: "reservedConcurrency",
      change: ({ sdk, name }) =>
        sdk.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 5 })),
    },
    {
      field: "reservedConcurrency",
      what: "the reserved concurrency taken off",
      change: ({ sdk, name }) => sdk.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: name })),
    },
    ...tagTampers(tagCalls),
  ],
  others: [othersTag(tagCalls)],
  remove: ({ sdk, name }) => sdk.lambda.send(new DeleteFunctionCommand({ FunctionName: name })),
  async foreign(stage) {
    await stage.sdk.lambda.send(
      new CreateFunctionCommand({
        FunctionName: stage.name,
        Role: roleArn(stage, theirs(stage)),
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Code: { ZipFile: otherCode.zip },
        Environment: { Variables: { THEIRS: "kept" } },
        Tags: { colour: "green" },
      }),
    );
    await functionSettled(stage, stage.name);
  },
  dispensable: { GetAccountSettings: "where it is denied, the reservation is tried, and Lambda judges" },
});
