/** The formats as JSON Schema, for editors and for the reference; `schema/` holds what these functions return. */
import { z } from "zod";
import { algorithmFile } from "./algorithm-schema.ts";
import { workflowFile } from "./workflow-schema.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

export const workflowJsonSchema = (): JsonSchema => toJsonSchema(workflowFile);

export const algorithmJsonSchema = (): JsonSchema => toJsonSchema(algorithmFile);

/** Describes what a person writes (fields with a default may be left out), not what the program makes of it. */
function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" }) as JsonSchema;
}
