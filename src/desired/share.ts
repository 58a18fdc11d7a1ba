/**
 * What one workflow asks of the foundation. It also travels in the workflow's step descriptions, so that a daemon which does
 * not hold the workflow's file keeps for it what all share. Needs nothing but zod, since functions carry it along.
 */
import { z } from "zod";
import type { Workflow } from "../workflow/workflow.ts";

export const shareSchema = z.strictObject({
  cluster: z.string(),
  /** Days that the scaler's log is kept at least. */
  retentionDays: z.int(),
  spot: z.boolean(),
  /** Published ports, and the addresses that may reach them. */
  ingress: z.array(z.strictObject({ protocol: z.enum(["tcp", "udp"]), port: z.int(), cidr: z.string() })),
  /** ARNs of the secrets that open private registries. */
  secrets: z.array(z.string()),
  /** Keys that the workflow's file allows to take over. */
  adopt: z.array(z.string()),
});
export type Share = z.infer<typeof shareSchema>;

/** A newer version may say more: what we know of it counts all the same, or what it stands for would be taken away. */
const describedSchema = z.looseObject({ share: z.object(shareSchema.shape) });

/** @param text a step description, as it stands in the control bucket; undefined where it tells of no share */
export function shareIn(text: string): Share | undefined {
  try {
    return describedSchema.parse(JSON.parse(text)).share;
  } catch {
    return undefined;
  }
}

/** Published ports are open to the addresses that their own workflow declares, and to nobody else. */
export function shareOf({ steps, compute, logs, adopt }: Workflow): Share {
  const published = compute.securityGroups.length > 0 ? [] : steps.flatMap(({ ports }) => ports);
  return {
    cluster: compute.cluster,
    retentionDays: logs.retentionDays,
    spot: compute.spot,
    ingress: published.flatMap(({ port, protocol }) => compute.ingressCidrs.map((cidr) => ({ protocol, port, cidr }))),
    secrets: [...new Set(steps.flatMap(({ algorithm }) => algorithm.registryCredentials ?? []))].sort(),
    adopt: [...adopt],
  };
}
