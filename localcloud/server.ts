import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { pipeline as pipe } from "node:stream/promises";
import { type CallLog, createCallLog } from "./call-log.ts";
import type { WorldClock } from "./clock.ts";
import { createCommands } from "./commands.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createLatency, type Latency } from "./latency.ts";
import { createPipeline, type Pipeline } from "./pipeline.ts";
import { createQuotas, publishedQuotas } from "./quotas.ts";
import { readBody } from "./request-body.ts";
import type { Place } from "./services/regions.ts";
import { createSnapshots, LAST, openFolder, type Snapshots } from "./snapshots.ts";
import { createStaleReads } from "./stale-reads.ts";
import { classify, isForm, readSignature } from "./wire/classify.ts";
import type { WireResponse } from "./wire/message.ts";
import { PayloadTooLarge } from "./wire/payload.ts";
import { SerializationError } from "./wire/serialization-error.ts";
import { advanceClock } from "./world/advance.ts";
import { interruptSpot } from "./world/instances.ts";
import { type RunOptions, startMachinery } from "./world/machinery.ts";
import type { RoleCredentials } from "./world/sessions.ts";
import { createWorld, type OwnedWorld } from "./world.ts";

export interface LocalCloudOptions {
  /** Port on 127.0.0.1; 0 takes a free one. @default 0 */
  readonly port?: number;
  /** Twelve digits. @default "123456789012" */
  readonly account?: string;
  /** Of calls that are not signed. @default "us-east-1" */
  readonly region?: string;
  /** How long every call waits before it takes effect, milliseconds. @default 0 */
  readonly latencyMs?: number;
  /** Throttle at AWS's published rates. @default false */
  readonly quotas?: boolean;
  /** Published lags: new roles not assumable, queue attributes late. @default false */
  readonly lags?: boolean;
  /** Of everything that is drawn: ids, faults. @default 1 */
  readonly seed?: number;
  /** Time of the world. @default one that flows with the machine's */
  readonly clock?: WorldClock;
  /**
   * Things happen by themselves: functions run, instances boot and join, alarms and rules act.
   * A function where what is to run needs the world.
   * @default false: the cloud keeps what it is told, and no more
   */
  readonly run?: boolean | RunOptions | ((world: OwnedWorld) => RunOptions);
  /** Folder for snapshots. What was there when the cloud was last stopped is there again. @default nothing is kept */
  readonly dataFolder?: string;
}

export interface LocalCloud {
  /** `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  readonly world: OwnedWorld;
  readonly calls: CallLog;
  readonly faults: Faults;
  readonly latency: Latency;
  /** Temporary keys with which a role's policy is enforced. Any other access key is a person's, who may do everything. */
  credentialsOf(roleArn: string, sessionName: string): RoleCredentials;
  /** Empties the cloud: services, log, faults, latency, clock. */
  reset(): void;
  /** Of all that the services hold, on disk; needs a `dataFolder`. */
  readonly snapshots: Snapshots;
  /** The tasks that run; none where nothing runs them. */
  runningTasks(): string[];
  /** As if a task's machine killed its containers. Answers false where it does not run. */
  killTask(arn: string): boolean;
  /** Warns a Spot instance and ends it two minutes later. @throws TypeError where it is no Spot instance */
  interruptSpot(instanceId: string, place?: Place): void;
  /** When no function runs any more. Whatever waits for its time, waits on. */
  settled(): Promise<void>;
  /**
   * Steps the clock from one thing that is due to the next, and lets the functions that it sets off come to their end each
   * time: a day goes by as it would, in the time that the work takes.
   */
  advance(ms: number): Promise<void>;
  /** Keeps what it holds, where it has a folder. @throws where that cannot be written; the cloud has ended all the same */
  stop(): Promise<void>;
}

/** An AWS in this process, on the loopback interface only. */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  // Told before anything is in it that would be lost.
  if (options.dataFolder !== undefined) openFolder(options.dataFolder);
  const seed = options.seed ?? 1;
  let endpoint = "";
  const world = createWorld({
    account: options.account ?? "123456789012",
    region: options.region ?? "us-east-1",
    lags: options.lags ?? false,
    seed,
    clock: options.clock,
    endpoint: () => endpoint,
  });
  const run = typeof options.run === "function" ? options.run(world) : options.run;
  const machinery = run ? startMachinery(world, run === true ? {} : run) : undefined;
  const calls = createCallLog();
  const faults = createFaults(seed);
  const latency = createLatency(options.latencyMs ?? 0);
  const quotas = createQuotas(publishedQuotas, world.now, options.quotas ?? false);
  const staleReads = createStaleReads();
  const reset = () => {
    world.reset();
    calls.clear();
    faults.clear();
    latency.clear();
    quotas.reset();
    staleReads.clear();
    machinery?.reset();
  };
  const snapshots = createSnapshots({ folder: options.dataFolder, world, machinery });
  const settled = async () => machinery?.settled();
  const advance = (ms: number) => advanceClock(world.clock, ms, settled);
  const runningTasks = () => machinery?.tasks.running() ?? [];
  const killTask = (arn: string) => machinery?.tasks.kill(arn) ?? false;
  const server = createServer(
    requestListener({
      pipeline: createPipeline({ world, calls, faults, latency, quotas, staleReads }),
      commands: createCommands({
        world,
        calls,
        faults,
        latency,
        quotas,
        staleReads,
        snapshots,
        runningTasks,
        killTask,
        advance,
        reset,
      }),
    }),
  );
  // Clients keep connections for long; a server that closes them first makes their next call fail.
  server.keepAliveTimeout = 120_000;
  // A large object may take longer than Node's five minutes.
  server.requestTimeout = 0;
  await listen(server, options.port ?? 0);
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  if (snapshots.names().includes(LAST)) snapshots.restore();

  const close = async () => {
    world.close();
    await machinery?.stop();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  // What cannot be kept, on a disk that is full, must not keep the cloud from its end.
  const stop = async () => {
    try {
      if (options.dataFolder !== undefined) snapshots.save();
    } catch (cause) {
      const why = (cause as Error).message;
      throw new Error(`what is in the cloud could not be kept in ${options.dataFolder}: ${why}`, { cause });
    } finally {
      await close();
    }
  };
  const credentialsOf = (roleArn: string, name: string) => world.sessions.issue({ roleArn, name });
  const here = { account: world.account, region: world.defaultRegion };
  return {
    runningTasks,
    killTask,
    interruptSpot: (instanceId, place = here) => interruptSpot(world, place, instanceId),
    settled,
    advance,
    endpoint,
    world,
    calls,
    faults,
    latency,
    snapshots,
    credentialsOf,
    reset,
    stop,
  };
}

