import type { Member, Shape, StructShape, Traits } from "../../../localcloud/wire/shape.ts";

/**
 * A value for every member of a shape, told apart by its path. Recursive shapes end at their second turn; of a union one
 * member is taken.
 */
export function sampleOf(shape: StructShape, skip: (member: Member) => boolean): Record<string, unknown> {
  return sampleStruct(shape, "", [], skip) as Record<string, unknown>;
}

function sample(
  shape: Shape,
  traits: Traits,
  path: string,
  inside: readonly Shape[],
  skip: (m: Member) => boolean,
): unknown {
  if (inside.filter((outer) => outer === shape).length > 1) return undefined;
  const deeper = [...inside, shape];
  switch (shape.type) {
    case "struct":
      return sampleStruct(shape, path, deeper, skip);
    case "list": {
      const items = ["a", "b"].map((each) =>
        sample(shape.member.shape, shape.member.traits, path + each, deeper, skip),
      );
      return items.every((item) => item !== undefined) ? items : [];
    }
    case "map": {
      const value = sample(shape.value.shape, shape.value.traits, `${path}v`, deeper, skip);
      return value === undefined ? {} : { first: value, second: value };
    }
    case "number":
    case "decimal":
      return path.length + 1;
    case "bigint":
      return BigInt(path.length + 1);
    case "boolean":
      return path.length % 2 === 0;
    case "timestamp":
      return new Date(1_767_225_600_000 + path.length * 1000);
    case "blob":
      return new Uint8Array(Buffer.from(`bytes of ${path}`));
    case "document":
      return { of: path };
    default:
      return traits.mediaType?.includes("json") ? '{"a":1}' : `text <of> ${path} & "more"`;
  }
}

function sampleStruct(
  shape: StructShape,
  path: string,
  inside: readonly Shape[],
  skip: (m: Member) => boolean,
): unknown {
  const members = shape.members.filter((member) => !skip(member));
  const result: Record<string, unknown> = {};
  for (const member of shape.union ? members.slice(0, 1) : members) {
    const value = sample(member.shape, member.traits, `${path}/${member.name}`, inside, skip);
    if (value !== undefined) result[member.name] = value;
    else if (member.required) return undefined;
  }
  return result;
}
