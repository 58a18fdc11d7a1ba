import { AwsError } from "../../service.ts";

export function noSuchEntity(message: string): AwsError {
  return new AwsError("NoSuchEntityException", message, { status: 404 });
}

export function entityAlreadyExists(message: string): AwsError {
  return new AwsError("EntityAlreadyExistsException", message, { status: 409 });
}

export function deleteConflict(message: string): AwsError {
  return new AwsError("DeleteConflictException", message, { status: 409 });
}

/** A quota, not a rate: waiting does not help. */
export function limitExceeded(message: string): AwsError {
  return new AwsError("LimitExceededException", message, { status: 409 });
}

export function malformedPolicy(problem: string): AwsError {
  return new AwsError("MalformedPolicyDocumentException", problem);
}

export function invalidInput(message: string): AwsError {
  return new AwsError("InvalidInputException", message);
}

export function validationError(message: string): AwsError {
  return new AwsError("ValidationError", message);
}

export function unmodifiable(roleName: string): AwsError {
  return new AwsError(
    "UnmodifiableEntityException",
    `Cannot perform the operation on the protected role '${roleName}' - this role is only modifiable by AWS`,
  );
}