interface ListenerDeps {
  readonly pipeline: Pipeline;
  readonly commands: ReturnType<typeof createCommands>;
}

function requestListener(deps: ListenerDeps) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const gone = new AbortController();
    response.once("close", () => response.writableFinished || gone.abort());
    answer(deps, request, gone.signal)
      .then((answered) => (answered ? send(request, response, answered) : void response.destroy()))
      .catch((error: unknown) => sendFailure(request, response, error));
  };
}

async function answer(
  deps: ListenerDeps,
  request: IncomingMessage,
  gone: AbortSignal,
): Promise<WireResponse | undefined> {
  const { method = "GET", headers, url = "/" } = request;
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
  const signature = readSignature(headers, query);
  const isObject = signature.signingName === "s3" || signature.signingName === undefined;
  const body = await readBody(request, { spill: isObject && method === "PUT" });
  if (path.startsWith("/_localcloud/")) {
    const result = await deps.commands(method, path, query, body.bytes().toString("utf8"));
    return {
      status: result.status,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(result.body),
    };
  }
  const form = isForm(headers) ? new URLSearchParams(body.bytes().toString("utf8")) : undefined;
  const target = classify({ path, query, headers }, signature, form);
  if (!target) return refusal(501, "NotImplemented", "The local cloud does not have this service.");
  const place = target.service.id === "s3" ? splitBucket(path, headers.host ?? "") : { path, bucket: undefined };
  return deps.pipeline({ method, query, headers, body, target, form, ...place }, signature, gone);
}

/**
 * `bucket.localhost` names the bucket in the host, `127.0.0.1` and plain `localhost` in the path; `s3.` before the host
 * changes nothing.
 */
function splitBucket(path: string, host: string): { path: string; bucket: string | undefined } {
  const name = host.replace(/:\d+$/, "");
  const prefix = isIP(name) ? "" : name.replace(/\.?localhost$/, "");
  const inHost = prefix.replace(/(^|\.)s3([.-][\w-]+)?$/, "");
  if (inHost !== "") return { path, bucket: inHost };
  const [, bucket = "", ...rest] = path.split("/");
  return { path: `/${rest.join("/")}`, bucket: bucket === "" ? undefined : decodeURIComponent(bucket) };
}

async function send(request: IncomingMessage, response: ServerResponse, answered: WireResponse): Promise<void> {
  const { status, body } = answered;
  const headers: Record<string, string> = { ...answered.headers };
  const hasBody = request.method !== "HEAD" && status !== 204 && status !== 304;
  const size = typeof body === "string" ? Buffer.byteLength(body) : "open" in body ? body.size : body.byteLength;
  // HEAD answers carry the length of what GET would send; only the operation knows it.
  if (hasBody) headers["content-length"] = String(size);
  response.writeHead(status, headers);
  if (!hasBody) {
    response.end();
  } else if (typeof body === "string" || !("open" in body)) {
    response.end(body);
  } else {
    await pipe(body.open(), response).catch(() => response.destroy());
  }
}

function sendFailure(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (request.destroyed && !request.complete) return void response.destroy();
  const answered =
    error instanceof PayloadTooLarge
      ? refusal(413, "EntityTooLarge", error.message)
      : error instanceof SerializationError || error instanceof URIError
        ? refusal(400, "SerializationException", error.message)
        : refusal(500, "InternalFailure", String(error));
  if (answered.status === 500) console.error("local cloud:", error);
  // What is left of the body is not read: the connection cannot be used again.
  answered.headers.connection = "close";
  void send(request, response, answered);
}

/** For what has no protocol yet: both readers of JSON and of XML find a code in it. */
function refusal(status: number, code: string, message: string): WireResponse {
  const headers = { "content-type": "application/json", "x-amzn-errortype": code };
  return { status, headers, body: JSON.stringify({ __type: code, message }) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
