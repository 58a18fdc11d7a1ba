import type * as api from "@aws-sdk/client-iam";
import type { Call, Service, World } from "../service.ts";
import { parseArn } from "./arn.ts";
import { roleDetail } from "./iam/answers.ts";
import { iamPage } from "./iam/iam-page.ts";
import { instanceProfileOperations } from "./iam/instance-profiles.ts";
import { managedPolicy } from "./iam/managed-policies.ts";
import { rolePolicyOperations } from "./iam/role-policies.ts";
import { roleOperations } from "./iam/roles.ts";
import { serviceLinkedRoleOperations } from "./iam/service-linked-roles.ts";
import { newState, type RoleRecord } from "./iam/state.ts";
import { listOf, type PolicyDocument, parsePolicy } from "./policy-document.ts";
import { type Place, regional } from "./regions.ts";

/** What other services ask of IAM. Roles have no entry in the tagging API, so this service answers no taggables. */
export interface Iam extends Service {
  /** The unique id of the role that now has this ARN; undefined where none has. */
  roleId(arn: string): string | undefined;
  /** Whether a service that is handed this role could assume it now. */
  passable(roleArn: string, servicePrincipal: string): Passable;
  /** By name or ARN; undefined where there is none, or where the world lags and it is too new to be seen everywhere. */
  instanceProfile(account: string, nameOrArn: string): InstanceProfileView | undefined;
  /** All that a role is allowed and denied, inline and attached. Empty where there is no such role. */
  policiesOf(roleArn: string): PolicyDocument[];
}

/** `settling`: the role is there, but too new for other services where the world lags. */
export type Passable = "yes" | "absent" | "untrusted" | "settling";

export interface InstanceProfileView {
  readonly arn: string;
  readonly name: string;
  readonly id: string;
  readonly roleArn: string | undefined;
}

/** How long other services do not see what is new, where the world lags. Seen on AWS: 5 to 10 seconds. */
const SETTLE_MS = 8000;

export function createIam(world: World): Iam {
  const states = regional(newState);
  // IAM has no regions: whatever region a request was signed for, it meets the one state of its account.
  const stateOf = ({ account }: Pick<Place, "account">) => states.in({ account, region: "aws-global" });
  const settled = (createdAtMs: number) => !world.lags || world.now() >= createdAtMs + SETTLE_MS;
  const roleByArn = (arn: string): RoleRecord | undefined => {
    const parsed = parseArn(arn);
    if (parsed?.service !== "iam" || !parsed.resource.startsWith("role/")) return undefined;
    const role = stateOf(parsed).roles.get(parsed.resource.slice(parsed.resource.lastIndexOf("/") + 1).toLowerCase());
    return role?.arn === arn ? role : undefined;
  };

  return {
    id: "iam",
    state: states,
    operations: {
      ...roleOperations(stateOf, world),
      ...rolePolicyOperations(stateOf),
      ...instanceProfileOperations(stateOf, world),
      ...serviceLinkedRoleOperations(stateOf, world),
      // Users, groups and policies of one's own do not exist here, so what is not a role is an empty list.
      GetAccountAuthorizationDetails(input: api.GetAccountAuthorizationDetailsCommandInput, call: Call) {
        const state = stateOf(call);
        const roles = input.Filter === undefined || input.Filter.includes("Role") ? state.roles.values() : [];
        const { items, ...page } = iamPage(roles, (role) => role.name, input);
        const RoleDetailList = items.map((role) => roleDetail(state, role));
        return { RoleDetailList, UserDetailList: [], GroupDetailList: [], Policies: [], ...page };
      },
    },

    roleId: (arn) => roleByArn(arn)?.id,
    passable(arn, principal) {
      const role = roleByArn(arn);
      if (role === undefined) return "absent";
      if (!trusts(role, principal)) return "untrusted";
      return settled(role.createdAtMs) ? "yes" : "settling";
    },
    instanceProfile(account, nameOrArn) {
      const name = nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);
      const profile = stateOf({ account }).profiles.get(name.toLowerCase());
      if (profile === undefined || !settled(profile.createdAtMs)) return undefined;
      if (nameOrArn !== name && nameOrArn !== profile.arn) return undefined;
      return { arn: profile.arn, name: profile.name, id: profile.id, roleArn: profile.role?.arn };
    },
    policiesOf(arn) {
      const role = roleByArn(arn);
      if (role === undefined) return [];
      const texts = [...role.inline.values(), ...[...role.attached].map((policy) => managedPolicy(policy).document)];
      return texts.map((text) => parsePolicy(text, "identity") as PolicyDocument);
    },
  };
}

/** Conditions of the trust are not judged here: what they speak of is known only when the role is assumed. */
function trusts(role: RoleRecord, principal: string): boolean {
  const trust = parsePolicy(role.trust, "trust") as PolicyDocument;
  return trust.Statement.some(
    ({ Effect, Principal }) =>
      Effect === "Allow" && (Principal === "*" || listOf(Principal?.Service).includes(principal)),
  );
}
