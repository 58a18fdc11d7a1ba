/** AWS's errors, classified once. Names: aws-semantics, section 2. */
import { Failure, type FailureClass } from "../core/failure.ts";
import { iamAction } from "./actions.ts";

interface SdkError extends Error {
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $fault?: "client" | "server";
  readonly retryAfterSeconds?: string | number;
  /** What S3 says of a notification's destination, beside a message that names none. */
  readonly ArgumentName1?: string;
  readonly ArgumentValue1?: string;
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const sdkError = (error: unknown): Partial<SdkError> =>
  ((error instanceof Failure ? error.cause : error) as SdkError | undefined) ?? {};

export const statusOf = (error: unknown): number | undefined => sdkError(error).$metadata?.httpStatusCode;

/** The region that S3 sends us to, where the bucket stands in another one (301, or 400 for a signature of the wrong region). */
export const redirectedTo = (error: unknown): string | undefined =>
  sdkError(error).$response?.headers?.["x-amz-bucket-region"];

/** Is it an error of one of these names? SQS and IAM carry an older name beside the one of the model: both count. */
export function is(error: unknown, ...names: readonly string[]): boolean {
  const { name, Code } = sdkError(error);
  return (name !== undefined && names.includes(name)) || (Code !== undefined && names.includes(Code));
}

/** Runs a read whose named errors mean "not there". */
export async function orUndefined<T>(call: Promise<T>, ...names: readonly string[]): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (is(error, ...names)) return undefined;
    throw error;
  }
}

const THROTTLES =
  /^(RequestThrottled|Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|SlowDown|RequestThrottledException|BandwidthLimitExceeded)$/;
const DENIALS =
  /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|NotAuthorized|UnauthorizedAccess|AuthFailure|AuthorizationError|InvalidClientTokenId|UnrecognizedClientException|ExpiredToken|ExpiredTokenException|SignatureDoesNotMatch|InvalidAccessKeyId|CredentialsProviderError|Forbidden)$/;
const QUOTAS =
  /^(LimitExceededException|LimitExceeded|LimitExceededFault|OverLimit|TooManyBuckets|CodeStorageExceededException|.*LimitExceeded)$/;
/** Another write is in progress: the SDK does not retry these. Section 3. */
const CONFLICTS =
  /^(OperationAborted|OperationAbortedException|ResourceConflictException|ResourceConflict|ConcurrentModificationException|ConcurrentModification|QueueDeletedRecently|AWS\.SimpleQueueService\.QueueDeletedRecently|DeleteConflict|DeleteConflictException|UpdateInProgressException|DependencyViolation|ResourceInUseException|PreconditionFailed|PreconditionFailedException|ConditionalRequestConflict|ClusterContains\w+Exception|EntityTemporarilyUnmodifiable\w*|InvalidGroup\.InUse)$/;
/** What a write meets that was read a moment ago, or that its dependency does not show yet: another look tells which. */
const NOT_THERE =
  /^(NoSuchBucket|NoSuchEntity|NoSuchEntityException|QueueDoesNotExist|ResourceNotFound|ResourceNotFoundException|ClusterNotFoundException|InvalidGroup\.NotFound|InvalidLaunchTemplateId\.NotFound|InvalidLaunchTemplateName\.NotFoundException)$/;
/** An eventually consistent dependency, or two writers of one task definition family, told only by the message. Section 3. */
const TOO_YOUNG =
  /Too many concurrent attempts to create a new revision|cannot be assumed by Lambda|execution role does not have permissions|destination ARN \S+ is invalid|Dead letter target does not exist|KMS key is invalid for CreateGrant|throttled by EC2|Role is not valid|Invalid IAM Instance Profile|Invalid principal in policy|Unable to validate the following destination configurations|Unable to assume the service linked role/i;
const NETWORK =
  /^(TimeoutError|AbortError|RequestTimeout|RequestTimeoutException|NetworkingError|InternalError|InternalFailure|InternalServerError|InternalServiceError|ServiceUnavailable|ServiceUnavailableException|ServiceException|ECONN\w+|EPIPE|ENOTFOUND|EAI_AGAIN)$/;

export function classOf(error: unknown): FailureClass {
  const { name = "", Code = "", message = "", $fault, $metadata } = sdkError(error);
  const status = statusOf(error);
  const named = (pattern: RegExp) => pattern.test(name) || pattern.test(Code);
  if (TOO_YOUNG.test(message)) return "conflict";
  if (named(THROTTLES) || status === 429) return "throttled";
  // Some quotas come with the status of a denial.
  if (named(QUOTAS)) return "quota";
  if (named(DENIALS) || status === 401 || status === 403) return "denied";
  if (named(CONFLICTS) || named(NOT_THERE) || status === 409) return "conflict";
  if (isMissing(error)) return "invalid";
  if (named(NETWORK) || named(/^E[A-Z]+$/) || (status ?? 0) >= 500 || $fault === "server") return "transient";
  // No answer of AWS at all (a proxy's page, a broken body): it may be better the next time.
  if (status === undefined || status < 300 || !$metadata) return "transient";
  return "invalid";
}

/** An emulator that lacks the service or the call says so with 501, under the name of an error that passes. */
const isMissing = (error: unknown): boolean => statusOf(error) === 501;

/** Wraps what a call threw with verb, resource and cause. */
export function failureOf(error: unknown, service: string, operation: string, input: object): Failure {
  if (error instanceof Failure) return error;
  const message = (error as Error)?.message ?? String(error);
  const denied = /not authorized to perform:? ([\w-]+:\w+)(?: on resource:? ["']?(\S+))?/i.exec(message);
  const action = denied?.[1] ?? iamAction(service, operation);
  const resource = denied?.[2]?.replace(/[."']+$/, "") ?? resourceOf(service, input);
  const { name = "Unknown", retryAfterSeconds, ArgumentName1, ArgumentValue1 } = sdkError(error);
  const about = ArgumentName1 === undefined ? "" : ` (${ArgumentName1}: ${ArgumentValue1})`;
  const code = isMissing(error) ? "NotImplemented" : name;
  return new Failure(
    `${action}${resource ? ` on ${resource}` : ""}: ${code}: ${message}${about}`,
    {
      class: classOf(error),
      code,
      action,
      ...(resource ? { resource } : {}),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterMs: Number(retryAfterSeconds) * 1_000 }),
    },
    error,
  );
}

/** What a request is about, where AWS's own message does not say. */
function resourceOf(service: string, input: object): string | undefined {
  const fields = input as Record<string, unknown>;
  if (service === "s3" && typeof fields.Bucket === "string") {
    return `arn:aws:s3:::${fields.Bucket}${typeof fields.Key === "string" ? `/${fields.Key}` : ""}`;
  }
  const name = [
    "QueueName",
    "QueueUrl",
    "InstanceProfileName",
    "RoleName",
    "FunctionName",
    "logGroupName",
    "clusterName",
    "family",
    "taskDefinition",
    "taskDefinitions",
    "task",
    "cluster",
    "AlarmName",
    "AlarmNames",
    "LaunchTemplateName",
    "GroupName",
    "GroupId",
    "Name",
    "Rule",
    "ResourceArn",
    "resourceArn",
    "ResourceARN",
    "Resource",
  ]
    .map((field) => only(fields[field]))
    .find((value) => typeof value === "string");
  return name as string | undefined;
}

/** A list of one is about that one; of a longer one no single thing can be named. */
const only = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);
