/**
 * Roles and profiles know no region, yet each region has its own daemon. Those that all regions share carry one tag per
 * region that uses them; the others bear their region in their name.
 */
import { isOurs, TAG, type Tags } from "../core/owner.ts";
import type { Pass } from "../core/resource.ts";

const regionsOf = (tags: Tags): string[] =>
  Object.keys(tags)
    .filter((name) => name.startsWith(TAG.region))
    .map((name) => name.slice(TAG.region.length));

export const regionTag = ({ account }: Pass): string => TAG.region + account.region;

export const otherRegions = (tags: Tags, { account }: Pass): string[] =>
  regionsOf(tags).filter((region) => region !== account.region);

/**
 * Is the part of this name (an inline policy) the business of another region that uses the role?
 * @param mine tags of this region's spec
 * @param standing tags that the role has
 */
export const isOfOtherRegion = (part: string, mine: Tags, standing: Tags): boolean =>
  regionsOf(standing).some((region) => !Object.hasOwn(mine, TAG.region + region) && isOfRegion(part, region));

export const isOfRegion = (part: string, region: string): boolean => part.endsWith(`-${region}`);

/** Ours, and of this pass's region: what another region's daemon looks after is none of our business. */
export function isOursHere(name: string, tags: Tags, pass: Pass): boolean {
  const { region } = pass.account;
  if (!isOurs(tags, pass.owner)) return false;
  const regions = regionsOf(tags);
  if (regions.length > 0) return regions.includes(region);
  return name.startsWith(WORKFLOW_ROLES) ? name.startsWith(`${WORKFLOW_ROLES}${region}-`) : isOfRegion(name, region);
}

/** What follows the region there is of the user's choice, and might end like a region itself. */
const WORKFLOW_ROLES = "pw-task-";
