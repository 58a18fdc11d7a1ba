/** Lambda functions. */
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  type FunctionConfiguration,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from "@aws-sdk/client-lambda";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { is, orUndefined } from "../aws/errors.ts";
import { createListing } from "../aws/seats.ts";
import { field } from "../core/compare.ts";
import { isAdopted, isOurs, type Tags, tagChanges } from "../core/owner.ts";
import type { Change, Resource } from "../core/resource.ts";
import { entryChanges, touches, withEntries, writeTags } from "./changes.ts";
import { FUNCTION_GONE, functionArn, nativeFunctionTags, ourFunctions } from "./functions.ts";

export const functionSchema = z.strictObject({
  runtime: z.literal("nodejs24.x"),
  handler: z.string(),
  architecture: z.enum(["x86_64", "arm64"]),
  /** MB. */
  memorySize: z.int(),
  timeoutSeconds: z.int(),
  environment: z.record(z.string(), z.string()),
  role: z.string(),
  /** Base64 SHA-256 of the zip; the bytes are found by it (`Bundles`). */
  codeSha256: z.string(),
  loggingConfig: z.strictObject({ logGroup: z.string(), logFormat: z.enum(["Text", "JSON"]) }),
  /** null: never a limit. */
  reservedConcurrency: z.int().nullable(),
  tags: z.record(z.string(), z.string()),
});
export type FunctionSpec = z.infer<typeof functionSchema>;

export interface FunctionActual {
  readonly arn: string;
  readonly configuration: FunctionConfiguration;
  readonly reservedConcurrency: number | undefined;
  /** What the account has left for functions without a reservation; undefined where it would not say. */
  readonly unreservedConcurrency: number | undefined;
  readonly tags: Tags | undefined;
}

/** Lambda prepares a small zip within a few seconds. */
const SETTLING_MS = 1_000;
/** The account's concurrency changes by a support case. */
const SETTINGS_MAX_AGE_MS = 600_000;
/** Lambda keeps this much unreserved and refuses a reservation that would take of it. */
const LEAST_UNRESERVED = 100;

export function lambdaFunction(aws: Aws): Resource<FunctionSpec, FunctionActual> {
  const { lambda } = aws.clients;

  const unreserved = createListing<number | undefined>({
    clock: aws.clock,
    maxAgeMs: SETTINGS_MAX_AGE_MS,
    async load() {
      // Denied or unknown there: the reservation is tried, and Lambda judges.
      const answer = await lambda.send(new GetAccountSettingsCommand({})).catch(() => undefined);
      return answer?.AccountLimit?.UnreservedConcurrentExecutions;
    },
  });

  return {
    kind: "function",
    schema: functionSchema,

    async read(name, pass) {
      const [answer, unreservedConcurrency] = await Promise.all([
        orUndefined(
          lambda.send(new GetFunctionCommand({ FunctionName: name }), { abortSignal: pass.signal }),
          FUNCTION_GONE,
        ),
        unreserved.get(false),
      ]);
      const configuration = answer?.Configuration;
      if (!answer || !configuration) return { is: "absent" };
      // Until then every write is a ResourceConflictException. An update that has just begun may show no status yet.
      const { State, LastUpdateStatus } = configuration;
      if (State === "Pending" || (LastUpdateStatus !== "Successful" && LastUpdateStatus !== "Failed")) {
        return { is: "settling", retryMs: SETTLING_MS };
      }
      // Without lambda:ListTags the function comes without its tags: asked for alone, that denial gets its name.
      const tags = answer.TagsError ? await nativeFunctionTags(aws, name, pass) : (answer.Tags ?? {});
      const actual: FunctionActual = {
        arn: functionArn(name, pass),
        configuration,
        reservedConcurrency: answer.Concurrency?.ReservedConcurrentExecutions,
        unreservedConcurrency,
        tags,
      };
      return { is: isOurs(tags, pass.owner) ? "owned" : "foreign", actual };
    },

    diff(spec, actual): Change[] {
      const { configuration: have, tags } = actual;
      const othersStay = isAdopted(spec.tags) || isAdopted(tags);
      return [
        ...field("runtime", spec.runtime, have.Runtime),
        ...field("handler", spec.handler, have.Handler),
        ...field("architecture", spec.architecture, architectureOf(have)),
        ...field("memorySize", spec.memorySize, have.MemorySize),
        ...field("timeoutSeconds", spec.timeoutSeconds, have.Timeout),
        ...entryChanges("environment", spec.environment, variablesOf(have), othersStay),
        ...field("role", spec.role, have.Role),
        ...field("codeSha256", spec.codeSha256, have.CodeSha256),
        ...entryChanges("loggingConfig", spec.loggingConfig, loggingOf(have), true),
        ...field("reservedConcurrency", reservable(spec, actual), actual.reservedConcurrency ?? null),
        ...tagChanges(spec.tags, tags),
      ];
    },

    async create(name, spec, pass) {
      try {
        await lambda.send(
          new CreateFunctionCommand({
            FunctionName: name,
            Code: { ZipFile: aws.code(spec.codeSha256) },
            Runtime: spec.runtime,
            Handler: spec.handler,
            Architectures: [spec.architecture],
            MemorySize: spec.memorySize,
            Timeout: spec.timeoutSeconds,
            Environment: { Variables: { ...spec.environment } },
            Role: spec.role,
            LoggingConfig: loggingFor(spec),
            Tags: { ...spec.tags },
          }),
          { abortSignal: pass.signal },
        );
      } catch (error) {
        // "Function already exist".
        if (!is(error, "ResourceConflictException")) throw error;
      }
      aws.tags.forget(functionArn(name, pass));
    },

    async update(name, spec, actual, changes, pass) {
      const options = { abortSignal: pass.signal };
      const Resource = actual.arn;
      await writeTags(changes, {
        set: (tags) => lambda.send(new TagResourceCommand({ Resource, Tags: { ...tags } }), options),
        remove: (TagKeys) => lambda.send(new UntagResourceCommand({ Resource, TagKeys }), options),
      });
      aws.tags.forget(actual.arn);

      for (const { want } of changes.filter((change) => change.path === "reservedConcurrency")) {
        const reservation = { FunctionName: name, ReservedConcurrentExecutions: want as number };
        if (want === null) await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: name }), options);
        else await lambda.send(new PutFunctionConcurrencyCommand(reservation), options);
      }

      // One of the two a pass: until Lambda has finished it, the other would be a ResourceConflictException.
      // The code first: it brings its settings along, and older code may still need the variables that the other takes away.
      if (touches(changes, "codeSha256", "architecture")) {
        await lambda.send(
          new UpdateFunctionCodeCommand({
            FunctionName: name,
            ZipFile: aws.code(spec.codeSha256),
            Architectures: [
              touches(changes, "architecture") ? spec.architecture : architectureOf(actual.configuration),
            ],
          }),
          options,
        );
        return;
      }
      const configuration = configurationFor(spec, actual, changes);
      if (Object.keys(configuration).length > 0) {
        await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, ...configuration }), options);
      }
    },

    async delete(name, _actual, pass) {
      await orUndefined(
        lambda.send(new DeleteFunctionCommand({ FunctionName: name }), { abortSignal: pass.signal }),
        FUNCTION_GONE,
      );
      aws.tags.forget(functionArn(name, pass));
    },

    list: (pass) => ourFunctions(aws, pass),
  };
}

