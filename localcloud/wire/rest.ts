import type { IncomingHttpHeaders } from "node:http";
import type { Encoding } from "./catalog.ts";
import type { WireRequest, WireResponse } from "./message.ts";
import { type Payload, payloadOf } from "./payload.ts";
import type { Route } from "./route.ts";
import { decodeText, encodeText } from "./scalar.ts";
import type { ListShape, Member, OperationShape, StructShape } from "./shape.ts";
import { decodeJson, encodeJson, encodeStruct } from "./tree.ts";
import { parseXml } from "./xml.ts";
import { decodeElement, encodeElement, encodeMembers } from "./xml-tree.ts";

/** Path labels, query, headers and body → input. The inverse of the SDK's HTTP bindings. */
export function decodeRest(route: Route, request: WireRequest, bucket: string | undefined): Record<string, unknown> {
  const { input } = route.operation;
  const result: Record<string, unknown> = bucket === undefined ? {} : { Bucket: bucket };
  if (!input) return result;
  const inBody: Member[] = [];
  for (const member of input.members) {
    const { traits, name } = member;
    if (traits.httpLabel) {
      const text = route.labels[name];
      if (text !== undefined) result[name] = decodeText(member.shape, text, `/${name}`);
    } else if (traits.httpQuery !== undefined) {
      put(result, name, decodeQuery(member, request.query.getAll(traits.httpQuery)));
    } else if (traits.httpQueryParams) {
      result[name] = decodeQueryMap(member, input, request.query);
    } else if (traits.httpHeader !== undefined) {
      put(result, name, decodeHeader(member, request.headers[traits.httpHeader.toLowerCase()]));
    } else if (traits.httpPrefixHeaders !== undefined) {
      result[name] = decodePrefixHeaders(traits.httpPrefixHeaders, request.headers);
    } else if (traits.httpPayload) {
      put(result, name, decodePayload(member, request));
    } else {
      inBody.push(member);
    }
  }
  if (inBody.length > 0) Object.assign(result, decodeBody({ ...input, members: inBody }, request));
  return result;
}

function put(result: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== undefined) result[name] = value;
}

function decodeQuery(member: Member, values: readonly string[]): unknown {
  if (values.length === 0) return undefined;
  if (member.shape.type !== "list") return decodeText(member.shape, values[0]!, `/${member.name}`);
  const item = member.shape.member.shape;
  return values.map((value) => decodeText(item, value, `/${member.name}`));
}

/** Every parameter that no other member of the input claims. */
function decodeQueryMap(member: Member, input: StructShape, query: URLSearchParams): Record<string, unknown> {
  const claimed = new Set(input.members.flatMap((other) => other.traits.httpQuery ?? []));
  const isList = member.shape.type === "map" && member.shape.value.shape.type === "list";
  const names = new Set([...query.keys()].filter((name) => !claimed.has(name)));
  return Object.fromEntries([...names].map((name) => [name, isList ? query.getAll(name) : query.get(name)]));
}

function decodeHeader(member: Member, header: string | string[] | undefined): unknown {
  if (header === undefined) return undefined;
  const text = Array.isArray(header) ? header.join(",") : header;
  if (member.shape.type === "list") {
    const item = member.shape.member.shape;
    return splitHeader(text, member.shape).map((part) => decodeText(item, part, `/${member.name}`));
  }
  if (member.traits.mediaType) return Buffer.from(text, "base64").toString("utf8");
  return decodeText(member.shape, text, `/${member.name}`);
}

/** An HTTP date holds a comma of its own; quoted parts may hold any. */
function splitHeader(text: string, { member }: ListShape): string[] {
  const isDates = member.shape.type === "timestamp" && member.shape.format === undefined;
  const parts = isDates ? text.match(/[^,]+,[^,]+/g) : text.match(/\s*"(?:[^"\\]|\\.)*"\s*|[^,]+/g);
  return (parts ?? []).map((part) => part.trim().replace(/^"(.*)"$/s, (_, inner) => inner.replace(/\\(.)/g, "$1")));
}

function decodePrefixHeaders(prefix: string, headers: IncomingHttpHeaders): Record<string, string> {
  const start = prefix.toLowerCase();
  const entries = Object.entries(headers).filter(([name]) => name.startsWith(start));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(start.length), String(value)]));
}

/** Streamed bytes are handed on as they are, so that a large object need not be in memory. */
function decodePayload(member: Member, request: WireRequest): unknown {
  const { shape, traits, name } = member;
  if (shape.type === "blob") return shape.streaming || traits.streaming ? request.body : request.body.bytes();
  const body = request.body.bytes();
  if (body.length === 0) return undefined;
  if (shape.type === "string") return body.toString("utf8");
  if (isJson(request)) return decodeJson(shape, body);
  return decodeElement(shape, parseXml(body.toString("utf8")), `/${name}`);
}

