import * as lambda from "@aws-sdk/client-lambda";
import { zipOf } from "../../support/hangers-on.ts";
import type { Sdk } from "../../support/sdk.ts";
import { makeFunction, role } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";

const LAMBDA = "Lambda API Reference";

export const lambdaFunctionProbes: readonly Probe[] = [
  {
    operation: "lambda:CreateFunction",
    question: "with a role that does not trust Lambda",
    aws: "400 InvalidParameterValueException",
    source: "Lambda Developer Guide, execution role",
    async ask(sdk) {
      return outcomeOf(makeFunction(sdk, "probe-trust", { Role: await role(sdk, "probe-trust", "ec2.amazonaws.com") }));
    },
  },
  {
    operation: "lambda:CreateFunction",
    question: "of a name that is there",
    aws: "409 ResourceConflictException",
    source: `${LAMBDA}, CreateFunction, errors`,
    async ask(sdk) {
      await makeFunction(sdk, "probe-twice");
      const Role = await role(sdk, "probe-twice-more", "lambda.amazonaws.com");
      return outcomeOf(makeFunction(sdk, "probe-twice", { Role }));
    },
  },
  {
    operation: "lambda:CreateFunction",
    question: "what nobody said",
    aws: "3 s, 128 MB, 512 MB of disk, x86_64, PassThrough",
    source: `${LAMBDA}, CreateFunction`,
    async ask(sdk) {
      const made = await configurationOf(sdk, await makeFunction(sdk, "probe-defaults"));
      const { Timeout, MemorySize, EphemeralStorage, Architectures, TracingConfig } = made;
      const disk = `${EphemeralStorage?.Size} MB of disk`;
      return `${Timeout} s, ${MemorySize} MB, ${disk}, ${Architectures?.join(", ")}, ${TracingConfig?.Mode}`;
    },
  },
  {
    operation: "lambda:CreateFunction",
    question: "where it logs, if nobody said",
    aws: "Text to /aws/lambda/probe-log",
    source: `${LAMBDA}, LoggingConfig`,
    async ask(sdk) {
      const { LoggingConfig } = await configurationOf(sdk, await makeFunction(sdk, "probe-log"));
      return LoggingConfig ? `${LoggingConfig.LogFormat} to ${LoggingConfig.LogGroup}` : "absent";
    },
  },
  {
    operation: "lambda:CreateFunction",
    question: "a variable of a name that Lambda keeps for itself",
    aws: "400 InvalidParameterValueException",
    source: "Lambda Developer Guide, reserved environment variables",
    async ask(sdk) {
      const Environment = { Variables: { AWS_REGION: "us-east-1" } };
      return outcomeOf(makeFunction(sdk, "probe-reserved", { Environment }));
    },
  },
  {
    operation: "lambda:CreateFunction",
    question: "variables of more than 4 KB",
    aws: "400 InvalidParameterValueException",
    source: "Lambda Developer Guide, quotas",
    async ask(sdk) {
      const Environment = { Variables: { LONG: "x".repeat(4096) } };
      return outcomeOf(makeFunction(sdk, "probe-long", { Environment }));
    },
  },
  {
    operation: "lambda:GetFunction",
    question: "tags and reserved concurrency",
    aws: "green, 2",
    source: `${LAMBDA}, GetFunction`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-get", { Tags: { colour: "green" } });
      await sdk.lambda.send(new lambda.PutFunctionConcurrencyCommand({ ...at, ReservedConcurrentExecutions: 2 }));
      const { Tags, Concurrency } = await sdk.lambda.send(new lambda.GetFunctionCommand(at));
      return `${Tags?.colour}, ${Concurrency?.ReservedConcurrentExecutions}`;
    },
  },
  {
    operation: "lambda:GetFunction",
    question: "that is not there",
    aws: "404 ResourceNotFoundException",
    source: `${LAMBDA}, GetFunction, errors`,
    ask: (sdk) => outcomeOf(sdk.lambda.send(new lambda.GetFunctionCommand({ FunctionName: "probe-none" }))),
  },
  {
    operation: "lambda:ListFunctions",
    question: "state and status of the last update: not told",
    aws: "absent, absent",
    source: `${LAMBDA}, ListFunctions`,
    async ask(sdk) {
      const { FunctionName } = await makeFunction(sdk, "probe-listed");
      const pages = lambda.paginateListFunctions({ client: sdk.lambda }, {});
      for await (const { Functions = [] } of pages) {
        const found = Functions.find((one) => one.FunctionName === FunctionName);
        if (found) return `${found.State ?? "absent"}, ${found.LastUpdateStatus ?? "absent"}`;
      }
      return "not listed";
    },
  },
  {
    operation: "lambda:ListFunctions",
    question: "a page of one: there is a next",
    aws: "1, and a next",
    source: `${LAMBDA}, ListFunctions`,
    async ask(sdk) {
      for (const name of ["probe-page-a", "probe-page-b"]) await makeFunction(sdk, name);
      const { Functions, NextMarker } = await sdk.lambda.send(new lambda.ListFunctionsCommand({ MaxItems: 1 }));
      return `${Functions?.length}, ${NextMarker ? "and a next" : "and no next"}`;
    },
  },
  {
    operation: "lambda:UpdateFunctionConfiguration",
    question: "a logging configuration is kept",
    aws: "JSON, INFO",
    source: `${LAMBDA}, LoggingConfig`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-logging");
      const given = { ...at, LoggingConfig: { LogFormat: "JSON" as const } };
      await sdk.lambda.send(new lambda.UpdateFunctionConfigurationCommand(given));
      const { LoggingConfig } = await configurationOf(sdk, at);
      return LoggingConfig ? `${LoggingConfig.LogFormat}, ${LoggingConfig.SystemLogLevel ?? "no level"}` : "absent";
    },
  },
  {
    operation: "lambda:UpdateFunctionConfiguration",
    question: "other variables replace all, what is not named stays",
    aws: "SECOND, 7 s",
    source: `${LAMBDA}, UpdateFunctionConfiguration`,
    async ask(sdk) {
      const Environment = { Variables: { FIRST: "1" } };
      const at = await makeFunction(sdk, "probe-variables", { Environment, Timeout: 7 });
      const given = { ...at, Environment: { Variables: { SECOND: "2" } } };
      await sdk.lambda.send(new lambda.UpdateFunctionConfigurationCommand(given));
      const made = await configurationOf(sdk, at);
      return `${Object.keys(made.Environment?.Variables ?? {}).join(", ")}, ${made.Timeout} s`;
    },
  },
  {
    operation: "lambda:UpdateFunctionConfiguration",
    question: "of a revision that was overtaken",
    aws: "412 PreconditionFailedException",
    source: `${LAMBDA}, UpdateFunctionConfiguration, errors`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-revision");
      const { RevisionId } = await configurationOf(sdk, at);
      const update = (more: object) => new lambda.UpdateFunctionConfigurationCommand({ ...at, ...more });
      await sdk.lambda.send(update({ Timeout: 5 }));
      return outcomeOf(sdk.lambda.send(update({ Timeout: 6, RevisionId })));
    },
  },
  {
    operation: "lambda:UpdateFunctionCode",
    question: "the digest is the zip's, in Base64",
    aws: "the same",
    source: `${LAMBDA}, FunctionConfiguration`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-digest");
      const { zip: ZipFile, codeSha256 } = zipOf("two");
      await sdk.lambda.send(new lambda.UpdateFunctionCodeCommand({ ...at, ZipFile }));
      return (await configurationOf(sdk, at)).CodeSha256 === codeSha256 ? "the same" : "another";
    },
  },
  {
    operation: "lambda:UpdateFunctionCode",
    question: "a dry run: the digest is told, the code stays",
    aws: "the new one told, the old one kept",
    source: `${LAMBDA}, UpdateFunctionCode`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-dry");
      const { zip: ZipFile, codeSha256 } = zipOf("two");
      const told = await sdk.lambda.send(new lambda.UpdateFunctionCodeCommand({ ...at, ZipFile, DryRun: true }));
      const which = (digest: string | undefined) => (digest === codeSha256 ? "the new one" : "the old one");
      return `${which(told.CodeSha256)} told, ${which((await configurationOf(sdk, at)).CodeSha256)} kept`;
    },
  },
  {
    operation: "lambda:UpdateFunctionCode",
    question: "what is no zip",
    aws: "400 InvalidParameterValueException",
    source: `${LAMBDA}, UpdateFunctionCode, errors`,
    async ask(sdk) {
      const given = { ...(await makeFunction(sdk, "probe-no-zip")), ZipFile: Buffer.from("no zip") };
      return outcomeOf(sdk.lambda.send(new lambda.UpdateFunctionCodeCommand(given)));
    },
  },
  {
    operation: "lambda:DeleteFunction",
    question: "that is not there",
    aws: "404 ResourceNotFoundException",
    source: `${LAMBDA}, DeleteFunction, errors`,
    ask: (sdk) => outcomeOf(sdk.lambda.send(new lambda.DeleteFunctionCommand({ FunctionName: "probe-none" }))),
  },
  {
    operation: "lambda:ListTags",
    question: "of a function that is not there",
    aws: "404 ResourceNotFoundException",
    source: `${LAMBDA}, ListTags, errors`,
    async ask(sdk) {
      const { FunctionArn } = await makeFunction(sdk, "probe-tagless");
      return outcomeOf(sdk.lambda.send(new lambda.ListTagsCommand({ Resource: `${FunctionArn}-none` })));
    },
  },
  {
    operation: "lambda:TagResource",
    question: "another value for one of two keys",
    aws: "colour red, size small",
    source: `${LAMBDA}, TagResource`,
    async ask(sdk) {
      const Tags = { colour: "green", size: "small" };
      const { FunctionArn: Resource } = await makeFunction(sdk, "probe-retagged", { Tags });
      await sdk.lambda.send(new lambda.TagResourceCommand({ Resource, Tags: { colour: "red" } }));
      const { Tags: tags } = await sdk.lambda.send(new lambda.ListTagsCommand({ Resource }));
      return `colour ${tags?.colour}, size ${tags?.size}`;
    },
  },
  {
    operation: "lambda:TagResource",
    question: "a key that begins with `aws:`",
    aws: "400 InvalidParameterValueException",
    source: "Lambda Developer Guide, requirements of tags",
    async ask(sdk) {
      const { FunctionArn: Resource } = await makeFunction(sdk, "probe-system-tag");
      return outcomeOf(sdk.lambda.send(new lambda.TagResourceCommand({ Resource, Tags: { "aws:colour": "x" } })));
    },
  },
  {
    operation: "lambda:UntagResource",
    question: "one key that is there and one that is not",
    aws: "0",
    source: `${LAMBDA}, UntagResource`,
    async ask(sdk) {
      const { FunctionArn: Resource } = await makeFunction(sdk, "probe-untagged", { Tags: { colour: "green" } });
      await sdk.lambda.send(new lambda.UntagResourceCommand({ Resource, TagKeys: ["colour", "size"] }));
      const { Tags = {} } = await sdk.lambda.send(new lambda.ListTagsCommand({ Resource }));
      return String(Object.keys(Tags).length);
    },
  },
];

async function configurationOf({ lambda: client }: Sdk, { FunctionName }: { FunctionName: string }) {
  return (await client.send(new lambda.GetFunctionCommand({ FunctionName }))).Configuration ?? {};
}
