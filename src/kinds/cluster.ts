/** ECS clusters. A deleted one stays visible as INACTIVE: that is absent. */
import { z } from "zod";

export const clusterSchema = z.strictObject({ tags: z.record(z.string(), z.string()) });
export type ClusterSpec = z.infer<typeof clusterSchema>;
