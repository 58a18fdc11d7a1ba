import { AwsError } from "../../service.ts";

export function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}

export function ruleNotFound(name: string | undefined): AwsError {
  return notFound(`Rule ${name} does not exist on EventBus default.`);
}

export function validation(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

export function limitExceeded(): AwsError {
  return new AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
}
