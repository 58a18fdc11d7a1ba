import { createHash } from "node:crypto";
import type { FunctionConfiguration, LastUpdateStatusReasonCode } from "@aws-sdk/client-lambda";
import { parseArn } from "../arn.ts";
import type { FunctionRecord } from "./functions.ts";

/** A function as the calls about a single one answer it. */
export function configuration(record: FunctionRecord, now: number): FunctionConfiguration {
  return {
    ...listedConfiguration(record),
    ...stateOf(record, now),
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(record) },
  };
}

/** As ListFunctions answers it: without its state and the version of its runtime. */
export function listedConfiguration(record: FunctionRecord): FunctionConfiguration {
  const { settings, code } = record;
  return {
    FunctionName: record.name,
    FunctionArn: record.arn,
    Runtime: settings.runtime,
    Role: settings.roleArn,
    Handler: settings.handler,
    CodeSize: code.zip.length,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    // Lambda's own form of a time, with an offset instead of a Z.
    LastModified: new Date(record.modifiedAtMs).toISOString().replace("Z", "+0000"),
    CodeSha256: code.sha256,
    Version: "$LATEST",
    DeadLetterConfig: settings.deadLetterArn === undefined ? undefined : { TargetArn: settings.deadLetterArn },
    Environment:
      Object.keys(settings.environment).length === 0 ? undefined : { Variables: { ...settings.environment } },
    TracingConfig: { Mode: settings.tracing },
    RevisionId: record.revisionId,
    PackageType: "Zip",
    Architectures: [record.architecture],
    EphemeralStorage: { Size: settings.ephemeralMb },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: settings.logging,
  };
}

function stateOf(record: FunctionRecord, now: number): FunctionConfiguration {
  if (now < record.activeAtMs) {
    return { State: "Pending", StateReason: "The function is being created.", StateReasonCode: "Creating" };
  }
  if (now < record.updatedAtMs) {
    return {
      State: "Active",
      LastUpdateStatus: "InProgress",
      LastUpdateStatusReason: "The function is being created.",
      // AWS answers this code, though the SDK's list of them does not have it.
      LastUpdateStatusReasonCode: "Creating" as LastUpdateStatusReasonCode,
    };
  }
  return { State: "Active", LastUpdateStatus: "Successful" };
}

function runtimeVersionArn({ arn, settings }: FunctionRecord): string {
  const version = createHash("sha256").update(settings.runtime).digest("hex");
  return `arn:aws:lambda:${parseArn(arn)!.region}::runtime:${version}`;
}
