import type * as api from "@aws-sdk/client-lambda";
import { notImplemented } from "../../failures.ts";
import type { Call, Operation, World } from "../../service.ts";
import type { Iam } from "../iam.ts";
import { pageOf } from "../pages.ts";
import { tagProblem } from "../tags.ts";
import { codePackage } from "./code.ts";
import { configuration, listedConfiguration } from "./configuration.ts";
import { conflict, invalidParameter, revisionMismatch, validation } from "./errors.ts";
import { type FunctionRecord, type Functions, functionArn, newRevision, PENDING_MS } from "./functions.ts";
import { changedSettings, defaultSettings } from "./settings.ts";

/** ListFunctions answers no more at once, however many are asked for. */
const PAGE_LIMIT = 50;

export function functionOperations(functions: Functions, world: World): Record<string, Operation> {
  const iam = () => world.service<Iam>("iam");
  return {
    CreateFunction(input: api.CreateFunctionCommandInput, call: Call) {
      const name = input.FunctionName ?? "";
      if (!/^[\w-]{1,64}$/.test(name))
        throw validation("functionName", name, "satisfy regular expression pattern of a function name");
      refuseVersions(input);
      if (functions.in(call).has(name)) throw conflict(`Function already exist: ${name}`);
      const settings = changedSettings(defaultSettings(name, input.Runtime, input.Handler), input, iam());
      const tags = new Map(Object.entries(input.Tags ?? {}));
      checkTags(tags);
      const now = world.now();
      const record: FunctionRecord = {
        name,
        arn: functionArn(call, name),
        settings,
        code: codePackage(input.Code),
        architecture: input.Architectures?.[0] ?? "x86_64",
        revisionId: newRevision(world),
        modifiedAtMs: now,
        activeAtMs: now + (world.lags ? PENDING_MS : 0),
        updatedAtMs: now,
        tags,
        permissions: new Map(),
        policyRevisionId: newRevision(world),
        eventInvoke: undefined,
        reservedConcurrency: undefined,
      };
      functions.in(call).set(name, record);
      return configuration(record, now);
    },
    GetFunction(input: api.GetFunctionCommandInput, call: Call) {
      const record = functions.named(call, input.FunctionName, input.Qualifier);
      const reserved = record.reservedConcurrency;
      return {
        Configuration: configuration(record, world.now()),
        // AWS gives a link to the zip here, which nobody needs who has the cloud itself at hand.
        Code: { RepositoryType: "S3" },
        Tags: record.tags.size === 0 ? undefined : Object.fromEntries(record.tags),
        Concurrency: reserved === undefined ? undefined : { ReservedConcurrentExecutions: reserved },
      };
    },
    GetFunctionConfiguration(input: api.GetFunctionConfigurationCommandInput, call: Call) {
      return configuration(functions.named(call, input.FunctionName, input.Qualifier), world.now());
    },
    ListFunctions(input: api.ListFunctionsCommandInput, call: Call) {
      const { items, next } = pageOf(functions.in(call).values(), (record) => record.name, {
        limit: Math.min(input.MaxItems ?? PAGE_LIMIT, PAGE_LIMIT),
        token: input.Marker,
        badToken: () => invalidParameter("Invalid pagination token."),
      });
      return { Functions: items.map(listedConfiguration), NextMarker: next };
    },
    UpdateFunctionCode(input: api.UpdateFunctionCodeCommandInput, call: Call) {
      const record = functions.named(call, input.FunctionName);
      refuseVersions(input);
      functions.assertSettled(record);
      if (input.RevisionId !== undefined && input.RevisionId !== record.revisionId) throw revisionMismatch();
      const code = codePackage(input);
      const architecture = input.Architectures?.[0] ?? record.architecture;
      if (input.DryRun) return configuration({ ...record, code, architecture }, world.now());
      record.code = code;
      record.architecture = architecture;
      functions.touch(record);
      return configuration(record, world.now());
    },
    UpdateFunctionConfiguration(input: api.UpdateFunctionConfigurationCommandInput, call: Call) {
      const record = functions.named(call, input.FunctionName);
      functions.assertSettled(record);
      if (input.RevisionId !== undefined && input.RevisionId !== record.revisionId) throw revisionMismatch();
      record.settings = changedSettings(record.settings, input, iam());
      functions.touch(record);
      return configuration(record, world.now());
    },
    DeleteFunction(input: api.DeleteFunctionCommandInput, call: Call) {
      const record = functions.named(call, input.FunctionName, input.Qualifier);
      if (input.Qualifier !== undefined)
        throw invalidParameter("$LATEST version cannot be deleted without deleting the function.");
      functions.in(call).delete(record.name);
      return { StatusCode: 204 };
    },

    TagResource(input: api.TagResourceCommandInput, call: Call) {
      const record = functions.named(call, input.Resource);
      const merged = new Map([...record.tags, ...Object.entries(input.Tags ?? {})]);
      checkTags(merged);
      for (const [key, value] of merged) record.tags.set(key, value);
      return {};
    },
    UntagResource(input: api.UntagResourceCommandInput, call: Call) {
      const record = functions.named(call, input.Resource);
      for (const key of input.TagKeys ?? []) record.tags.delete(key);
      return {};
    },
    ListTags(input: api.ListTagsCommandInput, call: Call) {
      return { Tags: Object.fromEntries(functions.named(call, input.Resource).tags) };
    },
  };
}

/** Published versions and images are nothing that a pipeline needs; silence about them would be a lie. */
function refuseVersions(input: { Publish?: boolean | undefined; PackageType?: string | undefined }): void {
  if (input.Publish) throw notImplemented("lambda", "PublishVersion");
  if (input.PackageType === "Image") throw notImplemented("lambda", "code from an image");
}

function checkTags(tags: ReadonlyMap<string, string>): void {
  const problem = tagProblem(tags);
  if (problem !== undefined) throw invalidParameter(problem);
}
