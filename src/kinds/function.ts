/** Lambda functions. */
import { z } from "zod";

export const functionSchema = z.strictObject({
  runtime: z.literal("nodejs24.x"),
  handler: z.string(),
  architecture: z.enum(["x86_64", "arm64"]),
  /** MB. */
  memorySize: z.int(),
  timeoutSeconds: z.int(),
  environment: z.record(z.string(), z.string()),
  role: z.string(),
  /** Base64 SHA-256 of the zip; the bytes are found by it (`Bundles`). */
  codeSha256: z.string(),
  loggingConfig: z.strictObject({ logGroup: z.string(), logFormat: z.enum(["Text", "JSON"]) }),
  /** null: never a limit. */
  reservedConcurrency: z.int().nullable(),
  tags: z.record(z.string(), z.string()),
});
export type FunctionSpec = z.infer<typeof functionSchema>;
