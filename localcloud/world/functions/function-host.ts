import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AwsError, type RoleSession } from "../../service.ts";
import { parseArn } from "../../services/arn.ts";
import type { Iam } from "../../services/iam.ts";
import type { FunctionRecord } from "../../services/lambda/functions.ts";
import type { FunctionAnswer, FunctionRunner } from "../../services/lambda/invoke.ts";
import { hasEnvironment } from "../../services/lambda/settings.ts";
import type { OwnedWorld } from "../../world.ts";
import { writeLog } from "../role-log.ts";
import { type Container, type Outcome, startContainer } from "./container.ts";
import { functionEnvironment } from "./function-environment.ts";
import { type Failure, runtimeProgram } from "./runtime.ts";
import { unzip } from "./unzip.ts";

export interface FunctionHostDeps {
  readonly world: OwnedWorld;
  /** For the functions' files; need not be there. */
  readonly folder: string;
  /** Processes at the same time, those that wait for their next invocation included. */
  readonly maxProcesses: number;
  /** How long a process waits for its next invocation before it is ended, by the world's clock. */
  readonly idleMs: number;
}

export interface FunctionHost extends FunctionRunner {
  /** Invocations that run, or wait for a process. */
  readonly inFlight: number;
  /** When nothing is in flight. */
  settled(): Promise<void>;
  /** Ends all processes. */
  end(): void;
}

interface Warm {
  readonly container: Container;
  /** What it runs: another revision of the function, or another world's keys, need another process. */
  readonly revision: string;
  isBusy: boolean;
  tail: string[];
  log(line: string): void;
  forgetIdle(): void;
}

