/** The owned fields of a kind, out of its schema. */
import { z } from "zod";

/** Paths of all leaves: objects are entered, also in lists (`containers[].image`); maps and documents are leaves. */
export function leavesOf(schema: z.ZodType, path = ""): string[] {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) {
    return leavesOf(schema.unwrap() as z.ZodType, path);
  }
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([name, inner]) =>
      leavesOf(inner as z.ZodType, path === "" ? name : `${path}.${name}`),
    );
  }
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodObject) {
    return leavesOf(schema.element, `${path}[]`);
  }
  return path === "" ? [] : [path];
}
