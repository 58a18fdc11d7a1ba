import { actionOf } from "./action.ts";
import { callerArn } from "./caller.ts";
import { AwsError, type Call } from "./service.ts";
import type { ServiceEntry } from "./wire/catalog.ts";

/** The failures that every operation can have, in each service's own words. */

export function denied(service: ServiceEntry, operation: string, resource: string | undefined, call: Call): AwsError {
  const action = actionOf(service, operation);
  const why = `because no identity-based policy allows the ${action} action`;
  return refusal(service, { action, resource: resource ?? "*" }, call, why);
}

/** @param why the end of AWS's sentence */
export function refusal(
  service: ServiceEntry,
  { action, resource }: { readonly action: string; readonly resource: string },
  call: Call,
  why: string,
): AwsError {
  const [code, status] = service.codes.denied;
  const target = service.id === "s3" ? `"${resource}"` : resource;
  const message = `User: ${callerArn(call)} is not authorized to perform: ${action} on resource: ${target} ${why}`;
  const preface = service.id === "ec2" ? "You are not authorized to perform this operation. " : "";
  return new AwsError(code, preface + message, { status });
}

/** Temporary keys that nobody gave out, or that a world gave out which is gone. */
export function unknownKeys(service: ServiceEntry): AwsError {
  const code =
    UNKNOWN_KEYS[service.id] ?? (service.protocol === "query" ? "InvalidClientTokenId" : "UnrecognizedClientException");
  return new AwsError(code, "The security token included in the request is invalid.", { status: 403 });
}

const UNKNOWN_KEYS: Readonly<Record<string, string>> = { s3: "InvalidAccessKeyId", ec2: "AuthFailure" };

export function throttled(service: ServiceEntry): AwsError {
  const [code, status] = service.codes.throttled;
  const members = service.id === "lambda" ? { retryAfterSeconds: "1", Reason: "CallerRateLimitExceeded" } : {};
  return new AwsError(code, service.id === "s3" ? "Please reduce your request rate." : "Rate exceeded", {
    status,
    members,
  });
}

export function internal(service: ServiceEntry): AwsError {
  const [code, status] = service.codes.internal;
  return new AwsError(code, "We encountered an internal error. Please try again.", { status });
}

/** Not AWS's own words: whoever meets it should see at once that it is the local cloud that lacks something. */
export function notImplemented(service: string, operation: string | undefined): AwsError {
  const what = operation ? `${service}:${operation}` : `this call of ${service}`;
  return new AwsError("NotImplemented", `The local cloud does not implement ${what}.`, { status: 501 });
}
