/** IAM roles. Those that we created are owned whole; of an adopted one, or one made by hand, only what is missing counts. */
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  PutRolePolicyCommand,
  paginateListInstanceProfilesForRole,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { is, orUndefined } from "../aws/errors.ts";
import { NO_SUCH_ENTITY, type RoleDetails } from "../aws/roles.ts";
import { tagList } from "../aws/tags.ts";
import { field } from "../core/compare.ts";
import { Kept } from "../core/failure.ts";
import { inventoried, isAdopted, isOurs, tagChanges } from "../core/owner.ts";
import { mergedPolicy, type Policy, samePolicy } from "../core/policy.ts";
import { uncovered } from "../core/policy-cover.ts";
import type { Change, Pass, Resource } from "../core/resource.ts";
import { entryChanges, touches, writeTags } from "./changes.ts";
import { isOfOtherRegion, isOfRegion, isOursHere, otherRegions, regionTag } from "./region-tags.ts";

export const roleSchema = z.strictObject({
  /** IAM path, for instance `/actions/`. Written at birth, never compared: a role made by hand may stand elsewhere. */
  path: z.string(),
  trust: z.custom<Policy>(),
  /** Inline policies by name. One that ends with another region's name belongs to that region, if the role serves it. */
  inline: z.record(z.string(), z.custom<Policy>()),
  /** ARNs of managed policies. */
  attached: z.array(z.string()),
  tags: z.record(z.string(), z.string()),
});
export type RoleSpec = z.infer<typeof roleSchema>;

export interface RoleActual extends RoleDetails {
  /** Does it carry our owner tag? */
  readonly ours: boolean;
}

export function role(aws: Aws): Resource<RoleSpec, RoleActual> {
  const { iam } = aws.clients;

  return {
    kind: "role",
    schema: roleSchema,

    async read(name, pass) {
      const details = await aws.roles.get(name, pass);
      if (!details) return { is: "absent" };
      const ours = isOurs(details.tags, pass.owner);
      return { is: ours ? "owned" : "foreign", actual: { ...details, ours } };
    },

    diff(spec, actual) {
      const changes = othersStay(spec, actual) ? missing(spec, actual) : different(spec, actual);
      return [...changes, ...tagChanges(spec.tags, actual.tags)];
    },

    async create(RoleName, spec, pass) {
      const options = { abortSignal: pass.signal };
      const AssumeRolePolicyDocument = JSON.stringify(spec.trust);
      aws.roles.forget(RoleName);
      try {
        await iam.send(
          new CreateRoleCommand({ RoleName, Path: spec.path, AssumeRolePolicyDocument, Tags: tagList(spec.tags) }),
          options,
        );
      } catch (error) {
        // It may be someone else's: nothing more is written before the next read has judged.
        if (is(error, "EntityAlreadyExists", "EntityAlreadyExistsException")) return;
        throw error;
      }
      await Promise.all([
        ...Object.entries(spec.inline).map(([PolicyName, document]) =>
          iam.send(
            new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: JSON.stringify(document) }),
            options,
          ),
        ),
        ...spec.attached.map((PolicyArn) => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }), options)),
      ]);
      aws.roles.forget(RoleName);
    },

    async update(RoleName, spec, actual, changes, pass) {
      const options = { abortSignal: pass.signal };
      aws.roles.forget(RoleName);
      // Others' statements are merged into what is written, so they must be as they are now.
      const others = othersStay(spec, actual) ? await aws.roles.get(RoleName, { ...pass, fresh: true }) : undefined;
      if (touches(changes, "trust")) {
        const PolicyDocument = JSON.stringify(others ? mergedPolicy(spec.trust, others.trust) : spec.trust);
        await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }), options);
      }
      const writePolicy = async (PolicyName: string) => {
        const want = spec.inline[PolicyName];
        if (!want) {
          const gone = iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }), options);
          return orUndefined(gone, ...NO_SUCH_ENTITY);
        }
        const PolicyDocument = JSON.stringify(others ? mergedPolicy(want, others.inline[PolicyName]) : want);
        return iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }), options);
      };
      const writeAttachment = (PolicyArn: string) =>
        spec.attached.includes(PolicyArn)
          ? iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }), options)
          : orUndefined(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }), options), ...NO_SUCH_ENTITY);
      await Promise.all([
        ...entriesIn(changes, "inline").map(writePolicy),
        ...entriesIn(changes, "attached").map(writeAttachment),
      ]);
      await writeTags(changes, {
        set: (tags) => iam.send(new TagRoleCommand({ RoleName, Tags: tagList(tags) }), options),
        remove: (TagKeys) => iam.send(new UntagRoleCommand({ RoleName, TagKeys }), options),
      });
      aws.roles.forget(RoleName);
    },

    async delete(RoleName, _actual, pass) {
      const options = { abortSignal: pass.signal };
      aws.roles.forget(RoleName);
      const [standing, profiles] = await Promise.all([
        aws.roles.get(RoleName, { ...pass, fresh: true }),
        profilesWith(RoleName, pass),
      ]);
      if (!standing) return;
      const regions = otherRegions(standing.tags, pass);
      const gone = (call: Promise<unknown>) => orUndefined(call, ...NO_SUCH_ENTITY);
      const withoutPolicies = (names: readonly string[]) =>
        names.map((PolicyName) => gone(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }), options)));
      if (regions.length > 0) {
        // The tag goes last: without it, the other regions would take what is left of ours for an intruder's.
        await Promise.all(
          withoutPolicies(Object.keys(standing.inline).filter((name) => isOfRegion(name, pass.account.region))),
        );
        await iam.send(new UntagRoleCommand({ RoleName, TagKeys: [regionTag(pass)] }), options);
        throw new Kept(`used in ${regions.join(", ")}`);
      }
      // DeleteConflict otherwise: a role goes only when nothing hangs on it.
      await Promise.all([
        ...profiles.map((InstanceProfileName) =>
          gone(iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }), options)),
        ),
        ...standing.attached.map((PolicyArn) =>
          gone(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }), options)),
        ),
        ...withoutPolicies(Object.keys(standing.inline)),
      ]);
      await gone(iam.send(new DeleteRoleCommand({ RoleName }), options));
      aws.roles.forget(RoleName);
    },

    async *list(pass) {
      for (const { name, tags } of await aws.roles.all(pass)) {
        if (isOursHere(name, tags, pass)) yield inventoried(name, tags);
      }
    },
  };

  async function profilesWith(RoleName: string, pass: Pass): Promise<string[]> {
    const names: string[] = [];
    const pages = paginateListInstanceProfilesForRole({ client: iam }, { RoleName }, { abortSignal: pass.signal });
    try {
      for await (const page of pages) {
        names.push(...(page.InstanceProfiles ?? []).map((one) => one.InstanceProfileName ?? ""));
      }
    } catch (error) {
      if (!is(error, ...NO_SUCH_ENTITY)) throw error;
    }
    return names;
  }
}

