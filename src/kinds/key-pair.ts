/** EC2 key pairs: a person's; checked, never written. */
import { z } from "zod";

export const keyPairSchema = z.strictObject({});
export type KeyPairSpec = z.infer<typeof keyPairSchema>;
