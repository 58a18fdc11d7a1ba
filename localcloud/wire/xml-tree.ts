import { decodeText, encodeText } from "./scalar.ts";
import { SerializationError } from "./serialization-error.ts";
import type { ListShape, MapShape, Member, Shape, StructShape, Traits } from "./shape.ts";
import { type Element, escapeXml } from "./xml.ts";

/** XML element → value of the shape. */
export function decodeElement(shape: Shape, element: Element, path: string): unknown {
  switch (shape.type) {
    case "struct":
      return decodeStruct(shape, element, path);
    case "list":
      return decodeItems(shape, element.children, shape.member.xmlName, path);
    case "map":
      return decodeEntries(
        shape,
        element.children.filter((child) => child.name === "entry"),
        path,
      );
    default:
      if (element.children.length > 0) throw new SerializationError(`${path}: expected a value, found elements`);
      return decodeText(shape, element.text, path);
  }
}

function decodeStruct(shape: StructShape, element: Element, path: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const member of shape.members) {
    const at = `${path}/${member.name}`;
    const { traits, shape: target, xmlName } = member;
    if (traits.xmlAttribute) {
      const text = element.attributes[xmlName];
      if (text !== undefined) result[member.name] = decodeText(target, text, at);
      continue;
    }
    const found = element.children.filter((child) => child.name === xmlName);
    if (found.length === 0) continue;
    if (traits.xmlFlattened && target.type === "list") {
      result[member.name] = decodeItems(target, found, xmlName, at);
    } else if (traits.xmlFlattened && target.type === "map") {
      result[member.name] = decodeEntries(target, found, at);
    } else {
      result[member.name] = decodeElement(target, found[0]!, at);
    }
  }
  return result;
}

function decodeItems(shape: ListShape, elements: readonly Element[], itemName: string, path: string): unknown[] {
  return elements
    .filter((element) => element.name === itemName)
    .map((element, index) => decodeElement(shape.member.shape, element, `${path}/${index}`));
}

function decodeEntries(shape: MapShape, entries: readonly Element[], path: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const entry of entries) {
    const key = entry.children.find((child) => child.name === shape.key.xmlName);
    const value = entry.children.find((child) => child.name === shape.value.xmlName);
    if (!key) throw new SerializationError(`${path}: an entry lacks its ${shape.key.xmlName}`);
    if (value) result[key.text] = decodeElement(shape.value.shape, value, `${path}/${key.text}`);
  }
  return result;
}

/** Value of the shape → XML. An empty list gives an empty element: clients rely on it being there. */
export function encodeElement(name: string, shape: Shape, traits: Traits, value: unknown): string {
  switch (shape.type) {
    case "struct": {
      const source = value as Record<string, unknown>;
      const body = encodeMembers(shape.members, source);
      return element(name, body, namespaceOf(traits) + encodeAttributes(shape.members, source));
    }
    case "list": {
      if (traits.xmlFlattened) return encodeItems(name, shape, value);
      return element(name, encodeItems(shape.member.xmlName, shape, value), namespaceOf(traits));
    }
    case "map": {
      if (traits.xmlFlattened) return encodeEntries(name, shape, value);
      return element(name, encodeEntries("entry", shape, value), namespaceOf(traits));
    }
    default:
      return element(name, escapeXml(encodeText(shape, value, "date-time")), namespaceOf(traits));
  }
}

export function encodeMembers(members: readonly Member[], source: Record<string, unknown>): string {
  let body = "";
  for (const member of members) {
    const value = source[member.name];
    if (value === undefined || value === null || member.traits.xmlAttribute) continue;
    body += encodeElement(member.xmlName, member.shape, member.traits, value);
  }
  return body;
}

function encodeItems(itemName: string, shape: ListShape, value: unknown): string {
  const { shape: item, traits } = shape.member;
  let body = "";
  for (const each of value as Iterable<unknown>) body += encodeElement(itemName, item, traits, each);
  return body;
}

function encodeEntries(entryName: string, shape: MapShape, value: unknown): string {
  const { key, value: item } = shape;
  let body = "";
  for (const [name, each] of Object.entries(value as Record<string, unknown>)) {
    if (each === undefined || each === null) continue;
    const entry = element(key.xmlName, escapeXml(name)) + encodeElement(item.xmlName, item.shape, item.traits, each);
    body += element(entryName, entry);
  }
  return body;
}

function encodeAttributes(members: readonly Member[], source: Record<string, unknown>): string {
  let attributes = "";
  for (const member of members) {
    const value = source[member.name];
    if (!member.traits.xmlAttribute || value === undefined || value === null) continue;
    attributes += ` ${member.xmlName}="${escapeXml(encodeText(member.shape, value, "date-time"))}"`;
  }
  return attributes;
}

function namespaceOf(traits: Traits): string {
  if (!traits.xmlNamespace) return "";
  const [prefix, uri] = traits.xmlNamespace;
  return ` xmlns${prefix ? `:${prefix}` : ""}="${escapeXml(uri)}"`;
}

function element(name: string, body: string, attributes = ""): string {
  return body === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${body}</${name}>`;
}
