import { AwsError } from "../../service.ts";

/** The names are those of the JSON protocol; `legacyCode` is what the query protocol called them and older clients match. */
export function queueDoesNotExist(): AwsError {
  return new AwsError("QueueDoesNotExist", "The specified queue does not exist.", {
    legacyCode: "AWS.SimpleQueueService.NonExistentQueue",
  });
}

export function invalidParameterValue(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message, { legacyCode: "InvalidParameterValue" });
}

export function missingParameter(name: string): AwsError {
  return new AwsError("MissingRequiredParameterException", `The request must contain the parameter ${name}.`, {
    legacyCode: "MissingParameter",
  });
}

export function invalidAttributeValue(name: string, reason?: string): AwsError {
  const message = `Invalid value for the parameter ${name}.${reason === undefined ? "" : ` Reason: ${reason}`}`;
  return new AwsError("InvalidAttributeValue", message, { legacyCode: "InvalidAttributeValue" });
}

export function invalidAttributeName(name: string): AwsError {
  return new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`, { legacyCode: "InvalidAttributeName" });
}

/** Errors whose legacy code is their name behind SQS's old prefix. */
export function prefixed(name: string, message: string): AwsError {
  return new AwsError(name, message, { legacyCode: `AWS.SimpleQueueService.${name}` });
}
