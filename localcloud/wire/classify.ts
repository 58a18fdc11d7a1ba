import type { IncomingHttpHeaders } from "node:http";
import { catalog, type Encoding, type ServiceEntry } from "./catalog.ts";

/** What can be said of a request before its body is read. */
export interface Signature {
  readonly accessKeyId: string | undefined;
  readonly region: string | undefined;
  readonly signingName: string | undefined;
}

/** Where a call goes. REST services have no operation yet: their router finds it. */
export interface Target {
  readonly service: ServiceEntry;
  readonly encoding: Encoding;
  readonly operation: string | undefined;
}

/** From the `Authorization` header or, for a presigned URL, from the query. The signature itself is not checked. */
export function readSignature(headers: IncomingHttpHeaders, query: URLSearchParams): Signature {
  const header = /Credential=([^,\s]+)/.exec(headers.authorization ?? "")?.[1];
  const scope = (header ?? query.get("X-Amz-Credential") ?? "").split("/");
  // An access key id may itself hold slashes in no cloud; the scope is always the last four parts.
  if (scope.length < 5) return { accessKeyId: undefined, region: undefined, signingName: undefined };
  return { accessKeyId: scope[0], region: scope.at(-3), signingName: scope.at(-2) };
}

export function isForm(headers: IncomingHttpHeaders): boolean {
  return (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
}

/**
 * The order matters: the Smithy protocol header, the JSON target, a form's action, the signature, and for unsigned calls
 * the path (only Lambda's begin with a date; the rest is S3's).
 *
 * @returns undefined where the call is of a service that the local cloud does not have.
 */
export function classify(
  request: { path: string; query: URLSearchParams; headers: IncomingHttpHeaders },
  signature: Signature,
  form: URLSearchParams | undefined,
): Target | undefined {
  const { headers, path, query } = request;
  if (headers["smithy-protocol"] === "rpc-v2-cbor") {
    const [, target, operation] = /\/service\/([^/]+)\/operation\/([^/]+)$/.exec(path) ?? [];
    const service = byTarget.get(target ?? "");
    return service && { service, encoding: "cbor", operation };
  }
  const header = headers["x-amz-target"];
  if (typeof header === "string") {
    const [target, operation] = header.split(".");
    const service = byTarget.get(target ?? "");
    return service && { service, encoding: jsonEncoding(headers, service), operation };
  }
  const fields = form?.has("Action") ? form : query.has("Action") ? query : undefined;
  if (fields && signature.signingName !== "s3") {
    const service = bySigningName.get(signature.signingName ?? "") ?? byVersion.get(fields.get("Version") ?? "");
    const operation = fields.get("Action")!;
    return service && { service, encoding: service.protocol === "ec2" ? "ec2" : "query", operation };
  }
  const service = signature.signingName
    ? bySigningName.get(signature.signingName)
    : catalog[/^\/\d{4}-\d{2}-\d{2}\//.test(path) ? "lambda" : "s3"];
  return service && { service, encoding: service.protocol, operation: undefined };
}

function jsonEncoding(headers: IncomingHttpHeaders, service: ServiceEntry): Encoding {
  const type = headers["content-type"] ?? "";
  if (type.includes("json-1.1")) return "json-1.1";
  if (type.includes("json-1.0")) return "json-1.0";
  return service.protocol === "json-1.0" ? "json-1.0" : "json-1.1";
}

const services = Object.values(catalog);
const byTarget = new Map(services.map((service) => [service.target, service]));
const byVersion = new Map(services.map((service) => [service.version, service]));
/** `s3express` and the rest of S3's signing names lead to what the local cloud does not have. */
const bySigningName = new Map<string, ServiceEntry>(services.map((service) => [service.signingName, service]));
