import type { FunctionRecord } from "../../services/lambda/functions.ts";
import type { RoleCredentials } from "../sessions.ts";

export interface EnvironmentFacts {
  readonly record: Readonly<FunctionRecord>;
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: RoleCredentials;
  readonly folder: string;
  readonly logStream: string;
}

/** The variables that Lambda defines (Lambda Developer Guide, "Defined runtime environment variables"), and its own. */
export function functionEnvironment({ record, ...facts }: EnvironmentFacts): Record<string, string> {
  const { settings } = record;
  return {
    ...settings.environment,
    _HANDLER: settings.handler,
    AWS_ACCESS_KEY_ID: facts.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: facts.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: facts.credentials.sessionToken,
    AWS_REGION: facts.region,
    AWS_DEFAULT_REGION: facts.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${settings.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: record.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: settings.logging.LogGroup ?? "",
    AWS_LAMBDA_LOG_STREAM_NAME: facts.logStream,
    AWS_LAMBDA_LOG_FORMAT: settings.logging.LogFormat ?? "Text",
    LAMBDA_TASK_ROOT: facts.folder,
    LANG: "en_US.UTF-8",
    PATH: "/usr/local/bin:/usr/bin:/bin",
    TZ: ":UTC",
    // Not Lambda's: whatever the function calls is this cloud, and never the machine's own metadata.
    AWS_ENDPOINT_URL: facts.endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}
