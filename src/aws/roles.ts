/**
 * IAM roles, read together: one listing of the account answers for every role with its trust, inline policies,
 * attachments and tags (GetAccountAuthorizationDetails). IAM has no other batch form, and the tagging API knows no roles.
 */
import {
  GetRoleCommand,
  GetRolePolicyCommand,
  paginateGetAccountAuthorizationDetails,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  paginateListRoles,
  type Role,
  type RoleDetail,
} from "@aws-sdk/client-iam";
import type { Tags } from "../core/owner.ts";
import { type Policy, readPolicy } from "../core/policy.ts";
import type { Clock } from "../core/ports.ts";
import type { Pass } from "../core/resource.ts";
import type { Clients } from "./clients.ts";
import { orUndefined } from "./errors.ts";
import { createListing } from "./seats.ts";
import { BATCH_MAX_AGE_MS, tagsOf } from "./tags.ts";

export interface RoleDetails {
  readonly arn: string;
  readonly trust: Policy | undefined;
  /** Inline policies by name. */
  readonly inline: Readonly<Record<string, Policy>>;
  /** ARNs of managed policies. */
  readonly attached: readonly string[];
  readonly tags: Tags;
}

export interface RoleReader {
  /** A fresh pass asks for this one role alone. */
  get(name: string, pass: Pass): Promise<RoleDetails | undefined>;
  /** ARN of the role under a path of its own (`/aws-service-role/ecs.amazonaws.com/`), whatever its name. */
  under(path: string, pass: Pass): Promise<string | undefined>;
  /** Names and tags of all roles of the account. */
  all(pass: Pass): Promise<readonly { readonly name: string; readonly tags: Tags }[]>;
  /** After a write of ours: the role is asked for alone until a later listing has it. */
  forget(name: string): void;
}

/** "Not there": the name that the model has, and the one that is sent. */
export const NO_SUCH_ENTITY = ["NoSuchEntityException", "NoSuchEntity"] as const;

export function createRoleReader(deps: { clients: Pick<Clients, "iam">; clock: Clock }): RoleReader {
  const { iam } = deps.clients;
  const { clock } = deps;
  const writtenAt = new Map<string, number>();

  const listing = createListing({
    clock,
    maxAgeMs: BATCH_MAX_AGE_MS,
    async load() {
      const at = clock.monotonic();
      const roles = new Map<string, RoleDetail>();
      const pages = paginateGetAccountAuthorizationDetails({ client: iam, pageSize: 1_000 }, { Filter: ["Role"] });
      for await (const page of pages) {
        for (const role of page.RoleDetailList ?? []) roles.set(keyed(role.RoleName ?? ""), role);
      }
      for (const [name, written] of writtenAt) if (written < at) writtenAt.delete(name);
      return { at, roles };
    },
  });

  async function alone(name: string, pass: Pass): Promise<RoleDetails | undefined> {
    const answers = Promise.all([
      iam.send(new GetRoleCommand({ RoleName: name }), { abortSignal: pass.signal }),
      inlinePolicies(name, pass),
      attachedPolicies(name, pass),
    ]);
    const [answer, inline, attached] = (await orUndefined(answers, ...NO_SUCH_ENTITY)) ?? [];
    return answer?.Role && inline && attached ? details(answer.Role, inline, attached) : undefined;
  }

  async function inlinePolicies(RoleName: string, pass: Pass): Promise<NamedPolicy[]> {
    const options = { abortSignal: pass.signal };
    const names: string[] = [];
    for await (const page of paginateListRolePolicies({ client: iam }, { RoleName }, options)) {
      names.push(...(page.PolicyNames ?? []));
    }
    return Promise.all(
      names.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }), options)),
    );
  }

  async function attachedPolicies(RoleName: string, pass: Pass): Promise<AttachedPolicy[]> {
    const attached: AttachedPolicy[] = [];
    const options = { abortSignal: pass.signal };
    for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName }, options)) {
      attached.push(...(page.AttachedPolicies ?? []));
    }
    return attached;
  }

  return {
    async get(name, pass) {
      if (pass.fresh) return alone(name, pass);
      const { at, roles } = await listing.get(false);
      if ((writtenAt.get(keyed(name)) ?? Number.NEGATIVE_INFINITY) >= at) return alone(name, pass);
      const role = roles.get(keyed(name));
      return role && details(role, role.RolePolicyList, role.AttachedManagedPolicies);
    },
    async under(path, pass) {
      if (!pass.fresh) {
        const { roles } = await listing.get(false);
        const known = [...roles.values()].find((role) => role.Path === path);
        if (known) return known.Arn;
      }
      for await (const page of paginateListRoles({ client: iam }, { PathPrefix: path }, { abortSignal: pass.signal })) {
        if (page.Roles?.[0]) return page.Roles[0].Arn;
      }
      return undefined;
    },
    async all(pass) {
      const { roles } = await listing.get(pass.fresh);
      return [...roles.values()].map((role) => ({ name: role.RoleName ?? "", tags: tagsOf(role.Tags) }));
    },
    forget(name) {
      writtenAt.set(keyed(name), clock.monotonic());
    },
  };
}

/** Upper and lower case make no two names in IAM. */
const keyed = (name: string): string => name.toLowerCase();

interface NamedPolicy {
  readonly PolicyName?: string | undefined;
  readonly PolicyDocument?: string | undefined;
}

interface AttachedPolicy {
  readonly PolicyArn?: string | undefined;
}

const details = (
  role: Role | RoleDetail,
  inline: readonly NamedPolicy[] = [],
  attached: readonly AttachedPolicy[] = [],
): RoleDetails => ({
  arn: role.Arn ?? "",
  trust: readPolicy(role.AssumeRolePolicyDocument),
  inline: Object.fromEntries(
    inline.map(({ PolicyName = "", PolicyDocument }) => [PolicyName, readPolicy(PolicyDocument) ?? NOTHING]),
  ),
  attached: attached.map(({ PolicyArn = "" }) => PolicyArn),
  tags: tagsOf(role.Tags),
});

const NOTHING: Policy = { Version: "2012-10-17", Statement: [] };
