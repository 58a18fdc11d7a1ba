import { decodeText } from "./scalar.ts";
import { SerializationError } from "./serialization-error.ts";
import type { ListShape, MapShape, Member, Shape, StructShape, Traits } from "./shape.ts";

/** `A.member.1.B=x` as nested objects; a value may stand beside children. */
interface Node {
  text?: string;
  readonly children: Map<string, Node>;
}

/** Reads the form body of the query protocols. EC2 names its members differently and flattens every list. */
export function decodeForm(
  shape: StructShape | undefined,
  form: URLSearchParams,
  ec2: boolean,
): Record<string, unknown> {
  return shape ? decodeStruct(shape, parse(form), "", ec2) : {};
}

function parse(form: URLSearchParams): Node {
  const root: Node = { children: new Map() };
  for (const [key, value] of form) {
    let node = root;
    for (const part of key.split(".")) {
      let child = node.children.get(part);
      if (!child) {
        child = { children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    node.text = value;
  }
  return root;
}

function decodeNode(shape: Shape, traits: Traits, node: Node, path: string, ec2: boolean): unknown {
  switch (shape.type) {
    case "struct":
      return decodeStruct(shape, node, path, ec2);
    case "list":
      return decodeList(shape, traits, node, path, ec2);
    case "map":
      return decodeMap(shape, node, path, ec2);
    default:
      if (node.text === undefined) throw new SerializationError(`${path}: expected a value`);
      return decodeText(shape, node.text, path);
  }
}

function decodeStruct(shape: StructShape, node: Node, path: string, ec2: boolean): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const member of shape.members) {
    const child = node.children.get(wireName(member, ec2));
    if (child) result[member.name] = decodeNode(member.shape, member.traits, child, `${path}/${member.name}`, ec2);
  }
  return result;
}

function decodeList(shape: ListShape, traits: Traits, node: Node, path: string, ec2: boolean): unknown[] {
  const flat = ec2 || traits.xmlFlattened === 1;
  const holder = flat ? node : (node.children.get(shape.member.xmlName) ?? node);
  return numbered(holder).map((item, index) =>
    decodeNode(shape.member.shape, shape.member.traits, item, `${path}/${index}`, ec2),
  );
}

function decodeMap(shape: MapShape, node: Node, path: string, ec2: boolean): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const entry of numbered(node.children.get("entry") ?? node)) {
    const key = entry.children.get(shape.key.xmlName)?.text;
    const value = entry.children.get(shape.value.xmlName);
    if (key === undefined) throw new SerializationError(`${path}: an entry lacks its ${shape.key.xmlName}`);
    if (value) result[key] = decodeNode(shape.value.shape, shape.value.traits, value, `${path}/${key}`, ec2);
  }
  return result;
}

/** Items in the order of their numbers, which need not be the order of the form. */
function numbered(node: Node): Node[] {
  return [...node.children]
    .filter(([key]) => /^\d+$/.test(key))
    .sort(([left], [right]) => Number(left) - Number(right))
    .map(([, item]) => item);
}

function wireName(member: Member, ec2: boolean): string {
  if (!ec2) return member.xmlName;
  return member.traits.ec2QueryName ?? member.xmlName.charAt(0).toUpperCase() + member.xmlName.slice(1);
}
