import type { Place } from "../regions.ts";
import { noSuchEntity, unmodifiable, validationError } from "./errors.ts";

/** All that IAM knows of one account. Names are unique whatever their case, so the maps are keyed in lower case. */
export interface IamState {
  readonly account: string;
  readonly roles: Map<string, RoleRecord>;
  readonly profiles: Map<string, ProfileRecord>;
  /** Tasks that took a service-linked role away. */
  readonly deletions: Set<string>;
}

export interface RoleRecord {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAtMs: number;
  /** JSON text as it was given. */
  trust: string;
  description: string | undefined;
  maxSessionSeconds: number;
  boundaryArn: string | undefined;
  readonly tags: Map<string, string>;
  /** Inline policies by name, JSON text as it was given. */
  readonly inline: Map<string, string>;
  /** ARNs of managed policies. */
  readonly attached: Set<string>;
  readonly serviceLinked: boolean;
}

export interface ProfileRecord {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAtMs: number;
  readonly tags: Map<string, string>;
  role: RoleRecord | undefined;
}

export function newState({ account }: Place): IamState {
  return { account, roles: new Map(), profiles: new Map(), deletions: new Set() };
}

/** Throws NoSuchEntityException. */
export function roleNamed(state: IamState, name: string | undefined): RoleRecord {
  const role = state.roles.get((name ?? "").toLowerCase());
  if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

/** The role, if it is one that people may change. */
export function ordinaryRole(state: IamState, name: string | undefined): RoleRecord {
  const role = roleNamed(state, name);
  if (role.serviceLinked) throw unmodifiable(role.name);
  return role;
}

/** Throws NoSuchEntityException. */
export function profileNamed(state: IamState, name: string | undefined): ProfileRecord {
  const profile = state.profiles.get((name ?? "").toLowerCase());
  if (profile === undefined) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return profile;
}

/** What AWS takes as a name (roles up to 64 characters, the others up to 128). */
export function checkedName(member: string, name: string | undefined, longest: number): string {
  if (name !== undefined && name.length <= longest && /^[\w+=,.@-]+$/.test(name)) return name;
  throw validationError(
    `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_- and have 1 to ${longest} of them`,
  );
}

export function checkedPath(path: string | undefined): string {
  if (path === undefined) return "/";
  if (path.length <= 512 && /^\/([\x21-\x7E]+\/)?$/.test(path)) return path;
  throw validationError(
    "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
  );
}
