/** EC2 instance profiles: hold exactly one role. */
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  paginateListInstanceProfiles,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  UntagInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { is, orUndefined } from "../aws/errors.ts";
import { NO_SUCH_ENTITY } from "../aws/roles.ts";
import { tagList, tagsOf } from "../aws/tags.ts";
import { field } from "../core/compare.ts";
import { Kept } from "../core/failure.ts";
import { inventoried, isOurs, type Tags, tagChanges } from "../core/owner.ts";
import type { Pass, Resource } from "../core/resource.ts";
import { touches, writeTags } from "./changes.ts";
import { isOursHere, otherRegions, regionTag } from "./region-tags.ts";

export const instanceProfileSchema = z.strictObject({
  /** IAM path; written at birth, never compared. */
  path: z.string(),
  /** Name of the one role it holds. */
  role: z.string(),
  tags: z.record(z.string(), z.string()),
});
export type InstanceProfileSpec = z.infer<typeof instanceProfileSchema>;

export interface InstanceProfileActual {
  readonly id: string;
  readonly arn: string;
  /** null: it holds none. */
  readonly role: string | null;
  readonly tags: Tags;
}

export function instanceProfile(aws: Aws): Resource<InstanceProfileSpec, InstanceProfileActual> {
  const { iam } = aws.clients;
  /** Profiles found to be others': asked once, since an account may hold a thousand and IAM tells tags one by one. */
  const others = new Set<string>();

  const find = async (name: string, pass: Pass): Promise<InstanceProfileActual | undefined> => {
    const answer = await orUndefined(
      iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }), { abortSignal: pass.signal }),
      ...NO_SUCH_ENTITY,
    );
    const profile = answer?.InstanceProfile;
    return (
      profile && {
        id: profile.InstanceProfileId ?? "",
        arn: profile.Arn ?? "",
        role: profile.Roles?.[0]?.RoleName ?? null,
        tags: tagsOf(profile.Tags),
      }
    );
  };

  const hold = (InstanceProfileName: string, RoleName: string, pass: Pass) =>
    orUndefined(
      iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }), { abortSignal: pass.signal }),
      // It holds a role already, be it by an attempt whose answer was lost: the next read judges.
      "LimitExceeded",
      "LimitExceededException",
    );

  const letGo = (InstanceProfileName: string, RoleName: string, pass: Pass) =>
    orUndefined(
      iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }), {
        abortSignal: pass.signal,
      }),
      ...NO_SUCH_ENTITY,
    );

  return {
    kind: "instance-profile",
    schema: instanceProfileSchema,

    async read(name, pass) {
      const actual = await find(name, pass);
      if (!actual) return { is: "absent" };
      return { is: isOurs(actual.tags, pass.owner) ? "owned" : "foreign", actual };
    },

    diff(spec, actual) {
      return [...field("role", spec.role, actual.role), ...tagChanges(spec.tags, actual.tags)];
    },

    async create(name, spec, pass) {
      try {
        await iam.send(
          new CreateInstanceProfileCommand({ InstanceProfileName: name, Path: spec.path, Tags: tagList(spec.tags) }),
          { abortSignal: pass.signal },
        );
      } catch (error) {
        // It may be someone else's: nothing more is written before the next read has judged.
        if (is(error, "EntityAlreadyExists", "EntityAlreadyExistsException")) return;
        throw error;
      }
      await hold(name, spec.role, pass);
    },

    async update(name, spec, actual, changes, pass) {
      const options = { abortSignal: pass.signal };
      if (touches(changes, "role")) {
        // A profile holds one role at most (LimitExceeded otherwise).
        if (actual.role !== null) await letGo(name, actual.role, pass);
        await hold(name, spec.role, pass);
      }
      await writeTags(changes, {
        set: (tags) =>
          iam.send(new TagInstanceProfileCommand({ InstanceProfileName: name, Tags: tagList(tags) }), options),
        remove: (TagKeys) => iam.send(new UntagInstanceProfileCommand({ InstanceProfileName: name, TagKeys }), options),
      });
      others.delete(actual.id);
    },

    async delete(name, _actual, pass) {
      const options = { abortSignal: pass.signal };
      const standing = await find(name, pass);
      if (!standing) return;
      const regions = otherRegions(standing.tags, pass);
      if (regions.length > 0) {
        const TagKeys = [regionTag(pass)];
        await iam.send(new UntagInstanceProfileCommand({ InstanceProfileName: name, TagKeys }), options);
        throw new Kept(`used in ${regions.join(", ")}`);
      }
      if (standing.role !== null) await letGo(name, standing.role, pass);
      await orUndefined(
        iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: name }), options),
        ...NO_SUCH_ENTITY,
      );
    },

    async *list(pass) {
      const candidates: string[] = [];
      for await (const page of paginateListInstanceProfiles({ client: iam }, {}, { abortSignal: pass.signal })) {
        for (const { InstanceProfileId = "", InstanceProfileName = "" } of page.InstanceProfiles ?? []) {
          if (!others.has(InstanceProfileId)) candidates.push(InstanceProfileName);
        }
      }
      const found = await Promise.all(candidates.map(async (name) => ({ name, actual: await find(name, pass) })));
      for (const { name, actual } of found) {
        if (!actual) continue;
        if (!isOurs(actual.tags, pass.owner)) others.add(actual.id);
        else if (isOursHere(name, actual.tags, pass)) yield inventoried(name, actual.tags);
      }
    },
  };
}
