/** One SDK client per service, each with the same middleware: rate limit, deadline, metrics, and every error a classified `Failure`. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient } from "@aws-sdk/client-ecs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import type { Clock } from "../core/ports.ts";
import { type Agents, createAgents } from "./agents.ts";
import { failureOf, statusOf } from "./errors.ts";
import { createGate } from "./gate.ts";
import type { Limiter } from "./limits.ts";

export interface ClientSettings {
  readonly region: string;
  /** `AWS_ENDPOINT_URL`; absent: real AWS. */
  readonly endpoint?: string;
  /** Absent: the SDK's ordinary chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly clock: Clock;
  readonly limiter: Limiter;
  /** Aborts when the program stops: what still waits for its turn then is never sent. */
  readonly stopping?: AbortSignal;
  /** Told of each attempt, for metrics and logs. */
  readonly onCall?: (call: SentCall) => void;
  /** Throws where nothing may be sent any more (a lease that ended); asked right before each send of a write. */
  readonly mayWrite?: () => void;
  /** Milliseconds without an answer after which a request is given up. @default 30000 */
  readonly requestTimeoutMs?: number;
}

export interface SentCall {
  readonly service: string;
  readonly operation: string;
  /** HTTP status, or 0 where no answer came. */
  readonly status: number;
  readonly seconds: number;
}

/** Connections of a service, and so calls under way at the same time. */
const SOCKETS = 64;

/** About ten seconds of patience, where nothing but a person's own command waits. */
const FILE_ATTEMPTS = 8;

export type Clients = ReturnType<typeof createClients>;

export function createClients(settings: ClientSettings) {
  const timeoutMs = settings.requestTimeoutMs ?? 30_000;
  const { writing, ...agents } = createAgents(SOCKETS, () => settings.mayWrite?.());
  const common = {
    region: settings.region,
    ...(settings.endpoint ? { endpoint: settings.endpoint } : {}),
    ...(settings.credentials ? { credentials: settings.credentials } : {}),
    requestHandler: {
      connectionTimeout: 3_000,
      requestTimeout: timeoutMs,
      // Otherwise the SDK only says that it took long, and a pass hangs for as long as the connection does.
      throwOnRequestTimeout: true,
      // For an answer that begins and then stops.
      socketTimeout: timeoutMs,
      ...agents,
    },
  };
  const dressed = <C extends { middlewareStack: unknown }>(service: string, client: C): C => {
    dress(service, client.middlewareStack as Stack, { ...settings, writing });
    return client;
  };
  // An emulator's buckets have no DNS names of their own.
  const s3 = { ...common, forcePathStyle: settings.endpoint !== undefined };
  return {
    s3: dressed("s3", new S3Client(s3)),
    // For people's files: a large one is not to be sent again because S3 was busy for some seconds.
    files: dressed("s3", new S3Client({ ...s3, maxAttempts: FILE_ATTEMPTS })),
    // Otherwise the SDK sends to the host of the queue's URL, which may be the real service's.
    sqs: dressed("sqs", new SQSClient({ ...common, useQueueUrlAsEndpoint: false })),
    iam: dressed("iam", new IAMClient(common)),
    lambda: dressed("lambda", new LambdaClient(common)),
    ecs: dressed("ecs", new ECSClient(common)),
    ec2: dressed("ec2", new EC2Client(common)),
    cloudwatch: dressed("cloudwatch", new CloudWatchClient(common)),
    logs: dressed("logs", new CloudWatchLogsClient(common)),
    events: dressed("events", new EventBridgeClient(common)),
    tagging: dressed("tagging", new ResourceGroupsTaggingAPIClient(common)),
    sts: dressed("sts", new STSClient(common)),
  };
}

/** The part of an SDK middleware stack that we use. */
interface Stack {
  add(middleware: (next: Next, context: Context) => Next, options: object): void;
  remove(name: string): boolean;
}
type Next = (args: { input: object; request?: unknown }) => Promise<{ response: unknown; output: unknown }>;
interface Context {
  readonly commandName?: string;
}

const READ = /^(Get|List|Describe|Head|BatchGet|Filter|Receive)/;

export const isWrite = (operation: string): boolean => !READ.test(operation);

function dress(service: string, stack: Stack, settings: ClientSettings & Pick<Agents, "writing">): void {
  // It filters every input and output for a log that nobody keeps: a twentieth of the processor time of a call.
  stack.remove("loggerMiddleware");
  // Whoever waited for a free connection inside the SDK would be told after 3 s that none could be made.
  const inTurn = createGate(SOCKETS);
  const operationOf = (context: Context) => (context.commandName ?? "").replace(/Command$/, "");
  stack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw failureOf(error, service, operationOf(context), args.input);
      }
    },
    { step: "initialize", name: "pipewrightErrors", priority: "high" },
  );
  // After the SDK's retry loop in the stack: asked again before each attempt.
  stack.add(
    (next, context) => async (args) => {
      const operation = operationOf(context);
      await settings.limiter.take(service, operation, settings.stopping);
      return inTurn(async () => {
        const writes = isWrite(operation);
        if (writes) settings.mayWrite?.();
        const start = settings.clock.monotonic();
        const done = (status: number) =>
          settings.onCall?.({ service, operation, status, seconds: (settings.clock.monotonic() - start) / 1_000 });
        try {
          const result = await (writes ? settings.writing(() => next(args)) : next(args));
          done((result.response as { statusCode?: number }).statusCode ?? 200);
          return result;
        } catch (error) {
          done(statusOf(error) ?? 0);
          throw error;
        }
      });
    },
    { step: "finalizeRequest", name: "pipewrightSend", priority: "low" },
  );
}
