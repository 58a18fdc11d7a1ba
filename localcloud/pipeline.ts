import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type CallLog, isRead, summarize } from "./call-log.ts";
import { denied, internal, notImplemented, throttled } from "./failures.ts";
import type { FaultKind, Faults } from "./faults.ts";
import type { Latency } from "./latency.ts";
import type { Quotas } from "./quotas.ts";
import { resourceOf } from "./resource.ts";
import { AwsError, type Call } from "./service.ts";
import type { StaleReads } from "./stale-reads.ts";
import type { Signature } from "./wire/classify.ts";
import { type Codec, type Incoming, loadCodec } from "./wire/codec.ts";
import { encodeError } from "./wire/errors.ts";
import type { WireResponse } from "./wire/message.ts";
import type { Route } from "./wire/route.ts";
import type { OwnedWorld } from "./world.ts";

export interface PipelineDeps {
  readonly world: OwnedWorld;
  readonly calls: CallLog;
  readonly faults: Faults;
  readonly latency: Latency;
  /** Undefined where quotas are off. */
  readonly quotas: Quotas | undefined;
  readonly staleReads: StaleReads;
}

/** Undefined: break the connection instead of answering. */
export type Answer = WireResponse | undefined;

export type Pipeline = (request: Incoming, signature: Signature) => Promise<Answer>;

/** From a classified request to its answer: decode, misfortunes as ordered, the operation, encode, log. */
export function createPipeline(deps: PipelineDeps): Pipeline {
  const { world, calls, faults, latency, quotas, staleReads } = deps;
  return async (request, signature) => {
    const { service, encoding } = request.target;
    const codec = await loadCodec(service);
    const call = callOf(world, signature);
    const route = codec.find(request);
    const operation = route?.operation.name ?? request.target.operation ?? "?";
    const read = isRead(operation);
    let input: Record<string, unknown> = {};
    let response: Answer;
    let error: AwsError | undefined;

    try {
      if (!route) throw notImplemented(service.id, request.target.operation);
      input = codec.decode(route, request);
      const delayMs = latency.of(service.id, operation);
      if (delayMs > 0) await sleep(delayMs);
      if (quotas && !quotas.take(service.id, operation)) throw throttled(service);
      const fault = faults.strike(service.id, operation, read);
      refuse(fault);
      const known = read ? staleReads.keyOf(service.id, operation, input, call) : undefined;
      const stale = fault === "stale" && known !== undefined ? staleReads.recall(known) : undefined;
      response = stale ?? (await run(codec, route));
      if (known !== undefined && !stale) staleReads.remember(known, response);
      if (fault === "drop") response = undefined;
    } catch (thrown) {
      error = asAwsError(thrown);
      response = encodeError(error, { service, encoding, schemas: codec.schemas, requestId: call.requestId });
    }
    const resource = resourceOf(service.id, input, call);
    calls.add({
      at: world.now(),
      service: service.id,
      operation,
      write: !read,
      status: response?.status ?? 0,
      ...(error && { error: error.code }),
      ...(resource !== undefined && { resource }),
      input: summarize(input),
    });
    return response && withRequestId(response, call.requestId);

    function refuse(fault: FaultKind | undefined): void {
      if (fault === "throttle") throw throttled(service);
      if (fault === "error") throw internal(service);
      if (fault === "denied") throw denied(service, operation, resourceOf(service.id, input, call), call);
    }

    async function run(codec: Codec, route: Route): Promise<WireResponse> {
      const handler = world.find(service.id)?.operations[operation];
      if (!handler) throw notImplemented(service.id, operation);
      try {
        const output = await handler(input, call);
        return codec.encode(route.operation, output, encoding, call.requestId);
      } catch (thrown) {
        // An error is an answer like any other: a stale read may repeat it.
        if (!read || !(thrown instanceof AwsError)) throw thrown;
        error = thrown;
        return encodeError(thrown, { service, encoding, schemas: codec.schemas, requestId: call.requestId });
      }
    }
  };
}

/** An access key of twelve digits is an account's, as in other local clouds, so that a test can be somebody else. */
function callOf(world: OwnedWorld, { accessKeyId, region }: Signature): Call {
  const account = accessKeyId !== undefined && /^\d{12}$/.test(accessKeyId) ? accessKeyId : world.account;
  return { account, region: region ?? world.defaultRegion, accessKeyId, requestId: randomUUID() };
}

/** A handler that throws anything else has a bug: it is answered as AWS answers its own, and shown. */
function asAwsError(thrown: unknown): AwsError {
  if (thrown instanceof AwsError) return thrown;
  console.error("local cloud:", thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AwsError("InternalFailure", `The local cloud failed: ${message}`, { status: 500 });
}

function withRequestId(response: WireResponse, requestId: string): WireResponse {
  response.headers["x-amzn-requestid"] = requestId;
  response.headers["x-amz-request-id"] = requestId;
  return response;
}
