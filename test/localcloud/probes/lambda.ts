import * as lambda from "@aws-sdk/client-lambda";
import { makeFunction, role } from "./made.ts";
import type { Probe } from "./probe.ts";

export const lambdaProbes: readonly Probe[] = [
  {
    operation: "lambda:CreateFunction",
    question: "with a role that does not trust Lambda",
    aws: "InvalidParameterValueException",
    source: "Lambda Developer Guide, execution role",
    async ask(sdk) {
      await makeFunction(sdk, "probe-trust", { Role: await role(sdk, "probe-trust", "ec2.amazonaws.com") });
      return "accepted";
    },
  },
  {
    operation: "lambda:UpdateFunctionConfiguration",
    question: "a logging configuration is kept",
    aws: "JSON",
    source: "Lambda API Reference, UpdateFunctionConfiguration",
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-logging");
      const LoggingConfig = { LogFormat: "JSON" as const };
      await sdk.lambda.send(new lambda.UpdateFunctionConfigurationCommand({ ...at, LoggingConfig }));
      const { Configuration } = await sdk.lambda.send(new lambda.GetFunctionCommand(at));
      return Configuration?.LoggingConfig?.LogFormat ?? "absent";
    },
  },
  {
    operation: "lambda:AddPermission",
    question: "twice with the same statement id",
    aws: "ResourceConflictException",
    source: "Lambda API Reference, AddPermission",
    async ask(sdk) {
      const given = { StatementId: "s", Action: "lambda:InvokeFunction", Principal: "s3.amazonaws.com" };
      const all = { ...(await makeFunction(sdk, "probe-permission")), ...given };
      for (const _ of [1, 2]) await sdk.lambda.send(new lambda.AddPermissionCommand(all));
      return "accepted";
    },
  },
  {
    operation: "lambda:PutFunctionEventInvokeConfig",
    question: "a second one replaces the first",
    aws: "1",
    source: "Lambda API Reference, PutFunctionEventInvokeConfig",
    async ask(sdk) {
      const at = await makeFunction(sdk, "probe-invoke");
      for (const MaximumRetryAttempts of [2, 1])
        await sdk.lambda.send(new lambda.PutFunctionEventInvokeConfigCommand({ ...at, MaximumRetryAttempts }));
      const answer = await sdk.lambda.send(new lambda.GetFunctionEventInvokeConfigCommand(at));
      return String(answer.MaximumRetryAttempts);
    },
  },
  {
    operation: "lambda:GetAccountSettings",
    question: "concurrent executions of an account",
    aws: "1000",
    source: "Lambda API Reference, GetAccountSettings",
    async ask(sdk) {
      const answer = await sdk.lambda.send(new lambda.GetAccountSettingsCommand({}));
      return String(answer.AccountLimit?.ConcurrentExecutions ?? "absent");
    },
  },
];
