import { cbor, tag } from "@smithy/core/cbor";
import { decodeTimestamp, epochSeconds } from "./scalar.ts";
import { SerializationError } from "./serialization-error.ts";
import type { Member, Shape } from "./shape.ts";

/**
 * JSON and CBOR carry the same tree; they differ in how a date and bytes look. Decoding checks every type, since the
 * services behind rely on it and the SDK's own codecs do not.
 */
export function decodeJson(shape: Shape | undefined, body: Uint8Array): Record<string, unknown> {
  if (body.byteLength === 0) return decodeTree(shape, {}, "", false);
  let tree: unknown;
  try {
    tree = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"));
  } catch (error) {
    throw new SerializationError("the body is not JSON", { cause: error });
  }
  return decodeTree(shape, tree, "", false);
}

export function encodeJson(shape: Shape | undefined, value: unknown): string {
  return shape ? JSON.stringify(encodeTree(shape, value, false)) : "{}";
}

export function decodeCbor(shape: Shape | undefined, body: Uint8Array): Record<string, unknown> {
  if (body.byteLength === 0) return decodeTree(shape, {}, "", true);
  let tree: unknown;
  try {
    tree = cbor.deserialize(body);
  } catch (error) {
    throw new SerializationError("the body is not CBOR", { cause: error });
  }
  return decodeTree(shape, tree, "", true);
}

export function encodeCbor(shape: Shape | undefined, value: unknown): Uint8Array {
  return cbor.serialize(shape ? encodeTree(shape, value, true) : {});
}

function decodeTree(shape: Shape | undefined, tree: unknown, path: string, binary: boolean): Record<string, unknown> {
  if (!shape) return {};
  return decodeNode(shape, tree, path, binary) as Record<string, unknown>;
}

function decodeNode(shape: Shape, node: unknown, path: string, binary: boolean): unknown {
  switch (shape.type) {
    case "struct": {
      const source = expectObject(node, path);
      const result: Record<string, unknown> = {};
      for (const member of shape.members) {
        const value = source[member.name];
        if (value !== undefined && value !== null) {
          result[member.name] = decodeNode(member.shape, value, `${path}/${member.name}`, binary);
        }
      }
      return result;
    }
    case "list": {
      if (!Array.isArray(node)) throw mismatch(path, "a list", node);
      const { shape: item } = shape.member;
      return node.map((value, index) => (value === null ? null : decodeNode(item, value, `${path}/${index}`, binary)));
    }
    case "map": {
      const item = shape.value.shape;
      const entries = Object.entries(expectObject(node, path)).filter(([, value]) => value !== null);
      return Object.fromEntries(
        entries.map(([key, value]) => [key, decodeNode(item, value, `${path}/${key}`, binary)]),
      );
    }
    case "string":
      if (typeof node !== "string") throw mismatch(path, "a string", node);
      return node;
    case "boolean":
      if (typeof node !== "boolean") throw mismatch(path, "a boolean", node);
      return node;
    case "number":
    case "decimal":
      return decodeNumber(node, path);
    case "bigint":
      return BigInt(decodeNumber(node, path));
    case "timestamp":
      return decodeDate(node, path);
    case "blob":
      if (binary && node instanceof Uint8Array) return node;
      if (typeof node !== "string") throw mismatch(path, "base64 bytes", node);
      return Buffer.from(node, "base64");
    default:
      return node;
  }
}

function encodeTree(shape: Shape, value: unknown, binary: boolean): unknown {
  switch (shape.type) {
    case "struct":
      return encodeStruct(shape.members, (value ?? {}) as Record<string, unknown>, binary);
    case "list":
      return (value as unknown[]).map((item) => encodeItem(shape.member.shape, item, binary));
    case "map":
      return Object.fromEntries(
        Object.entries(value as Record<string, unknown>)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => [key, encodeItem(shape.value.shape, item, binary)]),
      );
    case "timestamp":
      return encodeDate(shape.format, value as Date, binary);
    case "blob":
      return binary ? value : Buffer.from(value as Uint8Array).toString("base64");
    case "bigint":
      return binary ? value : Number(value);
    case "number":
      return Number.isFinite(value) ? value : binary ? value : String(value);
    default:
      return value;
  }
}

function encodeItem(shape: Shape, item: unknown, binary: boolean): unknown {
  return item === null || item === undefined ? null : encodeTree(shape, item, binary);
}

export function encodeStruct(members: readonly Member[], value: Record<string, unknown>, binary: boolean): unknown {
  const result: Record<string, unknown> = {};
  for (const member of members) {
    const item = value[member.name];
    if (item !== undefined && item !== null) result[member.name] = encodeTree(member.shape, item, binary);
  }
  return result;
}

function encodeDate(format: string | undefined, date: Date, binary: boolean): unknown {
  if (binary) return tag({ tag: 1, value: epochSeconds(date) });
  if (format === "date-time") return date.toISOString();
  if (format === "http-date") return date.toUTCString();
  return epochSeconds(date);
}

function decodeDate(node: unknown, path: string): Date {
  if (node instanceof Date) return node;
  if (typeof node === "number") return new Date(node * 1000);
  if (typeof node === "string") return decodeTimestamp(node, path);
  if (typeof node === "object" && node !== null && "value" in node) return new Date(Number(node.value) * 1000);
  throw mismatch(path, "a time", node);
}

function decodeNumber(node: unknown, path: string): number {
  if (typeof node === "number") return node;
  if (typeof node === "bigint") return Number(node);
  if (node === "NaN" || node === "Infinity" || node === "-Infinity") return Number(node);
  throw mismatch(path, "a number", node);
}

function expectObject(node: unknown, path: string): Record<string, unknown> {
  if (typeof node !== "object" || node === null || Array.isArray(node)) throw mismatch(path, "an object", node);
  return node as Record<string, unknown>;
}

function mismatch(path: string, wanted: string, node: unknown): SerializationError {
  const found = node === null ? "null" : Array.isArray(node) ? "a list" : `a value of type ${typeof node}`;
  return new SerializationError(`${path || "/"}: expected ${wanted}, found ${found}`);
}