function decodeBody(shape: StructShape, request: WireRequest): Record<string, unknown> {
  const body = request.body.bytes();
  if (isJson(request)) return decodeJson(shape, body);
  if (body.length === 0) return {};
  return decodeElement(shape, parseXml(body.toString("utf8")), "") as Record<string, unknown>;
}

function isJson(request: WireRequest): boolean {
  const first = request.body.size > 0 ? request.body.bytes().toString("latin1", 0, 64).trimStart()[0] : undefined;
  return first !== "<";
}

/** Output → status, headers and body. */
export function encodeRest(
  operation: OperationShape,
  output: Record<string, unknown>,
  encoding: Encoding,
  xmlNamespace: string,
): WireResponse {
  const headers: Record<string, string> = {};
  const inBody: Member[] = [];
  let status = operation.traits.http?.[2] ?? 200;
  let body: WireResponse["body"] | undefined;
  for (const member of operation.output?.members ?? []) {
    const value = output[member.name];
    const { traits } = member;
    if (isInBody(member)) inBody.push(member);
    if (value === undefined || value === null) continue;
    if (traits.httpResponseCode) status = value as number;
    else if (traits.httpHeader !== undefined) headers[traits.httpHeader.toLowerCase()] = encodeHeader(member, value);
    else if (traits.httpPrefixHeaders !== undefined) {
      for (const [name, text] of Object.entries(value)) headers[traits.httpPrefixHeaders + name] = String(text);
    } else if (traits.httpPayload) {
      headers["content-type"] ??= payloadType(member, encoding);
      body = encodePayload(member, value, encoding, xmlNamespace);
    }
  }
  if (body === undefined && inBody.length > 0) {
    headers["content-type"] = encoding === "rest-json" ? "application/json" : "application/xml";
    body = encodeBody(operation.output!, inBody, output, encoding, xmlNamespace);
  }
  // S3's model knows one status for GetObject; a part of an object has another.
  if (headers["content-range"] !== undefined) status = 206;
  return { status, headers, body: body ?? "" };
}

function isInBody({ traits }: Member): boolean {
  return !(
    traits.httpResponseCode ||
    traits.httpHeader !== undefined ||
    traits.httpPrefixHeaders !== undefined ||
    traits.httpPayload
  );
}

function encodeHeader(member: Member, value: unknown): string {
  const { shape, traits } = member;
  if (shape.type === "list") {
    const parts = (value as unknown[]).map((item) => encodeText(shape.member.shape, item, "http-date"));
    const isText = shape.member.shape.type === "string";
    return parts.map((part) => (isText && /[",]/.test(part) ? JSON.stringify(part) : part)).join(", ");
  }
  const text = encodeText(shape, value, "http-date");
  return traits.mediaType ? Buffer.from(text).toString("base64") : text;
}

function payloadType({ shape, traits }: Member, encoding: Encoding): string {
  if (traits.mediaType) return traits.mediaType;
  if (shape.type === "blob") return "application/octet-stream";
  if (shape.type === "string") return "text/plain";
  return encoding === "rest-json" ? "application/json" : "application/xml";
}

function encodePayload(member: Member, value: unknown, encoding: Encoding, xmlNamespace: string): string | Payload {
  const { shape, traits } = member;
  if (shape.type === "blob") return value instanceof Uint8Array ? payloadOf(value) : (value as Payload);
  if (shape.type === "string") return String(value);
  if (encoding === "rest-json") return encodeJson(shape, value);
  const name = traits.xmlName ?? (shape.type === "struct" ? shape.name : member.name);
  return XML + encodeElement(name, shape, { xmlNamespace: ["", xmlNamespace], ...traits }, value);
}

function encodeBody(
  shape: StructShape,
  members: readonly Member[],
  output: Record<string, unknown>,
  encoding: Encoding,
  xmlNamespace: string,
): string {
  if (encoding === "rest-json") return JSON.stringify(encodeStruct(members, output, false));
  const name = shape.traits.xmlName ?? shape.name;
  // GetBucketLocation is the one answer whose root is its only member: <LocationConstraint>eu-west-1</LocationConstraint>.
  const isUnwrapped = members.length === 1 && members[0]!.xmlName === name;
  const body = isUnwrapped ? escapeValue(members[0]!, output) : encodeMembers(members, output);
  return `${XML}<${name} xmlns="${xmlNamespace}">${body}</${name}>`;
}

function escapeValue(member: Member, output: Record<string, unknown>): string {
  const value = output[member.name];
  if (value === undefined || value === null) return "";
  return encodeElement("x", member.shape, {}, value).replace(/^<x>|<\/x>$|^<x\/>$/g, "");
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';
