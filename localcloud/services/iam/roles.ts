import type * as api from "@aws-sdk/client-iam";
import type { Call, Operation, World } from "../../service.ts";
import { listOf, type PolicyDocument, parsePolicy } from "../policy-document.ts";
import type { Place } from "../regions.ts";
import { tagProblem, tagsFromList, tagsToList } from "../tags.ts";
import { roleSummary, wholeRole } from "./answers.ts";
import {
  deleteConflict,
  entityAlreadyExists,
  invalidInput,
  limitExceeded,
  malformedPolicy,
  validationError,
} from "./errors.ts";
import { iamPage } from "./iam-page.ts";
import { managedPolicy } from "./managed-policies.ts";
import { checkedName, checkedPath, type IamState, ordinaryRole, type RoleRecord, roleNamed } from "./state.ts";

/**
 * Roles of an account, as far as AWS raises it on request (the default is 1,000), and characters of a trust policy (white
 * space is not counted).
 */
const ROLES_LIMIT = 5000;
const TRUST_LIMIT = 2048;

export function roleOperations(stateOf: (place: Place) => IamState, world: World): Record<string, Operation> {
  return {
    CreateRole(input: api.CreateRoleCommandInput, call: Call) {
      const state = stateOf(call);
      const name = checkedName("roleName", input.RoleName, 64);
      if (state.roles.has(name.toLowerCase())) throw entityAlreadyExists(`Role with name ${name} already exists.`);
      if (state.roles.size >= ROLES_LIMIT)
        throw limitExceeded(`Cannot exceed quota for RolesPerAccount: ${ROLES_LIMIT}`);
      const role = newRole(world, state, {
        name,
        path: checkedPath(input.Path),
        trust: checkedTrust(state, input.AssumeRolePolicyDocument),
        serviceLinked: false,
      });
      role.description = checkedDescription(input.Description);
      role.maxSessionSeconds = checkedSession(input.MaxSessionDuration ?? 3600);
      role.boundaryArn = input.PermissionsBoundary && managedPolicy(input.PermissionsBoundary).arn;
      setTags(role.tags, input.Tags, caseless);
      state.roles.set(name.toLowerCase(), role);
      const { MaxSessionDuration, ...answer } = roleSummary(role);
      return { Role: { ...answer, Tags: role.tags.size === 0 ? undefined : tagsToList(role.tags) } };
    },
    GetRole(input: api.GetRoleCommandInput, call: Call) {
      return { Role: wholeRole(roleNamed(stateOf(call), input.RoleName)) };
    },
    ListRoles(input: api.ListRolesCommandInput, call: Call) {
      const roles = [...stateOf(call).roles.values()].filter((role) => role.path.startsWith(input.PathPrefix ?? "/"));
      const { items, ...page } = iamPage(roles, (role) => role.name, input);
      return { Roles: items.map(roleSummary), ...page };
    },
    // A role that AWS made may have its description changed, and nothing else.
    UpdateRole(input: api.UpdateRoleCommandInput, call: Call) {
      const role = (input.MaxSessionDuration === undefined ? roleNamed : ordinaryRole)(stateOf(call), input.RoleName);
      if (input.MaxSessionDuration !== undefined) role.maxSessionSeconds = checkedSession(input.MaxSessionDuration);
      if (input.Description !== undefined) role.description = checkedDescription(input.Description);
      return {};
    },
    UpdateRoleDescription(input: api.UpdateRoleDescriptionCommandInput, call: Call) {
      const role = roleNamed(stateOf(call), input.RoleName);
      role.description = checkedDescription(input.Description);
      return { Role: roleSummary(role) };
    },
    UpdateAssumeRolePolicy(input: api.UpdateAssumeRolePolicyCommandInput, call: Call) {
      const state = stateOf(call);
      const role = ordinaryRole(state, input.RoleName);
      role.trust = checkedTrust(state, input.PolicyDocument);
      return {};
    },
    DeleteRole(input: api.DeleteRoleCommandInput, call: Call) {
      const state = stateOf(call);
      const role = ordinaryRole(state, input.RoleName);
      const profiles = [...state.profiles.values()];
      if (profiles.some((profile) => profile.role === role)) {
        throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
      }
      if (role.attached.size > 0) throw deleteConflict("Cannot delete entity, must detach all policies first.");
      if (role.inline.size > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
      state.roles.delete(role.name.toLowerCase());
      forgetPrincipal(state, role);
      return {};
    },

    // AWS's own roles may be tagged too.
    TagRole(input: api.TagRoleCommandInput, call: Call) {
      setTags(roleNamed(stateOf(call), input.RoleName).tags, input.Tags, caseless);
      return {};
    },
    UntagRole(input: api.UntagRoleCommandInput, call: Call) {
      unsetTags(roleNamed(stateOf(call), input.RoleName).tags, input.TagKeys ?? [], caseless);
      return {};
    },
    ListRoleTags(input: api.ListRoleTagsCommandInput, call: Call) {
      const { items, ...page } = iamPage(
        tagsToList(roleNamed(stateOf(call), input.RoleName).tags),
        (tag) => tag.Key,
        input,
      );
      return { Tags: items, ...page };
    },
  };
}

export function newRole(
  world: World,
  state: IamState,
  given: Pick<RoleRecord, "name" | "path" | "trust" | "serviceLinked">,
): RoleRecord {
  return {
    ...given,
    id: world.id("AROA", 17).toUpperCase(),
    arn: `arn:aws:iam::${state.account}:role${given.path}${given.name}`,
    createdAtMs: world.now(),
    description: undefined,
    maxSessionSeconds: 3600,
    boundaryArn: undefined,
    tags: new Map(),
    inline: new Map(),
    attached: new Set(),
  };
}

/**
 * Adds or replaces tags, or throws and changes nothing.
 *
 * @param keyOf what two keys have in common that are one: roles take no heed of case, all else does
 */
export function setTags(
  tags: Map<string, string>,
  list: readonly api.Tag[] | undefined,
  keyOf: (key: string) => string = (key) => key,
): void {
  const added = tagsFromList(list);
  const keys = new Set([...added.keys()].map(keyOf));
  if (keys.size < (list ?? []).length) {
    throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  const others = [...tags].filter(([key]) => !keys.has(keyOf(key)));
  const merged = new Map([...others, ...added]);
  const problem = tagProblem(merged);
  if (problem !== undefined) throw merged.size > 50 ? limitExceeded(problem) : invalidInput(problem);
  unsetTags(tags, [...added.keys()], keyOf);
  for (const [key, value] of added) tags.set(key, value);
}

function unsetTags(tags: Map<string, string>, keys: readonly string[], keyOf: (key: string) => string): void {
  const gone = new Set(keys.map(keyOf));
  for (const key of [...tags.keys()]) if (gone.has(keyOf(key))) tags.delete(key);
}

const caseless = (key: string): string => key.toLowerCase();

function checkedTrust(state: IamState, text: string | undefined): string {
  const policy = parsePolicy(text ?? "", "trust");
  if ("problem" in policy) throw malformedPolicy(policy.problem);
  if (text!.replace(/\s/g, "").length > TRUST_LIMIT) {
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${TRUST_LIMIT}`);
  }
  for (const principal of principals(policy)) {
    if (!principalExists(state, principal)) {
      throw malformedPolicy(`Invalid principal in policy: "AWS":"${principal}"`);
    }
  }
  return text!;
}

function principals(policy: PolicyDocument): readonly string[] {
  return policy.Statement.flatMap(({ Principal }) =>
    Principal === undefined || Principal === "*" ? [] : listOf(Principal.AWS),
  );
}

/** Roles of this account must exist; other accounts, their people, and the account itself are taken on trust. */
function principalExists(state: IamState, principal: string): boolean {
  if (principal === "*" || /^\d{12}$/.test(principal)) return true;
  if (!principal.startsWith("arn:aws:")) return false;
  if (!principal.startsWith(`arn:aws:iam::${state.account}:role/`)) return true;
  return [...state.roles.values()].some((role) => role.arn === principal);
}

/** Where a deleted role was trusted, AWS shows its unique id from then on: a new role of that name is another one. */
function forgetPrincipal(state: IamState, deleted: RoleRecord): void {
  for (const role of state.roles.values()) role.trust = role.trust.replaceAll(`"${deleted.arn}"`, `"${deleted.id}"`);
}

function checkedDescription(description: string | undefined): string | undefined {
  if (description !== undefined && description.length > 1000) {
    throw validationError("The specified value for description must have at most 1000 characters.");
  }
  return description === "" ? undefined : description;
}

function checkedSession(seconds: number): number {
  if (Number.isInteger(seconds) && seconds >= 3600 && seconds <= 43_200) return seconds;
  throw validationError("The requested MaxSessionDuration must be between 3600 and 43200 seconds.");
}
