import { AwsError } from "../../service.ts";

/** CloudWatch calls most of what is wrong with an input by this name. */
export function validationError(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

export function resourceNotFound(message: string): AwsError {
  return new AwsError("ResourceNotFound", message, { status: 404 });
}

export function invalidNextToken(): AwsError {
  return new AwsError("InvalidNextToken", "The next token specified is invalid.");
}
