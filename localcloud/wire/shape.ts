/**
 * A readable view of the schemas that the SDK's clients carry at run time. The SDK writes a schema as a tuple
 * (`[3, "com.amazonaws.sqs", "CreateQueueRequest", traits, names, members, required]`); here it becomes an object
 * with lazily resolved members, since schemas are recursive. Every other file of the wire reads only this view.
 */
export type Shape = Leaf | ListShape | MapShape | StructShape;

export interface Leaf {
  readonly type: "string" | "number" | "boolean" | "bigint" | "decimal" | "timestamp" | "blob" | "document" | "unit";
  /** Of timestamps that do not leave the format to the protocol. */
  readonly format?: TimestampFormat;
  readonly streaming?: boolean;
}

export type TimestampFormat = "date-time" | "http-date" | "epoch-seconds";

export interface ListShape {
  readonly type: "list";
  readonly member: Member;
}

export interface MapShape {
  readonly type: "map";
  readonly key: Member;
  readonly value: Member;
}

export interface StructShape {
  readonly type: "struct";
  readonly union: boolean;
  readonly name: string;
  readonly traits: Traits;
  readonly members: readonly Member[];
}

export interface Member {
  readonly name: string;
  readonly shape: Shape;
  /** Of the target and of the member, the member's winning. */
  readonly traits: Traits;
  /** Element name in XML. For members of structures only the member's own traits count, as in the SDK. */
  readonly xmlName: string;
  readonly required: boolean;
}

export interface Traits {
  readonly httpLabel?: 1;
  readonly httpPayload?: 1;
  readonly httpResponseCode?: 1;
  readonly httpQueryParams?: 1;
  readonly idempotencyToken?: 1;
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly httpQuery?: string;
  readonly http?: readonly [method: string, path: string, status: number];
  readonly xmlName?: string;
  readonly xmlFlattened?: 1;
  readonly xmlAttribute?: 1;
  readonly xmlNamespace?: readonly [prefix: string, uri: string];
  readonly ec2QueryName?: string;
  readonly awsQueryError?: readonly [code: string, status: number];
  readonly error?: "client" | "server";
  readonly httpError?: number;
  readonly mediaType?: string;
  readonly streaming?: 1;
  readonly hostLabel?: 1;
}

export interface OperationShape {
  readonly name: string;
  readonly traits: Traits;
  readonly input: StructShape | undefined;
  readonly output: StructShape | undefined;
}

/** An operation as the client package exports it, `[9, namespace, name, traits, input, output]`. */
export function operationShape(schema: readonly unknown[]): OperationShape {
  const struct = (at: unknown): StructShape | undefined => {
    const shape = shapeOf(at);
    return shape.type === "struct" ? shape : undefined;
  };
  return {
    name: schema[2] as string,
    traits: traitsOf(schema[3]),
    get input() {
      return struct(schema[4]);
    },
    get output() {
      return struct(schema[5]);
    },
  };
}

export function shapeOf(reference: unknown): Shape {
  const schema = resolve(reference);
  if (typeof schema === "string") return leaf("unit");
  if (typeof schema === "number") return shapeOfNumber(schema);
  const known = shapes.get(schema);
  if (known) return known;
  const shape = shapeOfTuple(schema);
  shapes.set(schema, shape);
  return shape;
}

const shapes = new WeakMap<readonly unknown[], Shape>();

function shapeOfTuple(schema: readonly unknown[]): Shape {
  switch (schema[0]) {
    case 0: {
      return shapeOf(schema[4]);
    }
    case 1: {
      return { type: "list", member: lazyMember(schema[4], "member", true) };
    }
    case 2: {
      return { type: "map", key: lazyMember(schema[4], "key", true), value: lazyMember(schema[5], "value", true) };
    }
    case 3:
    case -3:
    case 4: {
      const names = schema[4] as string[];
      const targets = schema[5] as unknown[];
      const requiredCount = (schema[6] as number | undefined) ?? 0;
      return {
        type: "struct",
        union: schema[0] === 4,
        name: schema[2] as string,
        traits: traitsOf(schema[3]),
        members: names.map((name, index) => lazyMember(targets[index], name, false, index < requiredCount)),
      };
    }
    default:
      throw new Error(`unknown kind of schema: ${String(schema[0])}`);
  }
}

/** `ofCollection`: the element name of a list's or map's member may also come from the target's traits. */
function lazyMember(reference: unknown, name: string, ofCollection: boolean, required = false): Member {
  const pair = isPair(reference) ? reference : undefined;
  const own = traitsOf(pair?.[1]);
  let resolved: { shape: Shape; traits: Traits } | undefined;
  const read = () => {
    if (!resolved) {
      const target = pair ? pair[0] : reference;
      resolved = { shape: shapeOf(target), traits: { ...targetTraits(target), ...own } };
    }
    return resolved;
  };
  return {
    name,
    required,
    get shape() {
      return read().shape;
    },
    get traits() {
      return read().traits;
    },
    get xmlName() {
      return (ofCollection ? read().traits.xmlName : own.xmlName) ?? name;
    },
  };
}

function targetTraits(reference: unknown): Traits {
  const schema = resolve(reference);
  return Array.isArray(schema) ? traitsOf(schema[3]) : {};
}

function resolve(reference: unknown): number | string | readonly unknown[] {
  let schema = reference;
  while (typeof schema === "function") schema = schema();
  if (isPair(schema)) return resolve(schema[0]);
  if (typeof schema === "number" || typeof schema === "string" || Array.isArray(schema)) return schema;
  return 0;
}

function isPair(schema: unknown): schema is readonly [unknown, unknown] {
  return Array.isArray(schema) && schema.length === 2;
}

/** Traits are an object, or a bit field of the flags that need no value. */
function traitsOf(traits: unknown): Traits {
  if (typeof traits === "object" && traits !== null) return traits as Traits;
  if (!traits) return {};
  return Object.fromEntries(TRAIT_BITS.filter((_, bit) => ((traits as number) >> bit) & 1).map((name) => [name, 1]));
}

const TRAIT_BITS = [
  "httpLabel",
  "idempotent",
  "idempotencyToken",
  "sensitive",
  "httpPayload",
  "httpResponseCode",
  "httpQueryParams",
];

/** Simple types are numbers; 64 and 128 added make a list or a map of them. */
function shapeOfNumber(schema: number): Shape {
  const known = numbered.get(schema);
  if (known) return known;
  const shape: Shape =
    schema >= 128
      ? { type: "map", key: lazyMember(0, "key", true), value: lazyMember(schema & 63, "value", true) }
      : schema >= 64
        ? { type: "list", member: lazyMember(schema & 63, "member", true) }
        : (LEAVES[schema] ?? leaf("string"));
  numbered.set(schema, shape);
  return shape;
}

const numbered = new Map<number, Shape>();

function leaf(type: Leaf["type"], more: Partial<Leaf> = {}): Leaf {
  return { type, ...more };
}

const LEAVES: Readonly<Record<number, Leaf>> = {
  0: leaf("string"),
  1: leaf("number"),
  2: leaf("boolean"),
  4: leaf("timestamp"),
  5: leaf("timestamp", { format: "date-time" }),
  6: leaf("timestamp", { format: "http-date" }),
  7: leaf("timestamp", { format: "epoch-seconds" }),
  15: leaf("document"),
  17: leaf("bigint"),
  19: leaf("decimal"),
  21: leaf("blob"),
  42: leaf("blob", { streaming: true }),
};
