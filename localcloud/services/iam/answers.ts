import type { InstanceProfile, Role, RoleDetail } from "@aws-sdk/client-iam";
import { urlEncoded } from "../policy-document.ts";
import { tagsToList } from "../tags.ts";
import { policyName } from "./managed-policies.ts";
import type { IamState, ProfileRecord, RoleRecord } from "./state.ts";

/** A role as every listing shows it. */
export function roleSummary(role: RoleRecord): Role {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAtMs),
    AssumeRolePolicyDocument: urlEncoded(role.trust),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

/** A role as GetRole shows it: with its tags, its boundary and when it was last used. */
export function wholeRole(role: RoleRecord): Role {
  return { ...roleSummary(role), PermissionsBoundary: boundary(role), Tags: tagsOf(role), RoleLastUsed: {} };
}

/** A role as GetAccountAuthorizationDetails shows it: everything but its description and session duration. */
export function roleDetail(state: IamState, role: RoleRecord): RoleDetail {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAtMs),
    AssumeRolePolicyDocument: urlEncoded(role.trust),
    InstanceProfileList: [...state.profiles.values()].filter((profile) => profile.role === role).map(profileSummary),
    RolePolicyList: [...role.inline].map(([PolicyName, text]) => ({ PolicyName, PolicyDocument: urlEncoded(text) })),
    AttachedManagedPolicies: [...role.attached].map(attachedPolicy),
    PermissionsBoundary: boundary(role),
    Tags: tagsToList(role.tags),
    RoleLastUsed: {},
  };
}

export function profileSummary(profile: ProfileRecord): InstanceProfile {
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: new Date(profile.createdAtMs),
    Roles: profile.role === undefined ? [] : [roleSummary(profile.role)],
  };
}

export function wholeProfile(profile: ProfileRecord): InstanceProfile {
  return { ...profileSummary(profile), Tags: tagsToList(profile.tags) };
}

export function attachedPolicy(arn: string): { PolicyName: string; PolicyArn: string } {
  return { PolicyName: policyName(arn), PolicyArn: arn };
}

/** Absent where a role has none. */
function tagsOf(role: RoleRecord): Role["Tags"] {
  return role.tags.size === 0 ? undefined : tagsToList(role.tags);
}

function boundary(role: RoleRecord): Role["PermissionsBoundary"] {
  if (role.boundaryArn === undefined) return undefined;
  return { PermissionsBoundaryType: "PermissionsBoundaryPolicy", PermissionsBoundaryArn: role.boundaryArn };
}
