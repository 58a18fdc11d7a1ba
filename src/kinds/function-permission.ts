/** Who may invoke a function: its whole resource policy is ours. Name = function name. */
import { z } from "zod";

export const functionPermissionSchema = z.strictObject({
  statements: z.array(
    z.strictObject({
      sid: z.string(),
      /** Service principal, `s3.amazonaws.com`. */
      principal: z.string(),
      sourceArn: z.string(),
      sourceAccount: z.string().nullable(),
    }),
  ),
});
export type FunctionPermissionSpec = z.infer<typeof functionPermissionSchema>;
