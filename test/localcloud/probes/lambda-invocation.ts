import * as lambda from "@aws-sdk/client-lambda";
import type { Sdk } from "../../support/sdk.ts";
import { makeFunction } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const LAMBDA = "Lambda API Reference";

/** Who may invoke a function, how often, and what comes of it. */
export const lambdaInvocationProbes: readonly Probe[] = [
  {
    operation: "lambda:AddPermission",
    question: "twice with the same statement id",
    aws: "409 ResourceConflictException",
    source: `${LAMBDA}, AddPermission, errors`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-permission");
      await permit(sdk, at);
      return outcomeOf(permit(sdk, at));
    },
  },
  {
    operation: "lambda:AddPermission",
    question: "conditions on the bucket and its account",
    aws: "ArnLike AWS:SourceArn, StringEquals AWS:SourceAccount",
    source: "Lambda Developer Guide, granting function access to services",
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-conditions");
      const SourceArn = "arn:aws:s3:::probe-conditions";
      const { Statement = "{}" } = await permit(sdk, at, { SourceArn, SourceAccount: "123456789012" });
      const condition: Record<string, Record<string, string>> = JSON.parse(Statement).Condition ?? {};
      const words = Object.entries(condition).map(([operator, of]) => `${operator} ${Object.keys(of).join(" ")}`);
      return words.sort().join(", ") || "none";
    },
  },
  {
    operation: "lambda:AddPermission",
    question: "to the version `$LATEST`",
    aws: "400 InvalidParameterValueException",
    source: `${LAMBDA}, AddPermission`,
    async ask(sdk) {
      return outcomeOf(permit(sdk, await makeFunction(sdk, "probe-latest"), { Qualifier: "$LATEST" }));
    },
  },
  {
    operation: "lambda:GetPolicy",
    question: "of a function that nobody may invoke",
    aws: "404 ResourceNotFoundException",
    source: `${LAMBDA}, GetPolicy, errors`,
    ask: async (sdk) =>
      outcomeOf(sdk.lambda.send(new lambda.GetPolicyCommand(await makeFunction(sdk, "probe-lawless")))),
  },
  {
    operation: "lambda:GetPolicy",
    question: "of a function that was deleted and made again",
    aws: "404 ResourceNotFoundException",
    source: `${LAMBDA}, GetPolicy, errors`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-again");
      const { Configuration } = await sdk.lambda.send(new lambda.GetFunctionCommand(at));
      await permit(sdk, at);
      await sdk.lambda.send(new lambda.DeleteFunctionCommand(at));
      await makeFunction(sdk, "probe-again", { Role: Configuration!.Role });
      return outcomeOf(sdk.lambda.send(new lambda.GetPolicyCommand(at)));
    },
  },
  {
    operation: "lambda:RemovePermission",
    question: "a statement that is not there",
    aws: "404 ResourceNotFoundException",
    source: `${LAMBDA}, RemovePermission, errors`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-unpermitted");
      await permit(sdk, at);
      return outcomeOf(sdk.lambda.send(new lambda.RemovePermissionCommand({ ...at, StatementId: "none" })));
    },
  },
  {
    operation: "lambda:RemovePermission",
    question: "the last statement: there is no policy any more",
    aws: "404 ResourceNotFoundException",
    source: `${LAMBDA}, GetPolicy, errors`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-last");
      await permit(sdk, at);
      await sdk.lambda.send(new lambda.RemovePermissionCommand({ ...at, StatementId: "s" }));
      return outcomeOf(sdk.lambda.send(new lambda.GetPolicyCommand(at)));
    },
  },
  {
    operation: "lambda:PutFunctionEventInvokeConfig",
    question: "a second one replaces the first: what it does not name is gone",
    aws: "1 retry, age absent",
    source: `${LAMBDA}, PutFunctionEventInvokeConfig`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-replaced");
      await configure(sdk, at, { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 60 });
      await configure(sdk, at, { MaximumRetryAttempts: 1 });
      const answer = await sdk.lambda.send(new lambda.GetFunctionEventInvokeConfigCommand(at));
      return `${answer.MaximumRetryAttempts} retry, age ${answer.MaximumEventAgeInSeconds ?? "absent"}`;
    },
  },
  {
    operation: "lambda:PutFunctionEventInvokeConfig",
    question: "three retries",
    aws: "refused",
    source: `${LAMBDA}, PutFunctionEventInvokeConfig`,
    async ask(sdk) {
      return verdict(configure(sdk, await makeFunction(sdk, "probe-retries"), { MaximumRetryAttempts: 3 }));
    },
  },
  {
    operation: "lambda:PutFunctionEventInvokeConfig",
    question: "an age of less than a minute",
    aws: "refused",
    source: `${LAMBDA}, PutFunctionEventInvokeConfig`,
    async ask(sdk) {
      return verdict(configure(sdk, await makeFunction(sdk, "probe-age"), { MaximumEventAgeInSeconds: 59 }));
    },
  },
  {
    operation: "lambda:GetFunctionEventInvokeConfig",
    question: "of a function without one",
    aws: "404 ResourceNotFoundException",
    source: `${LAMBDA}, GetFunctionEventInvokeConfig, errors`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-unconfigured");
      return outcomeOf(sdk.lambda.send(new lambda.GetFunctionEventInvokeConfigCommand(at)));
    },
  },
  {
    operation: "lambda:DeleteFunctionEventInvokeConfig",
    question: "of a function without one",
    aws: "404 ResourceNotFoundException",
    source: `${LAMBDA}, DeleteFunctionEventInvokeConfig, errors`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-never-configured");
      return outcomeOf(sdk.lambda.send(new lambda.DeleteFunctionEventInvokeConfigCommand(at)));
    },
  },
  {
    operation: "lambda:PutFunctionConcurrency",
    question: "so much that fewer than 100 are left for all others",
    aws: "400 InvalidParameterValueException",
    source: "Lambda Developer Guide, reserved concurrency",
    async ask(sdk) {
      const given = { ...(await makeFunction(sdk, "probe-greedy")), ReservedConcurrentExecutions: 901 };
      return outcomeOf(sdk.lambda.send(new lambda.PutFunctionConcurrencyCommand(given)));
    },
  },
  {
    operation: "lambda:DeleteFunctionConcurrency",
    question: "twice: GetFunction tells none",
    aws: "absent",
    source: `${LAMBDA}, DeleteFunctionConcurrency`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-freed");
      await sdk.lambda.send(new lambda.PutFunctionConcurrencyCommand({ ...at, ReservedConcurrentExecutions: 1 }));
      for (const _ of [1, 2]) await sdk.lambda.send(new lambda.DeleteFunctionConcurrencyCommand(at));
      const { Concurrency } = await sdk.lambda.send(new lambda.GetFunctionCommand(at));
      return String(Concurrency?.ReservedConcurrentExecutions ?? "absent");
    },
  },
  {
    operation: "lambda:GetAccountSettings",
    question: "concurrent executions of an account",
    aws: "1000",
    source: "Lambda Developer Guide, quotas",
    ask: async (sdk) => String((await limits(sdk))?.ConcurrentExecutions ?? "absent"),
  },
  {
    operation: "lambda:GetAccountSettings",
    question: "what a reservation of 5 leaves to all others",
    aws: "5 fewer",
    source: `${LAMBDA}, AccountLimit`,
    async ask(sdk) {
      const before = (await limits(sdk))?.UnreservedConcurrentExecutions ?? 0;
      const given = { ...(await makeFunction(sdk, "probe-five")), ReservedConcurrentExecutions: 5 };
      await sdk.lambda.send(new lambda.PutFunctionConcurrencyCommand(given));
      return `${before - ((await limits(sdk))?.UnreservedConcurrentExecutions ?? 0)} fewer`;
    },
  },
  {
    operation: "lambda:Invoke",
    question: "as an event: status, and nothing else",
    aws: "202, no payload",
    source: `${LAMBDA}, Invoke`,
    async ask(sdk) {
      const given = { ...(await makeFunction(sdk, "probe-event")), InvocationType: "Event" as const };
      const answer = await sdk.lambda.send(new lambda.InvokeCommand(given));
      return `${answer.StatusCode}, ${answer.Payload?.length ? "a payload" : "no payload"}`;
    },
  },
  {
    operation: "lambda:Invoke",
    question: "with what is no JSON",
    aws: "400 InvalidRequestContentException",
    source: `${LAMBDA}, Invoke, errors`,
    async ask(sdk) {
      const Payload = Buffer.from("no JSON");
      const given = { ...(await makeFunction(sdk, "probe-no-json")), InvocationType: "Event" as const, Payload };
      return outcomeOf(sdk.lambda.send(new lambda.InvokeCommand(given)));
    },
  },
  {
    operation: "lambda:Invoke",
    question: "the answer of a function",
    aws: '"one"',
    source: `${LAMBDA}, Invoke`,
    async ask(sdk) {
      const { Payload } = await sdk.lambda.send(new lambda.InvokeCommand(await makeFunction(sdk, "probe-answer")));
      const answer = Buffer.from(Payload ?? []).toString();
      return /^"?one"?$/.test(answer) ? answer : "something else";
    },
  },
  {
    operation: "lambda:Invoke",
    question: "a function that fails: status, and how it says so",
    aws: "200, Unhandled",
    source: `${LAMBDA}, Invoke`,
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-failing", { Handler: "index.none" });
      const { StatusCode, FunctionError } = await sdk.lambda.send(new lambda.InvokeCommand(at));
      return `${StatusCode}, ${FunctionError ?? "as if it went well"}`;
    },
  },
];

interface At {
  readonly FunctionName: string;
}

/** Lets S3 invoke it. */
function permit({ lambda: client }: Sdk, { FunctionName }: At, more: Partial<lambda.AddPermissionCommandInput> = {}) {
  const statement = { StatementId: "s", Action: "lambda:InvokeFunction", Principal: "s3.amazonaws.com" };
  return client.send(new lambda.AddPermissionCommand({ FunctionName, ...statement, ...more }));
}

function configure({ lambda: client }: Sdk, { FunctionName }: At, more: object): Promise<unknown> {
  return client.send(new lambda.PutFunctionEventInvokeConfigCommand({ FunctionName, ...more }));
}

async function limits({ lambda: client }: Sdk): Promise<lambda.AccountLimit | undefined> {
  return (await client.send(new lambda.GetAccountSettingsCommand({}))).AccountLimit;
}