/** The reservation to ask for: none where Lambda would refuse it, since the account has too little left. */
function reservable(spec: FunctionSpec, actual: FunctionActual): number | null {
  if (spec.reservedConcurrency === null || actual.unreservedConcurrency === undefined) return spec.reservedConcurrency;
  const left = actual.unreservedConcurrency + (actual.reservedConcurrency ?? 0) - spec.reservedConcurrency;
  return left >= LEAST_UNRESERVED ? spec.reservedConcurrency : null;
}

const architectureOf = ({ Architectures }: FunctionConfiguration) => Architectures?.[0] ?? "x86_64";

/** Where their key may not be used, an error stands in the variables' place: they are there all the same. */
const variablesOf = ({ Environment }: FunctionConfiguration): Readonly<Record<string, unknown>> =>
  Environment?.Variables ?? (Environment?.Error ? { unreadable: Environment.Error.ErrorCode } : {});

/** Without a configuration of its own, a function logs as Lambda always did. */
const loggingOf = ({ FunctionName, LoggingConfig }: FunctionConfiguration): FunctionSpec["loggingConfig"] => ({
  logGroup: LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`,
  logFormat: LoggingConfig?.LogFormat ?? "Text",
});

const loggingFor = ({ loggingConfig }: FunctionSpec) => ({
  LogGroup: loggingConfig.logGroup,
  LogFormat: loggingConfig.logFormat,
});

/** Only what the changes name: everything else keeps its value. */
function configurationFor(
  spec: FunctionSpec,
  actual: FunctionActual,
  changes: readonly Change[],
): Partial<UpdateFunctionConfigurationCommandInput> {
  const standing = actual.configuration.Environment?.Variables ?? {};
  return {
    ...(touches(changes, "runtime") && { Runtime: spec.runtime }),
    ...(touches(changes, "handler") && { Handler: spec.handler }),
    ...(touches(changes, "memorySize") && { MemorySize: spec.memorySize }),
    ...(touches(changes, "timeoutSeconds") && { Timeout: spec.timeoutSeconds }),
    ...(touches(changes, "role") && { Role: spec.role }),
    ...(touches(changes, "environment") && {
      Environment: { Variables: withEntries("environment", standing, changes) },
    }),
    ...(touches(changes, "loggingConfig") && { LoggingConfig: loggingFor(spec) }),
  };
}