const othersStay = (spec: RoleSpec, actual: RoleActual): boolean =>
  !actual.ours || isAdopted(spec.tags) || isAdopted(actual.tags);

/** Of a role that we created: whatever is not exactly as wanted. A principal that reads as AROA… was deleted: that differs. */
function different(spec: RoleSpec, { trust, inline, attached, tags }: RoleActual): Change[] {
  const here = Object.entries(inline).filter(([name]) => !isOfOtherRegion(name, spec.tags, tags));
  return [
    ...field("trust", spec.trust, trust, samePolicy),
    ...entryChanges("inline", spec.inline, Object.fromEntries(here), false, samePolicy),
    ...entryChanges("attached", byArn(spec.attached), byArn(attached), false),
  ];
}

/** Of any other role: what the wanted policies allow and its own do not. */
function missing(spec: RoleSpec, { trust, inline, attached }: RoleActual): Change[] {
  const lacking = (path: string, want: Policy, standing: Policy | undefined, all: readonly Policy[]): Change[] => {
    const statements = uncovered(want, all);
    return statements.length > 0 ? [{ path, want: statements, have: standing ?? null }] : [];
  };
  return [
    ...lacking("trust", spec.trust, trust, trust ? [trust] : []),
    ...Object.entries(spec.inline).flatMap(([name, want]) =>
      lacking(`inline.${name}`, want, inline[name], Object.values(inline)),
    ),
    ...entryChanges("attached", byArn(spec.attached), byArn(attached), true),
  ];
}

/** One entry an attachment, so that a change names the one that is missing or too many. */
const byArn = (arns: readonly string[]): Record<string, string> => Object.fromEntries(arns.map((arn) => [arn, arn]));

/** Names of the entries of a map that the changes are about. */
const entriesIn = (changes: readonly Change[], path: string): string[] =>
  changes.filter((change) => change.path.startsWith(`${path}.`)).map((change) => change.path.slice(path.length + 1));
