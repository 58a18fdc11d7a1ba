import type * as api from "@aws-sdk/client-lambda";
import { notImplemented } from "../../failures.ts";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import { validation } from "./errors.ts";
import type { FunctionRecord, Functions } from "./functions.ts";

/** Runs functions for those who wait for the answer. */
export interface FunctionRunner {
  /**
   * @param payload JSON text, as is the answer's
   * @throws AwsError TooManyRequestsException where there is no room
   */
  invoke(record: Readonly<FunctionRecord>, payload: string, requestId: string): Promise<FunctionAnswer>;
}

export interface FunctionAnswer {
  readonly payload: string;
  readonly failed: boolean;
  /** Its lines of the log. */
  readonly tail: string;
}

/** What an invocation may carry: asynchronous, and with an answer. */
const LIMIT_BYTES: Readonly<Record<string, number>> = { Event: 1_048_576, RequestResponse: 6_291_556 };
/** How much of the log comes with an answer. */
const TAIL_BYTES = 4096;

/** An event is taken and told to the world. Whoever waits for an answer needs a world that runs functions. */
export function invokeOperations(functions: Functions, world: World): Record<string, Operation> {
  return {
    Invoke(input: api.InvokeCommandInput, call: Call) {
      const record = functions.named(call, input.FunctionName, input.Qualifier);
      const type = input.InvocationType ?? "RequestResponse";
      if (type === "DryRun") return { StatusCode: 204 };
      const limit = LIMIT_BYTES[type];
      if (limit === undefined)
        throw validation("invocationType", type, "satisfy enum value set: [Event, RequestResponse, DryRun]");
      // From the wire, none comes as an empty one.
      const payload = Buffer.from((input.Payload as Uint8Array | undefined) ?? []).toString() || "{}";
      if (Buffer.byteLength(payload) > limit) {
        throw new AwsError(
          "RequestTooLargeException",
          `${Buffer.byteLength(payload)} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
          { status: 413 },
        );
      }
      const isAnswered = type === "RequestResponse";
      if (isAnswered && !world.functions) throw notImplemented("lambda", "Invoke with an answer");
      const event = parsed(payload);
      if (isAnswered) return answered(world.functions!, record, payload, input.LogType, call);
      world.emit({
        source: "lambda",
        type: "Invoke",
        account: call.account,
        region: call.region,
        detail: { functionArn: record.arn, requestId: call.requestId, payload: event },
      });
      return { StatusCode: 202 };
    },
  };
}

async function answered(
  functions: FunctionRunner,
  record: FunctionRecord,
  payload: string,
  logType: api.LogType | undefined,
  call: Call,
) {
  const answer = await functions.invoke(record, payload, call.requestId);
  const tail = Buffer.from(answer.tail).subarray(-TAIL_BYTES).toString("base64");
  return {
    StatusCode: 200,
    ExecutedVersion: "$LATEST",
    Payload: Buffer.from(answer.payload),
    FunctionError: answer.failed ? "Unhandled" : undefined,
    LogResult: logType === "Tail" ? tail : undefined,
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