/** Runs functions as Lambda does: a process for each invocation at the same time, kept warm for the next. */
export function createFunctionHost({ world, folder, maxProcesses, idleMs }: FunctionHostDeps): FunctionHost {
  const program = join(folder, "runtime.mjs");
  const unpacked = new Set<string>();
  const warm = new Set<Warm>();
  const inFlight = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let settlers: (() => void)[] = [];
  const total = () => [...inFlight.values()].reduce((sum, one) => sum + one, 0);
  const count = (arn: string, change: number) => {
    inFlight.set(arn, (inFlight.get(arn) ?? 0) + change);
    if (total() > 0) return;
    for (const settle of settlers) settle();
    settlers = [];
  };

  const discard = (one: Warm) => {
    one.forgetIdle();
    one.container.end();
    warm.delete(one);
  };

  /** A process that has run this very function before, else a new one, else whichever is free first. */
  async function take(record: Readonly<FunctionRecord>): Promise<Warm> {
    for (;;) {
      for (const one of warm) if (one.container.isOver && !one.isBusy) discard(one);
      const fitting = [...warm].find((one) => !one.isBusy && one.revision === record.revisionId);
      if (fitting) {
        // At once, before anybody else looks.
        fitting.isBusy = true;
        return fitting;
      }
      if (warm.size >= maxProcesses) {
        const idle = [...warm].find((one) => !one.isBusy);
        if (idle) discard(idle);
      }
      if (warm.size < maxProcesses) return start(record);
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  function start(record: Readonly<FunctionRecord>): Warm {
    const { region, account } = parseArn(record.arn)!;
    const role: RoleSession = { roleArn: record.settings.roleArn, name: record.name };
    const logStream = `${new Date(world.now()).toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${world.id("", 32)}`;
    const where = { place: { account, region }, group: record.settings.logging.LogGroup!, stream: logStream };
    const files = unpack(record);
    const log = (line: string) => {
      // What ends with its world has nowhere to write.
      if (!warm.has(one)) return;
      one.tail.push(line);
      writeLog(world, role, where, line);
    };
    const container = startContainer({
      program,
      folder: files,
      environment: functionEnvironment({
        record,
        region,
        endpoint: world.endpoint(),
        credentials: world.sessions.issue(role),
        folder: files,
        logStream,
      }),
      onLine: log,
    });
    const one: Warm = { container, revision: record.revisionId, isBusy: true, tail: [], log, forgetIdle: () => {} };
    warm.add(one);
    return one;
  }

  /** A folder for each version of each code, written once: other processes may be reading it. */
  function unpack(record: Readonly<FunctionRecord>): string {
    const files = join(folder, record.name, Buffer.from(record.code.sha256, "base64").toString("hex").slice(0, 16));
    if (unpacked.has(files)) return files;
    for (const [path, content] of unzip(record.code.zip)) {
      mkdirSync(dirname(join(files, path)), { recursive: true });
      writeFileSync(join(files, path), content);
    }
    if (unpacked.size === 0) writeFileSync(program, runtimeProgram);
    unpacked.add(files);
    return files;
  }

  async function run(record: Readonly<FunctionRecord>, payload: string, requestId: string): Promise<FunctionAnswer> {
    const one = await take(record);
    one.forgetIdle();
    one.tail = [];
    const startedMs = world.now();
    const isText = record.settings.logging.LogFormat !== "JSON";
    const { timeoutSeconds, memoryMb } = record.settings;
    if (isText) one.log(`START RequestId: ${requestId} Version: $LATEST`);
    let isLate = false;
    const forgetTimeout = world.after(timeoutSeconds * 1000, () => {
      isLate = true;
      one.container.end();
    });
    const outcome = await one.container.run({
      requestId,
      event: JSON.parse(payload),
      deadlineMs: startedMs + timeoutSeconds * 1000,
      clockAheadMs: world.now() - Date.now(),
      context: {
        awsRequestId: requestId,
        functionName: record.name,
        functionVersion: "$LATEST",
        invokedFunctionArn: record.arn,
        memoryLimitInMB: String(memoryMb),
        logGroupName: record.settings.logging.LogGroup ?? "",
      },
    });
    forgetTimeout();
    const crashed = "result" in outcome && world.mishaps.strikes("function-crash", { function: record.name });
    const failure = isLate
      ? timedOut(requestId, timeoutSeconds, world.now())
      : failureOf(crashed ? { exit: "signal: killed" } : outcome, requestId);
    if (failure && !("trace" in failure)) one.log(failure.errorMessage);
    if (isText) {
      one.log(`END RequestId: ${requestId}`);
      const ms = world.now() - startedMs;
      one.log(
        `REPORT RequestId: ${requestId}\tDuration: ${ms}.00 ms\tBilled Duration: ${ms} ms\tMemory Size: ${memoryMb} MB`,
      );
    }
    const isReusable = !crashed && !one.container.isOver && !("isInit" in outcome && outcome.isInit);
    const tail = one.tail.join("\n");
    release(one, isReusable);
    return failure
      ? { payload: JSON.stringify(failure), failed: true, tail }
      : { payload: (outcome as { result: string }).result, failed: false, tail };
  }

  function release(one: Warm, isReusable: boolean): void {
    one.isBusy = false;
    if (isReusable) one.forgetIdle = world.after(idleMs, () => discard(one));
    else discard(one);
    waiting.shift()?.();
  }

  /** The right to its key belongs to the role that the function was given, not to whatever bears that role's name now. */
  function assertReadable({ settings }: Readonly<FunctionRecord>): void {
    if (!hasEnvironment(settings)) return;
    if (settings.environmentReader !== world.service<Iam>("iam").roleId(settings.roleArn)) throw keyDenied();
  }

  return {
    async invoke(record, payload, requestId) {
      assertReadable(record);
      const most = record.reservedConcurrency;
      if (most !== undefined && (inFlight.get(record.arn) ?? 0) >= most) throw tooMany();
      count(record.arn, 1);
      try {
        return await run(record, payload, requestId);
      } finally {
        count(record.arn, -1);
      }
    },
    get inFlight() {
      return total();
    },
    settled: () => (total() === 0 ? Promise.resolve() : new Promise((resolve) => settlers.push(resolve))),
    end() {
      for (const one of [...warm]) discard(one);
      for (const proceed of waiting.splice(0)) proceed();
    },
  };
}

function failureOf(outcome: Outcome, requestId: string): Failure | undefined {
  if ("failure" in outcome) return outcome.failure;
  if ("result" in outcome) return undefined;
  const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: ${outcome.exit}`;
  return { errorType: "Runtime.ExitError", errorMessage };
}

function timedOut(requestId: string, seconds: number, now: number): Failure {
  const errorMessage = `${new Date(now).toISOString()} ${requestId} Task timed out after ${seconds.toFixed(2)} seconds`;
  return { errorType: "Sandbox.Timedout", errorMessage };
}

function keyDenied(): AwsError {
  const why =
    "Lambda was unable to decrypt the environment variables because KMS access was denied. Please check the function's KMS key settings.";
  return new AwsError("KMSAccessDeniedException", why, { status: 502, members: { Type: "User" } });
}

function tooMany(): AwsError {
  return new AwsError("TooManyRequestsException", "Rate Exceeded.", {
    status: 429,
    members: { Reason: "ReservedFunctionConcurrentInvocationLimitExceeded", Type: "User" },
  });
}
