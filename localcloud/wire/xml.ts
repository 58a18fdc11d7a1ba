import { SerializationError } from "./serialization-error.ts";

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** A small parser for the bodies that S3's clients send: elements, attributes, text, CDATA; no document types. */
export function parseXml(source: string): Element {
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open: Element[] = [root];
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    const top = open.at(-1)!;
    top.text += unescapeXml(source.slice(end, match.index));
    end = match.index + match[0].length;
    const { cdata, closing, name, attributes, empty } = match.groups as Record<string, string | undefined>;
    if (cdata !== undefined) {
      top.text += cdata;
    } else if (closing !== undefined) {
      if (localName(closing) !== top.name || open.length === 1) throw malformed(`</${closing}> closes nothing`);
      open.pop();
    } else if (name !== undefined) {
      const element = { name: localName(name), attributes: parseAttributes(attributes ?? ""), children: [], text: "" };
      top.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (open.length > 1) throw malformed(`<${open.at(-1)!.name}> is not closed`);
  const [document] = root.children;
  if (!document || source.slice(end).includes("<")) throw malformed("no root element");
  return document;
}

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[(?<cdata>[\s\S]*?)\]\]>|<\/(?<closing>[^\s>]+)\s*>|<(?<name>[^\s/>!?]+)(?<attributes>(?:\s+[^\s=>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(?<empty>\/?)>/g;

function parseAttributes(source: string): Record<string, string> {
  const matches = source.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return Object.fromEntries(
    [...matches].map(([, name, double, single]) => [name!, unescapeXml(double ?? single ?? "")]),
  );
}

/** Clients differ in namespace prefixes; within one body the local name is enough. Attributes keep theirs (`xsi:type`). */
function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function unescapeXml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, entity) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[entity] ?? whole;
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

export function escapeXml(text: string): string {
  return /[&<>"\r\n\u0085\u2028]/.test(text)
    ? text.replace(/[&<>"\r\n\u0085\u2028]/g, (found) => ESCAPES[found]!)
    : text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
  "\n": "&#xA;",
  "\u0085": "&#x85;",
  "\u2028": "&#x2028;",
};

function malformed(why: string): SerializationError {
  return new SerializationError(`the body is not XML: ${why}`);
}
