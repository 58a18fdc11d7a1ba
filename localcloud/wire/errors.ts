import type { AwsError } from "../service.ts";
import type { Encoding, Schemas, ServiceEntry } from "./catalog.ts";
import type { WireResponse } from "./message.ts";
import { encodeText } from "./scalar.ts";
import type { Member, StructShape } from "./shape.ts";
import { encodeCbor, encodeStruct } from "./tree.ts";
import { escapeXml } from "./xml.ts";
import { encodeMembers } from "./xml-tree.ts";

export interface ErrorContext {
  readonly service: ServiceEntry;
  readonly encoding: Encoding;
  readonly schemas: Schemas;
  readonly requestId: string;
}

/** An error as its service writes it, in the protocol that the call came in. */
export function encodeError(error: AwsError, context: ErrorContext): WireResponse {
  const { service, encoding, schemas } = context;
  const model = schemas.errors.get(error.code);
  const legacyCode = error.legacyCode ?? model?.traits.awsQueryError?.[0];
  const status = statusOf(error, model);
  const sender = status < 500 ? "Sender" : "Receiver";
  const members = encodedMembers(error, model);
  switch (encoding) {
    case "ec2":
      return xml(
        status,
        `<Response><Errors><Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error></Errors><RequestID>${context.requestId}</RequestID></Response>`,
      );
    case "query": {
      const code = escapeXml(legacyCode ?? error.code);
      const body = model ? encodeMembers(withoutMessage(model), error.members) : "";
      return xml(
        status,
        `<ErrorResponse xmlns="${service.xmlNamespace}"><Error><Type>${sender}</Type><Code>${code}</Code><Message>${escapeXml(error.message)}</Message>${body}</Error><RequestId>${context.requestId}</RequestId></ErrorResponse>`,
      );
    }
    case "rest-xml": {
      // S3 names the bucket or key in elements that no model knows.
      const extra = Object.entries(error.members).filter(([name]) => !model?.members.some((m) => m.name === name));
      const elements = extra.map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`).join("");
      const body = (model ? encodeMembers(withoutMessage(model), error.members) : "") + elements;
      const answer = xml(
        status,
        `<Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>${body}<RequestId>${context.requestId}</RequestId><HostId>local</HostId></Error>`,
      );
      // Clients that asked the wrong region look for the right one here.
      const { BucketRegion: region } = error.members;
      return region === undefined
        ? answer
        : { ...answer, headers: { ...answer.headers, "x-amz-bucket-region": String(region) } };
    }
    case "rest-json":
      return {
        status,
        headers: { "content-type": "application/json", "x-amzn-errortype": error.code, ...errorHeaders(error, model) },
        body: JSON.stringify(members),
      };
    case "cbor":
      return {
        status,
        headers: {
          "content-type": "application/cbor",
          "smithy-protocol": "rpc-v2-cbor",
          ...queryError(legacyCode, sender),
        },
        body: encodeCbor({ type: "document" }, { __type: `${service.namespace}#${error.code}`, ...members }),
      };
    default:
      return {
        status,
        headers: {
          "content-type": `application/x-amz-${encoding}`,
          ...queryCompatible(service, error, legacyCode, sender),
        },
        body: JSON.stringify({ __type: `${service.namespace}#${error.code}`, ...members }),
      };
  }
}

/** The model knows better than the default, but what a service sets itself wins. */
function statusOf(error: AwsError, model: StructShape | undefined): number {
  if (error.status !== 400 || !model) return error.status;
  return model.traits.httpError ?? model.traits.awsQueryError?.[1] ?? (model.traits.error === "server" ? 500 : 400);
}

function encodedMembers(error: AwsError, model: StructShape | undefined): Record<string, unknown> {
  const messageName = model?.members.find(isMessage)?.name ?? "message";
  const own = model
    ? encodeStruct(
        withoutMessage(model).filter((m) => !m.traits.httpHeader),
        error.members,
        false,
      )
    : {};
  return { [messageName]: error.message, ...(own as object) };
}

function errorHeaders(error: AwsError, model: StructShape | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const member of model?.members ?? []) {
    const value = error.members[member.name];
    if (!member.traits.httpHeader || value === undefined) continue;
    headers[member.traits.httpHeader.toLowerCase()] = encodeText(member.shape, value, "http-date");
  }
  return headers;
}

/** SQS and CloudWatch were query services once; their clients still read the code of that time from a header. */
function queryCompatible(
  service: ServiceEntry,
  error: AwsError,
  legacyCode: string | undefined,
  sender: string,
): Record<string, string> {
  const isCompatible = service.id === "sqs" || service.id === "cloudwatch";
  return isCompatible ? queryError(legacyCode ?? error.code, sender) : {};
}

function queryError(code: string | undefined, sender: string): Record<string, string> {
  return code === undefined ? {} : { "x-amzn-query-error": `${code};${sender}` };
}

function withoutMessage(model: StructShape): readonly Member[] {
  return model.members.filter((member) => !isMessage(member));
}

function isMessage(member: Member): boolean {
  return member.name.toLowerCase() === "message";
}

function xml(status: number, body: string): WireResponse {
  return { status, headers: { "content-type": "text/xml" }, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
}
