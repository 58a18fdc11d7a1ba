/** ARNs of things that we name: computed, never asked for. */
import type { Pass } from "../core/resource.ts";

/** @example arnOf("lambda", "function:pw-plants-grey", pass) */
export const arnOf = (service: string, resource: string, { account: { partition, region, account } }: Pass): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;
