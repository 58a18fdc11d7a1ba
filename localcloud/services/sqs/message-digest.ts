import { createHash } from "node:crypto";
import type { MessageAttributes } from "./messages.ts";

export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/**
 * The digest that SDKs compare: of every attribute, by name, the length and bytes of name and type, a byte that says
 * text (1) or binary (2), then length and bytes of the value. Undefined where there are no attributes.
 */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  const part = (bytes: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name]!;
    part(Buffer.from(name));
    part(Buffer.from(attribute.DataType ?? ""));
    const binary = attribute.BinaryValue !== undefined;
    hash.update(Buffer.of(binary ? 2 : 1));
    part(binary ? attribute.BinaryValue! : Buffer.from(attribute.StringValue ?? ""));
  }
  return hash.digest("hex");
}

/** Bytes that count against `MaximumMessageSize`: the body, and names, types and values of the attributes. */
export function messageBytes(body: string, attributes: MessageAttributes): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, attribute] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType ?? "");
    bytes += attribute.BinaryValue?.length ?? Buffer.byteLength(attribute.StringValue ?? "");
  }
  return bytes;
}
