import { SerializationError } from "./serialization-error.ts";
import type { Shape, StructShape } from "./shape.ts";

/** Every member that the model requires must be there, at any depth. */
export function checkRequired(shape: StructShape | undefined, input: Record<string, unknown>): void {
  if (!shape) return;
  const missing: string[] = [];
  collect(shape, input, "", missing);
  if (missing.length === 0) return;
  const found = `${missing.length} validation error${missing.length === 1 ? "" : "s"} detected`;
  const each = missing.map((path) => `Value null at '${path}' failed to satisfy constraint: Member must not be null`);
  throw new SerializationError(`${found}: ${each.join("; ")}`);
}

function collect(shape: Shape, value: unknown, path: string, missing: string[]): void {
  if (value === null || value === undefined) return;
  if (shape.type === "struct") {
    for (const member of shape.members) {
      const at = path === "" ? member.name : `${path}.${member.name}`;
      const item = (value as Record<string, unknown>)[member.name];
      if (member.required && item === undefined) missing.push(at);
      else if (item !== undefined) collect(member.shape, item, at, missing);
    }
  } else if (shape.type === "list" && isDeep(shape.member.shape)) {
    for (const [index, item] of (value as unknown[]).entries()) {
      collect(shape.member.shape, item, `${path}.${index + 1}.member`, missing);
    }
  } else if (shape.type === "map" && isDeep(shape.value.shape)) {
    for (const [key, item] of Object.entries(value)) collect(shape.value.shape, item, `${path}.${key}`, missing);
  }
}

function isDeep(shape: Shape): boolean {
  return shape.type === "struct" || shape.type === "list" || shape.type === "map";
}
