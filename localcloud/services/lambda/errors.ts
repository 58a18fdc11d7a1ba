import { AwsError } from "../../service.ts";

export function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message, { status: 404, members: { Type: "User" } });
}

export function conflict(message: string): AwsError {
  return new AwsError("ResourceConflictException", message, { status: 409, members: { Type: "User" } });
}

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message, { members: { Type: "User" } });
}

/** What AWS refuses before it looks at anything: values outside their published bounds. */
export function validation(member: string, value: unknown, constraint: string): AwsError {
  return new AwsError(
    "ValidationException",
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  );
}

export function revisionMismatch(): AwsError {
  return new AwsError(
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
    { status: 412, members: { Type: "User" } },
  );
}
