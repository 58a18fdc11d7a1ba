import type * as api from "@aws-sdk/client-lambda";
import type { AwsError, Call, Operation, World } from "../../service.ts";
import { isAllowed } from "../../world/authorize.ts";
import { parseArn } from "../arn.ts";
import type { Sqs } from "../sqs.ts";
import { invalidParameter, notFound, validation } from "./errors.ts";
import type { FunctionRecord, Functions } from "./functions.ts";

/** How often, how long and whereto Lambda delivers what was invoked asynchronously. */
export function eventInvokeConfigOperations(functions: Functions, world: World): Record<string, Operation> {
  const existing = (input: { FunctionName: string | undefined; Qualifier?: string | undefined }, call: Call) => {
    const record = functions.named(call, input.FunctionName, input.Qualifier);
    if (record.eventInvoke === undefined) throw unset(record);
    return record;
  };
  return {
    // Put replaces all of it, Update changes what it names.
    PutFunctionEventInvokeConfig(input: api.PutFunctionEventInvokeConfigCommandInput, call: Call) {
      const record = functions.named(call, input.FunctionName, input.Qualifier);
      const eventInvoke = checked(input, world.now());
      checkReach(world, record, input.DestinationConfig);
      record.eventInvoke = eventInvoke;
      return answer(record);
    },
    UpdateFunctionEventInvokeConfig(input: api.UpdateFunctionEventInvokeConfigCommandInput, call: Call) {
      const record = existing(input, call);
      const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
      const eventInvoke = checked({ ...record.eventInvoke, ...given }, world.now());
      checkReach(world, record, input.DestinationConfig);
      record.eventInvoke = eventInvoke;
      return answer(record);
    },
    GetFunctionEventInvokeConfig(input: api.GetFunctionEventInvokeConfigCommandInput, call: Call) {
      return answer(existing(input, call));
    },
    DeleteFunctionEventInvokeConfig(input: api.DeleteFunctionEventInvokeConfigCommandInput, call: Call) {
      existing(input, call).eventInvoke = undefined;
      return {};
    },
  };
}

type Given = Pick<
  api.PutFunctionEventInvokeConfigCommandInput,
  "MaximumRetryAttempts" | "MaximumEventAgeInSeconds" | "DestinationConfig"
>;

function checked(given: Given, now: number): FunctionRecord["eventInvoke"] {
  const {
    MaximumRetryAttempts: retries,
    MaximumEventAgeInSeconds: ageSeconds,
    DestinationConfig: destinations,
  } = given;
  if (retries === undefined && ageSeconds === undefined && destinations === undefined) {
    throw invalidParameter("You must specify at least one of error handling or destination setting.");
  }
  if (retries !== undefined && !(retries >= 0 && retries <= 2)) {
    throw validation("maximumRetryAttempts", retries, "have value between 0 and 2");
  }
  if (ageSeconds !== undefined && !(ageSeconds >= 60 && ageSeconds <= 21_600)) {
    throw validation("maximumEventAgeInSeconds", ageSeconds, "have value between 60 and 21600");
  }
  for (const destination of [destinations?.OnSuccess?.Destination, destinations?.OnFailure?.Destination]) {
    if (destination !== undefined && !KINDS.has(parseArn(destination)?.service ?? "")) {
      throw invalidParameter(`The provided destination config ${destination} is invalid.`);
    }
  }
  return {
    LastModified: new Date(now),
    MaximumRetryAttempts: retries,
    MaximumEventAgeInSeconds: ageSeconds,
    DestinationConfig: { OnSuccess: destinations?.OnSuccess ?? {}, OnFailure: destinations?.OnFailure ?? {} },
  };
}

/** Queues alone are looked at: they must be there, and the function's role must be let in. */
function checkReach(world: World, { settings, name, arn }: FunctionRecord, given: api.DestinationConfig = {}): void {
  for (const { Destination: queue = "" } of [given.OnSuccess ?? {}, given.OnFailure ?? {}]) {
    if (parseArn(queue)?.service !== "sqs") continue;
    const role = { roleArn: settings.roleArn, name };
    if (!isAllowed(world, role, { action: "sqs:SendMessage", resource: queue }, parseArn(arn)!)) {
      throw invalidParameter(`The function's execution role does not have permissions to call SendMessage on ${queue}`);
    }
    if (world.service<Sqs>("sqs").measure(queue) === undefined) {
      throw invalidParameter(`The destination ARN ${queue} is invalid.`);
    }
  }
}

/** Services that can be a destination. */
const KINDS = new Set(["sqs", "sns", "lambda", "events", "s3"]);

function answer(record: FunctionRecord): api.FunctionEventInvokeConfig {
  return { ...record.eventInvoke, FunctionArn: `${record.arn}:$LATEST` };
}

function unset(record: FunctionRecord): AwsError {
  return notFound(`The function ${record.arn}:$LATEST doesn't have an EventInvokeConfig`);
}
