import type {
  CreateFunctionCommandInput,
  LoggingConfig,
  Runtime,
  TracingMode,
  UpdateFunctionConfigurationCommandInput,
} from "@aws-sdk/client-lambda";
import type { Iam } from "../iam.ts";
import { invalidParameter, validation } from "./errors.ts";

/** What UpdateFunctionConfiguration changes, every value filled in as AWS does. */
export interface Settings {
  readonly runtime: Runtime;
  readonly handler: string;
  readonly roleArn: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly ephemeralMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Unique id of the role that was granted to decrypt it: a later role of the same ARN is not. */
  readonly environmentReader: string | undefined;
  readonly tracing: TracingMode;
  readonly deadLetterArn: string | undefined;
  readonly logging: LoggingConfig;
}

type Input = Partial<CreateFunctionCommandInput & UpdateFunctionConfigurationCommandInput>;

export function defaultSettings(name: string, runtime: Runtime | undefined, handler: string | undefined): Settings {
  if (runtime === undefined || handler === undefined) {
    throw invalidParameter(
      "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    );
  }
  return {
    runtime,
    handler,
    roleArn: "",
    description: "",
    timeoutSeconds: 3,
    memoryMb: 128,
    ephemeralMb: 512,
    environment: {},
    environmentReader: undefined,
    tracing: "PassThrough",
    deadLetterArn: undefined,
    logging: { LogFormat: "Text", LogGroup: `/aws/lambda/${name}` },
  };
}

/** The settings after this input, checked; what the input does not name stays. */
export function changedSettings(current: Settings, input: Input, iam: Iam): Settings {
  const roleArn = input.Role ?? current.roleArn;
  // The grant is made when the function gets the role, or its first variable.
  const isGranted = roleArn === current.roleArn && hasEnvironment(current);
  const settings: Settings = {
    runtime: input.Runtime ?? current.runtime,
    handler: input.Handler ?? current.handler,
    roleArn,
    description: input.Description ?? current.description,
    timeoutSeconds: input.Timeout ?? current.timeoutSeconds,
    memoryMb: input.MemorySize ?? current.memoryMb,
    ephemeralMb: input.EphemeralStorage?.Size ?? current.ephemeralMb,
    environment: input.Environment === undefined ? current.environment : (input.Environment.Variables ?? {}),
    environmentReader: isGranted ? current.environmentReader : iam.roleId(roleArn),
    tracing: input.TracingConfig?.Mode ?? current.tracing,
    deadLetterArn:
      input.DeadLetterConfig === undefined ? current.deadLetterArn : input.DeadLetterConfig.TargetArn || undefined,
    logging: input.LoggingConfig === undefined ? current.logging : changedLogging(current.logging, input.LoggingConfig),
  };
  check(settings);
  if (roleArn !== current.roleArn && iam.passable(roleArn, "lambda.amazonaws.com") !== "yes") {
    throw invalidParameter("The role defined for the function cannot be assumed by Lambda.");
  }
  return settings;
}

export const hasEnvironment = ({ environment }: Settings): boolean => Object.keys(environment).length > 0;

/** Levels exist for JSON only, and are INFO there unless said otherwise. */
function changedLogging(current: LoggingConfig, given: LoggingConfig): LoggingConfig {
  const LogFormat = given.LogFormat ?? current.LogFormat;
  const LogGroup = given.LogGroup ?? current.LogGroup;
  if (LogFormat !== "JSON") {
    if (given.ApplicationLogLevel !== undefined || given.SystemLogLevel !== undefined) {
      throw invalidParameter("Log level filters are only supported with the JSON log format.");
    }
    return { LogFormat, LogGroup };
  }
  return {
    LogFormat,
    ApplicationLogLevel: given.ApplicationLogLevel ?? current.ApplicationLogLevel ?? "INFO",
    SystemLogLevel: given.SystemLogLevel ?? current.SystemLogLevel ?? "INFO",
    LogGroup,
  };
}

function check(settings: Settings): void {
  checkRange("timeout", settings.timeoutSeconds, 1, 900);
  checkRange("memorySize", settings.memoryMb, 128, 10_240);
  checkRange("ephemeralStorage.size", settings.ephemeralMb, 512, 10_240);
  if (settings.description.length > 256)
    throw validation("description", settings.description, "have length at most 256");
  if (!/^\S{1,128}$/.test(settings.handler)) throw validation("handler", settings.handler, "be 1 to 128 characters");
  if (ENDED_RUNTIMES.test(settings.runtime)) {
    throw invalidParameter(
      `The runtime parameter of ${settings.runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
    );
  }
  if (!/^(nodejs|python|java|dotnet|ruby|provided)/.test(settings.runtime)) {
    throw invalidParameter(
      `Value ${settings.runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set of the supported runtimes or be a valid ARN`,
    );
  }
  checkEnvironment(settings.environment);
}

/** Runtimes that can no longer be created (docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html). */
const ENDED_RUNTIMES = /^(nodejs((4|6|8|10|12|14|16)\.|$)|python(2|3\.[678]$)|java8$|dotnetcore|dotnet6|ruby2|go1)/;

const RESERVED_VARIABLES = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_DEFAULT_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SECRET_KEY",
  "AWS_SECURITY_TOKEN",
  "AWS_SESSION_TOKEN",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
  "TZ",
]);
const ENVIRONMENT_LIMIT_BYTES = 4096;

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  const why =
    "Lambda was unable to configure your environment variables because the environment variables you have provided";
  const reserved = Object.keys(environment).filter((name) => RESERVED_VARIABLES.has(name));
  if (reserved.length > 0) {
    throw invalidParameter(
      `${why} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  const bad = Object.keys(environment).find((name) => !/^[a-zA-Z]\w+$/.test(name));
  if (bad !== undefined) {
    throw validation("environment.variables", bad, "satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+");
  }
  const text = JSON.stringify(environment);
  if (Buffer.byteLength(text) > ENVIRONMENT_LIMIT_BYTES) {
    throw invalidParameter(`${why} exceeded the 4KB limit. String measured: ${text}`);
  }
}

function checkRange(member: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw validation(member, value, `have value greater than or equal to ${low} and less than or equal to ${high}`);
}
