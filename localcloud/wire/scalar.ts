import { SerializationError } from "./serialization-error.ts";
import type { Shape, TimestampFormat } from "./shape.ts";

/** Simple values as text: in forms, XML, headers, query strings and paths. */
export function decodeText(shape: Shape, text: string, path: string): unknown {
  switch (shape.type) {
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      if (text === "True" || text === "False") return text === "True";
      throw new SerializationError(`${path}: "${text}" is neither true nor false`);
    case "number":
    case "decimal":
      return decodeNumber(text, path);
    case "bigint":
      if (!/^-?\d+$/.test(text.trim())) throw new SerializationError(`${path}: "${text}" is not a whole number`);
      return BigInt(text);
    case "timestamp":
      return decodeTimestamp(text, path);
    case "blob":
      return Buffer.from(text, "base64");
    default:
      return text;
  }
}

/** `fallback` is the format of this place (header, body) where the schema does not name one. */
export function encodeText(shape: Shape, value: unknown, fallback: TimestampFormat): string {
  switch (shape.type) {
    case "timestamp":
      return encodeTimestamp(value as Date, shape.format ?? fallback);
    case "blob":
      return Buffer.from(value as Uint8Array).toString("base64");
    default:
      return String(value);
  }
}

export function epochSeconds(date: Date): number {
  return date.getTime() / 1000;
}

/** Accepts all three formats: command-line clients are not strict about which they send. */
export function decodeTimestamp(text: string, path: string): Date {
  const date = /^-?\d+(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
  if (Number.isNaN(date.getTime())) throw new SerializationError(`${path}: "${text}" is not a time`);
  return date;
}

function encodeTimestamp(date: Date, format: TimestampFormat): string {
  if (format === "epoch-seconds") return String(epochSeconds(date));
  return format === "http-date" ? date.toUTCString() : date.toISOString();
}

function decodeNumber(text: string, path: string): number {
  const number = Number(text);
  if (text.trim() === "" || (Number.isNaN(number) && text !== "NaN")) {
    throw new SerializationError(`${path}: "${text}" is not a number`);
  }
  return number;
}
