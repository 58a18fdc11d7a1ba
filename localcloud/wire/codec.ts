import { AwsError } from "../service.ts";
import { type Encoding, loadSchemas, type Schemas, type ServiceEntry } from "./catalog.ts";
import type { Target } from "./classify.ts";
import { decodeForm } from "./form.ts";
import type { WireRequest, WireResponse } from "./message.ts";
import { decodeRest, encodeRest } from "./rest.ts";
import { buildRouter, type Route, type Router } from "./route.ts";
import { SerializationError } from "./serialization-error.ts";
import type { OperationShape } from "./shape.ts";
import { decodeCbor, decodeJson, encodeCbor, encodeJson } from "./tree.ts";
import { checkRequired } from "./validate.ts";
import { encodeMembers } from "./xml-tree.ts";

/** A request whose service is known, ready to find its operation and to read its input. */
export interface Incoming extends WireRequest {
  readonly target: Target;
  readonly form: URLSearchParams | undefined;
  /** S3 only, from the host name or the first part of the path. */
  readonly bucket: string | undefined;
}

export interface Codec {
  readonly schemas: Schemas;
  /** Undefined where the service has no such operation. */
  find(request: Incoming): Route | undefined;
  /** @throws AwsError with the service's own code where the input is not well-formed. */
  decode(route: Route, request: Incoming): Record<string, unknown>;
  encode(operation: OperationShape, output: unknown, encoding: Encoding, requestId: string): WireResponse;
}

export function loadCodec(service: ServiceEntry): Promise<Codec> {
  let codec = codecs.get(service.id);
  if (!codec) {
    codec = loadSchemas(service.id).then((schemas) => buildCodec(service, schemas));
    codecs.set(service.id, codec);
  }
  return codec;
}

const codecs = new Map<string, Promise<Codec>>();

function buildCodec(service: ServiceEntry, schemas: Schemas): Codec {
  const isRest = service.protocol.startsWith("rest-");
  const router: Router | undefined = isRest ? buildRouter(schemas.operations.values()) : undefined;
  return {
    schemas,
    find: (request) => {
      const { operation: name } = request.target;
      const operation = name === undefined ? undefined : schemas.operations.get(name);
      if (operation) return { operation, labels: {} };
      return router?.(service.id === "s3" ? request : { ...request, path: withoutTrailingSlash(request.path) });
    },
    decode: (route, request) => {
      try {
        const input = decodeInput(route, request);
        checkRequired(route.operation.input, input);
        return input;
      } catch (error) {
        if (!(error instanceof SerializationError)) throw error;
        throw new AwsError(service.codes.invalid, error.message);
      }
    },
    encode: (operation, output, encoding, requestId) =>
      encodeOutput({ service, operation, encoding, requestId }, (output ?? {}) as Record<string, unknown>),
  };
}

function decodeInput(route: Route, request: Incoming): Record<string, unknown> {
  const { input } = route.operation;
  switch (request.target.encoding) {
    case "query":
    case "ec2":
      return decodeForm(input, request.form ?? request.query, request.target.encoding === "ec2");
    case "cbor":
      return decodeCbor(input, request.body.bytes());
    case "json-1.0":
    case "json-1.1":
      return decodeJson(input, request.body.bytes());
    default:
      return decodeRest(route, request, request.bucket);
  }
}

interface Outgoing {
  readonly service: ServiceEntry;
  readonly operation: OperationShape;
  readonly encoding: Encoding;
  readonly requestId: string;
}

function encodeOutput(
  { service, operation, encoding, requestId }: Outgoing,
  output: Record<string, unknown>,
): WireResponse {
  const members = operation.output?.members ?? [];
  const { name } = operation;
  switch (encoding) {
    case "query": {
      const result = operation.output ? `<${name}Result>${encodeMembers(members, output)}</${name}Result>` : "";
      const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      return xml(`<${name}Response xmlns="${service.xmlNamespace}">${result}${metadata}</${name}Response>`);
    }
    case "ec2": {
      const body = `<requestId>${requestId}</requestId>${encodeMembers(members, output)}`;
      return xml(`<${name}Response xmlns="${service.xmlNamespace}">${body}</${name}Response>`);
    }
    case "cbor":
      return {
        status: 200,
        headers: { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" },
        body: encodeCbor(operation.output, output),
      };
    case "json-1.0":
    case "json-1.1":
      return {
        status: 200,
        headers: { "content-type": `application/x-amz-${encoding}` },
        body: encodeJson(operation.output, output),
      };
    default:
      return encodeRest(operation, output, encoding, service.xmlNamespace);
  }
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function xml(body: string): WireResponse {
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}
