/** `schema workflow|algorithm`: the JSON Schema that editors take. */
import { algorithmJsonSchema, workflowJsonSchema } from "../workflow/json-schema.ts";
import { type Context, EXIT } from "./context.ts";

export const SCHEMAS = { workflow: workflowJsonSchema, algorithm: algorithmJsonSchema } as const;

export function schema({ terminal }: Context, name: keyof typeof SCHEMAS): number {
  terminal.line(JSON.stringify(SCHEMAS[name](), undefined, 2));
  return EXIT.ok;
}
