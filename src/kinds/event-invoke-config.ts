/** How Lambda retries asynchronous invocations. Name = function name; ours as the function is. */
import {
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { field } from "../core/compare.ts";
import { isOurs } from "../core/owner.ts";
import type { Change, Pass, Resource } from "../core/resource.ts";
import { withChanges } from "./changes.ts";
import { FUNCTION_GONE, functionTags, ourFunctions } from "./functions.ts";

export const eventInvokeConfigSchema = z.strictObject({
  /** 60 to 21,600. */
  maximumEventAgeSeconds: z.int(),
  /** 0 to 2. */
  maximumRetryAttempts: z.int(),
  /** ARN of the queue that takes what failed for good. */
  onFailureArn: z.string().nullable(),
});
export type EventInvokeConfigSpec = z.infer<typeof eventInvokeConfigSchema>;

/** As it stands, in the words of the spec. */
export interface EventInvokeConfigActual extends EventInvokeConfigSpec {
  /** Not ours to judge, yet part of what PutFunctionEventInvokeConfig replaces. */
  readonly onSuccessArn?: string | undefined;
}

/** What Lambda does with a field that was never set. */
const DEFAULTS = { maximumEventAgeSeconds: 21_600, maximumRetryAttempts: 2 };

export function eventInvokeConfig(aws: Aws): Resource<EventInvokeConfigSpec, EventInvokeConfigActual> {
  const { lambda } = aws.clients;

  /** Replaces the whole configuration. */
  const put = async (name: string, config: EventInvokeConfigActual, pass: Pass) => {
    const { maximumEventAgeSeconds, maximumRetryAttempts, onFailureArn, onSuccessArn } = config;
    const destinations = {
      ...(onFailureArn === null ? {} : { OnFailure: { Destination: onFailureArn } }),
      ...(onSuccessArn === undefined ? {} : { OnSuccess: { Destination: onSuccessArn } }),
    };
    await lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: name,
        MaximumEventAgeInSeconds: maximumEventAgeSeconds,
        MaximumRetryAttempts: maximumRetryAttempts,
        ...(Object.keys(destinations).length === 0 ? {} : { DestinationConfig: destinations }),
      }),
      { abortSignal: pass.signal },
    );
  };

  return {
    kind: "event-invoke-config",
    schema: eventInvokeConfigSchema,

    async read(name, pass) {
      const reading = orUndefined(
        lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: name }), { abortSignal: pass.signal }),
        FUNCTION_GONE,
      );
      const [config, tags] = await Promise.all([reading, functionTags(aws, name, pass, reading)]);
      if (!config) return { is: "absent" };
      const actual: EventInvokeConfigActual = {
        maximumEventAgeSeconds: config.MaximumEventAgeInSeconds ?? DEFAULTS.maximumEventAgeSeconds,
        maximumRetryAttempts: config.MaximumRetryAttempts ?? DEFAULTS.maximumRetryAttempts,
        onFailureArn: config.DestinationConfig?.OnFailure?.Destination ?? null,
        onSuccessArn: config.DestinationConfig?.OnSuccess?.Destination,
      };
      return { is: isOurs(tags, pass.owner) ? "owned" : "foreign", actual };
    },

    diff(spec, actual): Change[] {
      return [
        ...field("maximumEventAgeSeconds", spec.maximumEventAgeSeconds, actual.maximumEventAgeSeconds),
        ...field("maximumRetryAttempts", spec.maximumRetryAttempts, actual.maximumRetryAttempts),
        ...field("onFailureArn", spec.onFailureArn, actual.onFailureArn),
      ];
    },

    create: put,
    update: (name, spec, actual, changes, pass) => put(name, withChanges(actual, spec, changes), pass),

    async delete(name, _actual, pass) {
      await orUndefined(
        lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName: name }), { abortSignal: pass.signal }),
        FUNCTION_GONE,
      );
    },

    /** A row for each function of ours: whether one has such a configuration, the read tells. */
    list: (pass) => ourFunctions(aws, pass),
  };
}
