import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type CallLog, isRead, summarize } from "./call-log.ts";
import { denied, internal, notImplemented, throttled, unknownKeys } from "./failures.ts";
import type { Faults } from "./faults.ts";
import type { Latency } from "./latency.ts";
import type { Quotas } from "./quotas.ts";
import { resourceOf } from "./resource.ts";
import { AwsError, type Call } from "./service.ts";
import { parseArn } from "./services/arn.ts";
import type { StaleReads } from "./stale-reads.ts";
import type { Signature } from "./wire/classify.ts";
import { type Codec, type Incoming, loadCodec } from "./wire/codec.ts";
import { encodeError } from "./wire/errors.ts";
import type { WireResponse } from "./wire/message.ts";
import type { OperationShape } from "./wire/shape.ts";
import { refusalOf } from "./world/authorize.ts";
import { isTemporary } from "./world/sessions.ts";
import type { OwnedWorld } from "./world.ts";

export interface PipelineDeps {
  readonly world: OwnedWorld;
  readonly calls: CallLog;
  readonly faults: Faults;
  readonly latency: Latency;
  readonly quotas: Quotas;
  readonly staleReads: StaleReads;
}

/** Answers undefined where the connection is to be broken instead. */
export type Pipeline = (
  request: Incoming,
  signature: Signature,
  /** Aborted when the caller hangs up. */
  gone: AbortSignal,
) => Promise<WireResponse | undefined>;

/** What came of a call. An error is an answer like any other. */
export interface Outcome {
  readonly response: WireResponse;
  readonly error?: AwsError;
}

/** From a classified request to its answer: decode, misfortunes as ordered, the operation, encode, log. */
export function createPipeline(deps: PipelineDeps): Pipeline {
  return async (request, signature, gone) => {
    const codec = await loadCodec(request.target.service);
    const call = { ...callOf(deps.world, signature), gone };
    const asked = understand(codec, request, call);
    const { outcome, isDropped } = await perform(deps, asked);
    // What was refused is not kept, and a large body lies in a file.
    if (outcome.error) void request.body.dispose();
    const { id: service } = request.target.service;
    const resource = resourceOf(service, asked.input, call);
    deps.calls.add({
      at: deps.world.now(),
      service,
      operation: asked.name,
      write: !asked.isRead,
      status: isDropped ? 0 : outcome.response.status,
      ...(outcome.error && { error: outcome.error.code }),
      ...(signature.accessKeyId !== undefined && { accessKeyId: signature.accessKeyId }),
      ...(resource !== undefined && { resource }),
      input: summarize(asked.input),
    });
    return isDropped ? undefined : withRequestId(outcome.response, call.requestId);
  };
}

/** A call as far as it could be read. */
interface Asked {
  readonly request: Incoming;
  readonly codec: Codec;
  readonly call: Call;
  readonly name: string;
  readonly isRead: boolean;
  readonly input: Record<string, unknown>;
  readonly operation: OperationShape | undefined;
  /** Why the call cannot be performed. */
  readonly problem: AwsError | undefined;
}

function understand(codec: Codec, request: Incoming, call: Call): Asked {
  const { service, operation: given } = request.target;
  const route = codec.find(request);
  const operation = route?.operation;
  const name = operation?.name ?? given ?? "?";
  const asked = { request, codec, call, name, isRead: isRead(name), operation };
  if (!route) return { ...asked, input: {}, problem: notImplemented(service.id, given) };
  try {
    return { ...asked, input: codec.decode(route, request), problem: undefined };
  } catch (error) {
    return { ...asked, input: {}, problem: asAwsError(error) };
  }
}

async function perform(deps: PipelineDeps, asked: Asked): Promise<{ outcome: Outcome; isDropped: boolean }> {
  const { latency, quotas, faults, staleReads } = deps;
  const { request, name, input, call } = asked;
  const { service } = request.target;
  const given = (outcome: Outcome, isDropped = false) => ({ outcome, isDropped });
  if (asked.problem) return given(failed(asked, asked.problem));
  const delayMs = latency.of(service.id, name);
  if (delayMs > 0) await sleep(delayMs);
  if (!quotas.take(service.id, name)) return given(failed(asked, throttled(service)));
  const refused = notPermitted(deps.world, asked);
  if (refused) return given(failed(asked, refused));
  const fault = faults.strike(service.id, name, asked.isRead);
  switch (fault) {
    case "throttle":
      return given(failed(asked, throttled(service)));
    case "error":
      return given(failed(asked, internal(service)));
    case "denied":
      return given(failed(asked, denied(service, name, resourceOf(service.id, input, call), call)));
  }
  if (!asked.isRead) return given(await run(deps.world, asked), fault === "drop");
  const key = staleReads.keyOf(service.id, name, input, call);
  const stale = fault === "stale" ? staleReads.recall(key) : undefined;
  const outcome = stale ?? (await run(deps.world, asked));
  if (!stale) staleReads.remember(key, outcome);
  return given(outcome, fault === "drop");
}

/** Why this caller may not do this, if so. */
function notPermitted(world: OwnedWorld, { request, call, name, input }: Asked): AwsError | undefined {
  const { service } = request.target;
  if (isTemporary(call.accessKeyId) && !call.role) return unknownKeys(service);
  try {
    return refusalOf({ world, service, operation: name, input, call });
  } catch (error) {
    // What a permission is about can be as impossible to tell as the call is to perform.
    return asAwsError(error);
  }
}

async function run(world: OwnedWorld, asked: Asked): Promise<Outcome> {
  const { request, codec, call, name, input, operation } = asked;
  const { service, encoding } = request.target;
  const handler = world.find(service.id)?.operations[name];
  if (!handler || !operation) return failed(asked, notImplemented(service.id, name));
  try {
    const output = await handler(input, call);
    return { response: codec.encode(operation, output, encoding, call.requestId) };
  } catch (error) {
    return failed(asked, asAwsError(error));
  }
}

function failed({ request, codec, call }: Asked, error: AwsError): Outcome {
  const { service, encoding } = request.target;
  const context = { service, encoding, schemas: codec.schemas, requestId: call.requestId };
  return { response: encodeError(error, context), error };
}

/** An access key of twelve digits is an account's, as in other local clouds, so that a test can be somebody else. */
function callOf(world: OwnedWorld, { accessKeyId, region }: Signature): Call {
  const role = world.sessions.find(accessKeyId);
  const ofKey = accessKeyId !== undefined && /^\d{12}$/.test(accessKeyId) ? accessKeyId : world.account;
  const account = role === undefined ? ofKey : parseArn(role.roleArn)!.account;
  const call = { account, region: region ?? world.defaultRegion, accessKeyId, requestId: randomUUID() };
  return role === undefined ? call : { ...call, role };
}

/** A handler that throws anything else has a bug: it is answered as AWS answers its own, and shown. */
function asAwsError(thrown: unknown): AwsError {
  if (thrown instanceof AwsError) return thrown;
  console.error("local cloud:", thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AwsError("InternalFailure", `The local cloud failed: ${message}`, { status: 500 });
}

/** S3's clients look for the id under another name than all others. */
function withRequestId(response: WireResponse, requestId: string): WireResponse {
  const ids = { "x-amzn-requestid": requestId, "x-amz-request-id": requestId };
  return { ...response, headers: { ...response.headers, ...ids } };
}
