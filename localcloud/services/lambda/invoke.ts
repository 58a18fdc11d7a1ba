import type * as api from "@aws-sdk/client-lambda";
import { notImplemented } from "../../failures.ts";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import { validation } from "./errors.ts";
import type { Functions } from "./functions.ts";

/** What an asynchronous invocation may carry. */
const EVENT_LIMIT_BYTES = 1_048_576;

/** An event is taken and told to the world; nothing runs the code yet, so whoever waits for its answer is refused. */
export function invokeOperations(functions: Functions, world: World): Record<string, Operation> {
  return {
    Invoke(input: api.InvokeCommandInput, call: Call) {
      const record = functions.named(call, input.FunctionName, input.Qualifier);
      const type = input.InvocationType ?? "RequestResponse";
      if (type === "DryRun") return { StatusCode: 204 };
      if (type === "RequestResponse") throw notImplemented("lambda", "Invoke with an answer");
      if (type !== "Event")
        throw validation("invocationType", type, "satisfy enum value set: [Event, RequestResponse, DryRun]");
      const payload = input.Payload === undefined ? "{}" : Buffer.from(input.Payload as Uint8Array).toString();
      if (Buffer.byteLength(payload) > EVENT_LIMIT_BYTES) {
        throw new AwsError(
          "RequestTooLargeException",
          `${Buffer.byteLength(payload)} byte payload is too large for the Event invocation type (limit ${EVENT_LIMIT_BYTES} bytes)`,
          { status: 413 },
        );
      }
      world.emit({
        source: "lambda",
        type: "Invoke",
        account: call.account,
        region: call.region,
        detail: { functionArn: record.arn, requestId: call.requestId, payload: parsed(payload) },
      });
      return { StatusCode: 202 };
    },
  };
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AwsError("InvalidRequestContentException", `Could not parse request body into json: ${why}`);
  }
}
