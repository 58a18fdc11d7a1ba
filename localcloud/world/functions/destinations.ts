import type { World } from "../../service.ts";
import { parseArn } from "../../services/arn.ts";
import type { FunctionRecord } from "../../services/lambda/functions.ts";
import type { FunctionAnswer } from "../../services/lambda/invoke.ts";
import type { Sqs } from "../../services/sqs.ts";
import { isAllowed } from "../authorize.ts";
import type { AsyncEvent } from "./async-events.ts";

/** Why an event needs no further delivery. */
export interface End {
  readonly condition: "Success" | "RetriesExhausted" | "EventAgeExceeded";
  /** The last one; undefined where the function never ran. */
  readonly answer?: FunctionAnswer;
}

/** Tells the function's destination for this end, if it has one, in the form that Lambda documents. */
export function deliverRecord(world: World, record: Readonly<FunctionRecord>, event: AsyncEvent, end: End): void {
  const { DestinationConfig: destinations } = record.eventInvoke ?? {};
  const chosen = end.condition === "Success" ? destinations?.OnSuccess : destinations?.OnFailure;
  if (chosen?.Destination !== undefined) send(world, record, chosen.Destination, recordOf(world, record, event, end));
  // The older way gets the event itself.
  const { deadLetterArn } = record.settings;
  if (end.condition !== "Success" && deadLetterArn) send(world, record, deadLetterArn, event.payload);
}

/** With the function's own role: where it may not send, the record is lost. */
function send(world: World, { settings, name, arn }: Readonly<FunctionRecord>, queueArn: string, body: string): void {
  const role = { roleArn: settings.roleArn, name };
  if (parseArn(queueArn)?.service !== "sqs") return;
  if (!isAllowed(world, role, { action: "sqs:SendMessage", resource: queueArn }, parseArn(arn)!)) return;
  world.service<Sqs>("sqs").deliver(queueArn, body, "lambda.amazonaws.com");
}

function recordOf(world: World, record: Readonly<FunctionRecord>, event: AsyncEvent, end: End): string {
  const { answer } = end;
  return JSON.stringify({
    version: "1.0",
    timestamp: new Date(world.now()).toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn: `${record.arn}:$LATEST`,
      condition: end.condition,
      approximateInvokeCount: event.invocations,
    },
    requestPayload: JSON.parse(event.payload),
    ...(answer && {
      responseContext: {
        statusCode: 200,
        executedVersion: "$LATEST",
        ...(answer.failed && { functionError: "Unhandled" }),
      },
      responsePayload: JSON.parse(answer.payload),
    }),
  });
}
