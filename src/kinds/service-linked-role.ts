/** Service-linked roles: exist or are created; never tagged, changed or deleted. Name = service, `ecs.amazonaws.com`. */
import { z } from "zod";

export const serviceLinkedRoleSchema = z.strictObject({});
export type ServiceLinkedRoleSpec = z.infer<typeof serviceLinkedRoleSchema>;
