/** Small objects in the control bucket (step descriptions). Name = bucket/key; key = `steps/<cluster>/<workflow>/<step>.json`. */
import { z } from "zod";

export const objectSchema = z.strictObject({ body: z.string(), contentType: z.string() });
export type ObjectSpec = z.infer<typeof objectSchema>;
